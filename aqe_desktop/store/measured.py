"""What loads of a model took beside what was reckoned, so that the next plan of it is nearer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aqe_desktop.core.plan import Measured
from aqe_desktop.store.rows import select, storable

if TYPE_CHECKING:
    import apsw

    from aqe_desktop.store.database import Database

_MOST = 50


class MeasuredStore:
    """Implements core.ports.MeasuredKept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, model: str, engine: str) -> Sequence[Measured]:
        return await self._database.read(lambda connection: _of(connection, storable(model), storable(engine)))

    async def keep(self, model: str, engine: str, settings: str, found: Measured) -> None:
        row = (storable(model), storable(engine), storable(settings), found.predicted, found.measured)
        await self._database.write(lambda connection: _keep(connection, row))


def _of(connection: apsw.Connection, model: str, engine: str) -> list[Measured]:
    sql = "SELECT predicted, measured FROM measured_memory WHERE model = ? AND engine = ? ORDER BY settings LIMIT ?"
    return [Measured(predicted, measured) for predicted, measured in select(connection, sql, (model, engine, _MOST))]


def _keep(connection: apsw.Connection, row: tuple[str, str, str, int, int]) -> None:
    """Of several loads in the same way the largest counts: it is what the next one may take."""
    connection.execute(
        "INSERT INTO measured_memory (model, engine, settings, predicted, measured) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET predicted = excluded.predicted, measured = max(measured, excluded.measured)",
        row,
    )
