"""What the user called not private, by the keyed hash of the value: this database tells nobody what it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aqe_desktop.core.findings import Dismissal
from aqe_desktop.store.rows import select, storable

if TYPE_CHECKING:
    import apsw

    from aqe_desktop.store.database import Database

_ALL = "SELECT project, kind, mark, made FROM dismissals"
_NEWEST = "ORDER BY made DESC, mark"


class DismissalStore:
    """Dismissals by project. Methods raise StorageFailed or a kind of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def marks(self, project: str) -> frozenset[str]:
        """The keyed hashes of a project, and of no other."""
        key = storable(project)
        return await self._database.read(lambda c: _marks(c, key))

    async def add(self, dismissal: Dismissal) -> None:
        """One that is there stays as it was made."""
        await self._database.write(lambda c: _add(c, dismissal))

    async def remove(self, project: str, mark: str) -> bool:
        """Whether it was there."""
        key = storable(project)
        return await self._database.write(lambda c: _remove(c, key, mark))

    async def list(self, project: str | None = None) -> Sequence[Dismissal]:
        """Newest first; without a project all."""
        key = None if project is None else storable(project)
        return await self._database.read(lambda c: _list(c, key))


def _marks(connection: apsw.Connection, project: str) -> frozenset[str]:
    return frozenset(
        mark for (mark,) in select(connection, "SELECT mark FROM dismissals WHERE project = ?", (project,))
    )


def _add(connection: apsw.Connection, dismissal: Dismissal) -> None:
    row = (storable(dismissal.project), dismissal.mark, storable(dismissal.kind), dismissal.made)
    connection.execute("INSERT OR IGNORE INTO dismissals (project, mark, kind, made) VALUES (?, ?, ?, ?)", row)


def _remove(connection: apsw.Connection, project: str, mark: str) -> bool:
    connection.execute("DELETE FROM dismissals WHERE project = ? AND mark = ?", (project, mark))
    return bool(connection.changes())


def _list(connection: apsw.Connection, project: str | None) -> tuple[Dismissal, ...]:
    where, values = ("", ()) if project is None else ("WHERE project = ?", (project,))
    rows = select(connection, f"{_ALL} {where} {_NEWEST}", values)
    return tuple(Dismissal(*row) for row in rows)
