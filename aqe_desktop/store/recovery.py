"""Answers that a crash cut off: still marked as streaming, while the process that wrote them is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from aqe_desktop.core.history import StoredMessage
from aqe_desktop.store.rows import select
from aqe_desktop.store.tree import message

if TYPE_CHECKING:
    import apsw

Alive = Callable[[str | None], bool]


def orphaned(connection: apsw.Connection, alive: Alive) -> list[str | None]:
    """The writers that are gone and have left an answer behind."""
    rows = select(connection, "SELECT DISTINCT writer FROM messages WHERE state = 'streaming'")
    return [writer for (writer,) in rows if not alive(writer)]


def cut(connection: apsw.Connection, alive: Alive) -> list[StoredMessage]:
    """Mark their answers, and return those that are not in a deleted conversation. Of two callers one gets each."""
    numbers: list[int] = []
    for writer in orphaned(connection, alive):
        rows = select(
            connection,
            """UPDATE messages SET state = 'cut', writer = NULL WHERE state = 'streaming' AND writer IS ?
            RETURNING id, (SELECT deleted FROM conversations c WHERE c.id = conversation)""",
            (writer,),
        )
        numbers += [number for number, deleted in rows if deleted is None]
    return [message(connection, number) for number in sorted(numbers)]
