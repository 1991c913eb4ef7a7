"""A project's own words: code names and customers that no rule could know, kept with the user's data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aqe_desktop.core.policy import OwnWord
from aqe_desktop.store.rows import select, storable
from aqe_desktop.store.shelf import now

if TYPE_CHECKING:
    import apsw

    from aqe_desktop.store.database import Database


class WordStore:
    """Own words by project, the real path of its folder. Methods raise StorageFailed or a kind of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def words(self, projects: Sequence[str]) -> tuple[OwnWord, ...]:
        """Those of any of these projects, in the order of their names."""
        keys = tuple(map(storable, projects))
        return await self._database.read(lambda c: _of(c, keys))

    async def add(self, project: str, word: str) -> None:
        """One that is there, in upper or lower case, is replaced."""
        row = (storable(project), storable(word), now())
        await self._database.write(lambda c: _add(c, row))

    async def remove(self, project: str, word: str) -> bool:
        """Whether it was there."""
        row = (storable(project), storable(word))
        return await self._database.write(lambda c: _remove(c, row))


def _of(connection: apsw.Connection, projects: tuple[str, ...]) -> tuple[OwnWord, ...]:
    marks = ", ".join("?" * len(projects))
    query = f"SELECT word, project FROM own_words WHERE project IN ({marks}) ORDER BY project, word"  # noqa: S608
    return tuple(OwnWord(word, project) for word, project in select(connection, query, projects))


def _add(connection: apsw.Connection, row: tuple[str, str, int]) -> None:
    connection.execute("INSERT OR REPLACE INTO own_words VALUES (?, ?, ?)", row)


def _remove(connection: apsw.Connection, row: tuple[str, str]) -> bool:
    connection.execute("DELETE FROM own_words WHERE project = ? AND word = ?", row)
    return bool(connection.changes())
