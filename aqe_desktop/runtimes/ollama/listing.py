"""The models of a server: its list, and what it says of each, asked once for each content and kept."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from aqe_desktop.core.errors import ProviderFailed, StorageFailed, UsageError
from aqe_desktop.core.loading import ALL, NEVER, LoadSettings
from aqe_desktop.core.models import Capability, Loaded, Model, ModelDetails, ModelRef
from aqe_desktop.machine.files import write_private
from aqe_desktop.runtimes.ollama.capabilities import Facts, facts_from, facts_of
from aqe_desktop.runtimes.ollama.places import ID, UNKNOWN
from aqe_desktop.wires.ollama import remote_of

HOST = ID
FACTS = "ollama-facts.json"
# A year that the server counts from where a model is to stay loaded.
_FOR_EVER = 2200
_AT_ONCE = 4
_NOT_SHOWN = "The server does not show whose weights these are, so it counts as another machine's."
_NOT_FOR_CHAT = "Made for embeddings: it cannot chat."
# Facts that a screen of details shows by the server's own name, and how long one may be.
_PLAIN, _LONGEST = (str, int, float, bool), 200


class Listing:
    """Remembers what was shown for each digest, in memory and in a private file; losing it costs only time.

    A digest covers where a model runs too. It is believed of the server that told it only."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._kept: dict[str, Facts] | None = None

    async def models(self, native: Any, server: str, *, read: bool) -> list[Model]:
        """Every model of the server, newest first as it lists them. With `read`, each that is new is asked about."""
        kept = await self._load()
        rows = await tags(native)
        new = [row for row in rows if _key(server, row) not in kept] if read else []
        if new:
            found = await _shown(native, new)
            kept |= {_key(server, row): facts for row, facts in zip(new, found, strict=True) if facts is not None}
            await self._save({_key(server, row) for row in rows}, server)
        return [_model(row, kept.get(_key(server, row))) for row in rows]

    async def _load(self) -> dict[str, Facts]:
        if self._kept is None:
            self._kept = await asyncio.to_thread(_read, self._file)
        return self._kept

    async def _save(self, listed: set[str], server: str) -> None:
        """Without what this server no longer has."""
        kept = self._kept or {}
        self._kept = {key: facts for key, facts in kept.items() if key in listed or not key.startswith(f"{server} ")}
        text = json.dumps({key: facts.as_json() for key, facts in self._kept.items()})
        with contextlib.suppress(StorageFailed, UsageError):
            await asyncio.to_thread(write_private, self._file, text.encode())


async def tags(native: Any) -> list[dict[str, Any]]:
    """The rows of /api/tags. Raises ProviderFailed where there is no such list."""
    rows = (await native.ask("GET", "/api/tags")).get("models")
    if not isinstance(rows, list) and rows is not None:
        raise ProviderFailed("The server's list of models has an unknown form.", "Check that it is Ollama.")
    return [row for row in rows or () if isinstance(row, dict) and _name(row)]


async def show(native: Any, model: str) -> dict[str, Any]:
    """The server's description of a model. Raises ModelBroken where it has none of that name."""
    shown: dict[str, Any] = await native.ask("POST", "/api/show", {"model": model}, model)
    return shown


async def loaded(native: Any) -> tuple[Loaded, ...]:
    """The models in memory. One name stands for all that share a file."""
    rows = (await native.ask("GET", "/api/ps")).get("models")
    return tuple(_loaded(row) for row in rows or () if isinstance(row, dict) and _name(row))


def model_of(tag: Mapping[str, Any], shown: Mapping[str, Any] | None) -> Model:
    """A row of the list with its description; `shown` None where the server gave none."""
    return _model(tag, None if shown is None else facts_of(shown))


def details_of(model: Model, shown: Mapping[str, Any]) -> ModelDetails:
    """All that the server tells of a model."""
    info = shown.get("model_info")
    plain = {**(info if isinstance(info, dict) else {}), "parameters": shown.get("parameters")}
    facts = tuple((str(name), str(value)[:_LONGEST]) for name, value in plain.items() if isinstance(value, _PLAIN))
    return ModelDetails(model, str(shown.get("template") or ""), str(shown.get("license") or ""), facts)


