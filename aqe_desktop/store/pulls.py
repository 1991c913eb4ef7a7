"""Downloads that were begun and neither finished nor given up: after a restart they are offered again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from aqe_desktop.core.models import ModelRef
from aqe_desktop.store.rows import select, storable, tolerated

if TYPE_CHECKING:
    import apsw

    from aqe_desktop.store.database import Database


class PullStore:
    """Implements core.ports.PullsKept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[ModelRef]:
        return await self._database.read(_all)

    async def add(self, model: ModelRef) -> None:
        """One that is there keeps its place."""
        await self._database.write(lambda connection: _add(connection, model))

    async def remove(self, model: ModelRef) -> None:
        """One that is not there is removed already."""
        await self._database.write(lambda connection: _remove(connection, model))


def _all(connection: apsw.Connection) -> list[ModelRef]:
    rows = select(connection, "SELECT model FROM pulls ORDER BY begun, model")
    found = (tolerated(text, ModelRef.parse, "a pull", "model") for (text,) in rows)
    return [model for model in found if model is not None]


def _add(connection: apsw.Connection, model: ModelRef) -> None:
    values = (storable(str(model)), int(time.time() * 1000))
    connection.execute("INSERT OR IGNORE INTO pulls (model, begun) VALUES (?, ?)", values)


def _remove(connection: apsw.Connection, model: ModelRef) -> None:
    connection.execute("DELETE FROM pulls WHERE model = ?", (storable(str(model)),))
