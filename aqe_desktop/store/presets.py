"""Named sets of parameters; the three that come with the first migration are rows like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aqe_desktop.core.chat import Parameters
from aqe_desktop.core.errors import UsageError
from aqe_desktop.store.rows import parameters_from, parameters_to, select, storable

if TYPE_CHECKING:
    import apsw

    from aqe_desktop.store.database import Database


class PresetStore:
    """Presets by name, upper and lower case the same. Methods raise StorageFailed or a kind of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self) -> dict[str, Parameters]:
        """In the order in which they were first saved."""
        return await self._database.read(_all)

    async def save(self, name: str, parameters: Parameters) -> None:
        """Add or overwrite. Raises UsageError for a name of nothing but spaces."""
        name = storable(name.strip())
        if not name:
            raise UsageError("A preset needs a name.", "Type one and save again.")
        await self._database.write(lambda c: _save(c, name, parameters))

    async def remove(self, name: str) -> None:
        """One that is not there is removed already."""
        key = storable(name.strip())
        await self._database.write(lambda c: _remove(c, key))


def _all(connection: apsw.Connection) -> dict[str, Parameters]:
    rows = select(connection, "SELECT name, parameters FROM presets ORDER BY rowid")
    return {name: parameters_from(text, f"preset {place}") for place, (name, text) in enumerate(rows)}


def _save(connection: apsw.Connection, name: str, parameters: Parameters) -> None:
    connection.execute(
        """INSERT INTO presets (name, parameters) VALUES (?, ?)
        ON CONFLICT DO UPDATE SET name = excluded.name, parameters = excluded.parameters""",
        (name, parameters_to(parameters)),
    )


def _remove(connection: apsw.Connection, name: str) -> None:
    connection.execute("DELETE FROM presets WHERE name = ?", (name,))