def full_name(name: str) -> str:
    """With the tag that the server adds to a name without one."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def fitting(settings: LoadSettings, entry: Loaded | None, context: int) -> bool:
    """Whether a loaded model can serve without being loaded anew; a server that does not tell its context is believed
    where nobody asked for a certain one."""
    return entry is not None and (entry.context == context or (not entry.context and settings.context is None))


async def _shown(native: Any, rows: Sequence[Mapping[str, Any]]) -> list[Facts | None]:
    """A few at a time: each costs the server a look into a file."""
    few = asyncio.Semaphore(_AT_ONCE)

    async def one(row: Mapping[str, Any]) -> Facts | None:
        async with few:
            try:
                return facts_of(await show(native, _name(row)))
            except ProviderFailed:
                return None

    return await asyncio.gather(*(one(row) for row in rows))


def _model(row: Mapping[str, Any], facts: Facts | None) -> Model:
    """What the row says of another machine counts, whatever the description says."""
    details = row.get("details")
    known = facts or Facts(capabilities=())
    remote = remote_of(row) or known.remote
    return Model(
        ref=ModelRef(HOST, _name(row)),
        name=_name(row),
        size=_size(row.get("size")),
        quantization=_quantization(details if isinstance(details, dict) else {}),
        context=known.context,
        note=_note(remote, known.capabilities),
        capabilities=known.capabilities or (Capability.CHAT,),
        architecture=known.architecture,
        parameters=known.parameters,
        licence=known.licence,
        sha256=known.weights,
        remote=remote,
        digest=str(row.get("digest") or ""),
        modified=_milliseconds(row.get("modified_at")) or 0,
    )


def _note(remote: str, capabilities: Sequence[str]) -> str:
    if remote == UNKNOWN:
        return _NOT_SHOWN
    return _NOT_FOR_CHAT if capabilities and Capability.CHAT not in capabilities else ""


def _quantization(details: Mapping[str, Any]) -> str:
    level = details.get("quantization_level")
    return level if isinstance(level, str) and level != "unknown" else ""


def _loaded(row: Mapping[str, Any]) -> Loaded:
    context = _size(row.get("context_length"))
    return Loaded(
        ModelRef(HOST, _name(row)),
        memory=_size(row.get("size")) or None,
        vram=_size(row.get("size_vram")) if isinstance(row.get("size_vram"), int) else None,
        context=context,
        until=_milliseconds(row.get("expires_at")),
        confirmed=_confirmed(row, context),
    )


def _confirmed(row: Mapping[str, Any], context: int) -> dict[str, Any]:
    """Of layers only none or all can be told from the memory that they take."""
    told: dict[str, Any] = {"context": context} if context else {}
    if row.get("size_vram") == 0:
        told["gpu_layers"] = 0
    elif _size(row.get("size_vram")) and row.get("size_vram") == row.get("size"):
        told["gpu_layers"] = ALL
    year = re.match(r"(\d{4,6})-", str(row.get("expires_at")))
    return {**told, "keep_alive_s": NEVER} if year and int(year[1]) >= _FOR_EVER else told


def _name(row: Mapping[str, Any]) -> str:
    name = row.get("name") or row.get("model")
    return name if isinstance(name, str) else ""


def _size(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _milliseconds(value: Any) -> int | None:
    """Of a time like 2026-11-24T06:20:02.275570006Z; None where the model stays for ever (a year far away)."""
    if not isinstance(value, str):
        return None
    try:
        when = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value).replace("Z", "+00:00"))
        return int(when.timestamp() * 1000) if when.year < _FOR_EVER else None
    except (ValueError, OverflowError):
        return None


def _key(server: str, row: Mapping[str, Any]) -> str:
    """By its content, which copies share."""
    return f"{server} {row.get('digest') or (_name(row), row.get('modified_at'))}"


def _read(file: Path) -> dict[str, Facts]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    facts = {key: facts_from(value) for key, value in found.items()} if isinstance(found, dict) else {}
    return {key: value for key, value in facts.items() if value is not None}
