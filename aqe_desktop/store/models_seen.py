"""The models that each runtime had last, kept so that a list is there before the first runtime has answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aqe_desktop.core.models import Capability, Model, ModelRef, SeenModels
from aqe_desktop.store.rows import select, storable, tolerated
from aqe_desktop.store.used import last_speeds

if TYPE_CHECKING:
    import apsw

    from aqe_desktop.store.database import Database


class ModelsSeenStore:
    """Implements core.ports.ModelsSeen. Reading is tolerant: a row that cannot be read is one that was never kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Mapping[str, SeenModels]:
        return await self._database.read(_all)

    async def keep(self, runtime: str, seen: SeenModels) -> None:
        await self._database.write(lambda connection: _keep(connection, runtime, seen))

    async def speeds(self) -> Mapping[ModelRef, float]:
        return await self._database.read(last_speeds)


def _all(connection: apsw.Connection) -> dict[str, SeenModels]:
    rows = select(connection, "SELECT runtime, seen, address, models FROM models_seen")
    return {runtime: SeenModels(seen, address, _models(text, runtime)) for runtime, seen, address, text in rows}


def _keep(connection: apsw.Connection, runtime: str, seen: SeenModels) -> None:
    told = json.dumps([_written(model) for model in seen.models if _is_text(model.ref)])
    connection.execute(
        "INSERT OR REPLACE INTO models_seen (runtime, seen, address, models) VALUES (?, ?, ?, ?)",
        (runtime, seen.seen, storable(seen.address), told),
    )


def _is_text(ref: ModelRef) -> bool:
    """A name of bytes that are no text could not be found again."""
    return storable(str(ref)) == str(ref)


def _written(model: Model) -> dict[str, Any]:
    return {
        **asdict(model),
        "ref": str(model.ref),
        "file": None if model.file is None else str(model.file),
        "files": [str(each) for each in model.files],
        "folder": None if model.folder is None else str(model.folder),
        "capabilities": [str(each) for each in model.capabilities],
    }


def _models(text: str, runtime: str) -> tuple[Model, ...]:
    where = f"models seen of {runtime}"
    rows = tolerated(text, _list, where, "models") or []
    found = (tolerated(row, _model, where, "model") for row in rows)
    return tuple(model for model in found if model is not None)


def _list(text: str) -> list[Any]:
    told = json.loads(text)
    if not isinstance(told, list):
        raise TypeError(type(told).__name__)
    return told


def _model(row: dict[str, Any]) -> Model:
    """Raises TypeError or ValueError for a row that says something else than a model does."""
    kept = {name: _checked(row[name], kind) for name, kind in _PLAIN.items() if name in row}
    special = {name: read(row[name]) for name, read in _SPECIAL.items() if name in row}
    return Model(**kept, **special)


def _checked(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(type(value).__name__)
    return value


def _paths(values: Any) -> tuple[Path, ...]:
    return tuple(Path(each) for each in _checked(values, list))


def _known_capabilities(values: Any) -> tuple[Capability, ...]:
    known = frozenset(Capability)
    return tuple(Capability(each) for each in _checked(values, list) if each in known)


_PLAIN: dict[str, type] = {
    **dict.fromkeys(
        ("name", "quantization", "note", "sha256", "architecture", "licence", "remote", "digest"),
        str,
    ),
    **dict.fromkeys(("size", "context", "parameters", "modified"), int),
}
_SPECIAL: dict[str, Callable[[Any], Any]] = {
    "ref": lambda text: ModelRef.parse(_checked(text, str)),
    "file": lambda path: None if path is None else Path(path),
    "files": _paths,
    "folder": lambda path: None if path is None else Path(path),
    "capabilities": _known_capabilities,
}
