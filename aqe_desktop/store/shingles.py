"""The fingerprints of a project's private files: enough to know a paste again, too little to read a file from."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from aqe_desktop.core.project_files import Fingerprinted, Stamp
from aqe_desktop.store.rows import select, storable

if TYPE_CHECKING:
    import apsw

    from aqe_desktop.store.database import Database


class ShingleStore:
    """Fingerprints by project and path. Methods raise StorageFailed or a kind of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, project: str) -> Mapping[str, Fingerprinted]:
        """A path that UTF-8 cannot hold comes back changed, and its file is then read again."""
        key = storable(project)
        rows = await self._database.read(lambda c: _rows(c, key))
        return {path: Fingerprinted(Stamp(changed, size), _numbers(prints)) for path, changed, size, prints in rows}

    async def put(self, project: str, changed: Mapping[str, Fingerprinted], gone: Collection[str]) -> None:
        """Add or replace what changed, remove what is gone."""
        key = storable(project)
        rows = [
            (key, storable(path), each.stamp.changed, each.stamp.size, _bytes(each.prints))
            for path, each in changed.items()
        ]
        old = [(key, storable(path)) for path in gone]
        await self._database.write(lambda c: _put(c, rows, old))


def _rows(connection: apsw.Connection, project: str) -> list[tuple[Any, ...]]:
    return select(connection, "SELECT path, changed, size, prints FROM shingles WHERE project = ?", (project,))


def _put(connection: apsw.Connection, rows: list[tuple[Any, ...]], gone: list[tuple[str, str]]) -> None:
    connection.executemany("DELETE FROM shingles WHERE project = ? AND path = ?", gone)
    connection.executemany(
        "INSERT OR REPLACE INTO shingles (project, path, changed, size, prints) VALUES (?, ?, ?, ?, ?)", rows
    )


def _numbers(stored: bytes) -> array[int]:
    """A damaged row is as good as none: its odd bytes at the end are left out."""
    numbers = array("Q", stored[: len(stored) // 8 * 8])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _bytes(numbers: array[int]) -> bytes:
    kept = array("Q", numbers)
    if sys.byteorder == "big":
        kept.byteswap()
    return kept.tobytes()
