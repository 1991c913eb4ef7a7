"""What messages were made with: a private text binds what was said after it, also when its cause is gone."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from aqe_desktop.core.findings import Taint
from aqe_desktop.store.rows import select, storable

if TYPE_CHECKING:
    import apsw


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
