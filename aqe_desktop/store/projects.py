"""The folders a user works in, so that the switcher can offer them again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.history import Project
from aqe_desktop.store.rows import select, storable
from aqe_desktop.store.shelf import now

if TYPE_CHECKING:
    import apsw

    from aqe_desktop.store.database import Database


class ProjectStore:
    """Opened folders by their real path. Methods raise StorageFailed or a kind of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self) -> Sequence[Project]:
        """Newest first; a folder that has gone since stays until it is removed from the list."""
        return await self._database.read(_all)

    async def open(self, path: str) -> Project:
        """Remember the folder as opened now. Raises UsageError unless it is a folder."""
        folder = await asyncio.to_thread(_real_folder, path)
        return await self._database.write(lambda c: _open(c, folder))

    async def remove(self, path: str) -> None:
        """Forget it; the folder and its conversations stay."""
        real = await asyncio.to_thread(_real, path)
        await self._database.write(lambda c: _remove(c, {storable(path), storable(str(real))}))


def _real(path: str) -> Path:
    try:
        return Path(path).expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, no home, a NUL in the name
        raise UsageError(f"“{path}” is not the path of a folder.") from error


def _real_folder(path: str) -> str:
    folder = _real(path)
    if not _is_text(str(folder)):
        raise UsageError(f"The name {folder.name!a} is not valid UTF-8.", "Rename the folder, then open it again.")
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", "Check the path, or make the folder first.")
    return str(folder)


def _is_text(name: str) -> bool:
    """A file name may be any bytes; what is no text cannot be stored and found again."""
    return storable(name) == name


def _all(connection: apsw.Connection) -> Sequence[Project]:
    rows = select(connection, "SELECT path, name, opened FROM projects ORDER BY opened DESC, path")
    return [Project(path, name, opened) for path, name, opened in rows]


def _open(connection: apsw.Connection, path: str) -> Project:
    project = Project(path, Path(path).name or path, now())
    connection.execute(
        """INSERT INTO projects (path, name, opened) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET name = excluded.name, opened = excluded.opened""",
        (project.path, project.name, project.opened),
    )
    return project


def _remove(connection: apsw.Connection, paths: set[str]) -> None:
    connection.executemany("DELETE FROM projects WHERE path = ?", [(path,) for path in paths])
