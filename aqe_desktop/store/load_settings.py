"""The load settings of each model. Reading is tolerant: a broken one counts as left to the engine, and is logged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aqe_desktop.core.load_checks import KNOWN, checked, chosen
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import ModelRef
from aqe_desktop.store.rows import select, storable, tolerated

if TYPE_CHECKING:
    import apsw

    from aqe_desktop.store.database import Database

_WHERE = "load settings"


class LoadSettingsStore:
    """Implements core.ports.LoadSettingsKept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, model: ModelRef) -> LoadSettings:
        return await self._database.read(lambda connection: _get(connection, storable(str(model))))

    async def save(self, model: ModelRef, settings: LoadSettings) -> None:
        """All defaults leave no row."""
        text = storable(json.dumps(chosen(settings), ensure_ascii=False))
        await self._database.write(lambda connection: _save(connection, storable(str(model)), text))


def _get(connection: apsw.Connection, model: str) -> LoadSettings:
    rows = select(connection, "SELECT settings FROM load_settings WHERE model = ?", (model,))
    return _settings_from(rows[0][0]) if rows else LoadSettings()


def _settings_from(text: str) -> LoadSettings:
    """What a newer version has written besides is left out."""
    stored = tolerated(text, _object, _WHERE, "settings") or {}
    read = {name: _value(name, value) for name, value in stored.items() if name in KNOWN}
    return LoadSettings(**{name: value for name, value in read.items() if value is not None})


def _value(name: str, stored: Any) -> Any:
    return tolerated(stored, lambda value: checked(name, value), _WHERE, name)


def _object(text: str) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise TypeError(type(found).__name__)
    return found


def _save(connection: apsw.Connection, model: str, text: str) -> None:
    connection.execute("DELETE FROM load_settings WHERE model = ?", (model,))
    if text != "{}":
        connection.execute("INSERT INTO load_settings (model, settings) VALUES (?, ?)", (model, text))
