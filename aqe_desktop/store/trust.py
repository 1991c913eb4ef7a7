"""The policy files whose loosening the user allowed: each by its real path and its very bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aqe_desktop.core.errors import UsageError
from aqe_desktop.store.rows import select, storable
from aqe_desktop.store.shelf import now

if TYPE_CHECKING:
    import apsw

    from aqe_desktop.store.database import Database


class TrustStore:
    """Trusted policy files. Methods raise StorageFailed or a kind of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def trusted(self) -> Mapping[str, str]:
        """For a file's real path the SHA-256 that is trusted."""
        return await self._database.read(_all)

    async def trust(self, path: str, sha256: str) -> None:
        """In the place of what was trusted there before. Raises UsageError for a path that cannot be kept."""
        if storable(path) != path:
            raise UsageError("The name of that folder is not valid UTF-8.", "Rename the folder, then trust it again.")
        await self._database.write(lambda c: _add(c, path, sha256))

    async def revoke(self, path: str) -> None:
        """One that is not trusted is revoked already."""
        key = storable(path)
        await self._database.write(lambda c: _remove(c, key))


def _all(connection: apsw.Connection) -> dict[str, str]:
    return dict(select(connection, "SELECT path, sha256 FROM trusted_policies"))


def _add(connection: apsw.Connection, path: str, sha256: str) -> None:
    connection.execute("INSERT OR REPLACE INTO trusted_policies VALUES (?, ?, ?)", (path, sha256, now()))


def _remove(connection: apsw.Connection, path: str) -> None:
    connection.execute("DELETE FROM trusted_policies WHERE path = ?", (path,))
