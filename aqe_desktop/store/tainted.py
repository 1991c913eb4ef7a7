"""What messages were made with: a private text binds what was said after it, also when its cause is gone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from aqe_desktop.core.findings import Taint
from aqe_desktop.core.history import Conversation
from aqe_desktop.store.rows import select, storable

if TYPE_CHECKING:
    import apsw

# Only chats that hold something private at all are walked from their end to their beginning.
_BOUND = """WITH RECURSIVE
    some (id, head, project) AS (
        SELECT c.id, c.head, coalesce(c.project, '') FROM conversations c
        WHERE c.id IN (SELECT value FROM json_each(?)) AND EXISTS (
            SELECT 1 FROM messages m JOIN taints t ON t.message = m.id WHERE m.conversation = c.id)),
    branch (conversation, project, id, parent) AS (
        SELECT some.id, some.project, m.id, m.parent FROM some JOIN messages m ON m.id = some.head
        UNION ALL
        SELECT b.conversation, b.project, m.id, m.parent FROM branch b JOIN messages m ON m.id = b.parent)
    SELECT DISTINCT b.conversation FROM branch b JOIN taints t ON t.message = b.id
    WHERE NOT EXISTS (
        SELECT 1 FROM dismissals d WHERE t.mark <> '' AND d.mark = t.mark AND d.project = b.project)"""


def add(connection: apsw.Connection, message: int, taints: Collection[Taint]) -> None:
    """One that is known already stays."""
    rows = [(message, storable(each.kind), each.mark) for each in taints]
    connection.executemany("INSERT OR IGNORE INTO taints (message, kind, mark) VALUES (?, ?, ?)", rows)


def of(connection: apsw.Connection, messages: Collection[int]) -> tuple[Taint, ...]:
    """Each once. The numbers go through JSON: a long chat has more of them than a query takes values."""
    rows = select(
        connection,
        "SELECT DISTINCT kind, mark FROM taints WHERE message IN (SELECT value FROM json_each(?)) ORDER BY kind, mark",
        (f"[{','.join(map(str, messages))}]",),
    )
    return tuple(Taint(*row) for row in rows)


def marked(connection: apsw.Connection, listed: Sequence[Conversation]) -> Sequence[Conversation]:
    """The same rows, each with whether it is bound: what was dismissed in its project binds no more."""
    numbers = f"[{','.join(str(each.id) for each in listed)}]"
    bound = {number for (number,) in select(connection, _BOUND, (numbers,))}
    return [replace(each, bound=each.id in bound) for each in listed] if bound else listed
