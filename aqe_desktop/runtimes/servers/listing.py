"""What a server says of its models, from GET /v1/models and what its kind tells besides. Pure but for the asking."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from aqe_desktop.core.errors import ProviderFailed
from aqe_desktop.core.models import Capability, Loaded, Model, ModelRef
from aqe_desktop.runtimes.servers.kinds import UNKNOWN, Kind, candidates

MODELS = "/v1/models"
Ask = Callable[[str], Awaitable[Mapping[str, Any]]]
_MOST = 100_000
_TYPES = {"vlm": (Capability.CHAT, Capability.VISION), "embeddings": (Capability.EMBEDDINGS,)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One model as its server tells of it: `loaded` and `trained` are contexts in tokens, 0 where not told; `remote`
    names the machine that answers for it where that is another."""

    name: str
    row: Mapping[str, Any]
    loaded: int = 0
    trained: int = 0
    remote: str = ""


def rows_of(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows with a usable id, once each. Raises ValueError where this is no list of models."""
    data = told.get("data")
    if not isinstance(data, list):
        raise ValueError("no list")
    found = {each["id"]: each for each in data[:_MOST] if isinstance(each, dict) and _is_name(each.get("id"))}
    return list(found.values())


async def kind_of(rows: Sequence[Mapping[str, Any]], server: str, ask: Ask) -> Kind:
    """By its first row and the header; a path that only it serves is asked for where its kind has one."""
    for kind in candidates(rows[0], server) if rows else ():
        if not kind.mark or await _serves(ask, kind.mark):
            return kind
    return UNKNOWN


async def enriched(kind: Kind, rows: Sequence[Mapping[str, Any]], ask: Ask) -> list[dict[str, Any]]:
    """The rows with what its kind tells elsewhere; a path that is not there any more costs only that."""
    try:
        if kind.rows:
            more = {str(each.get("id")): each for each in rows_of(await ask(kind.rows))}
            return [{**row, **more.get(str(row["id"]), {})} for row in rows]
        if kind.facts:
            facts = await ask(kind.facts)
            return [{**facts, **row} for row in rows]
    except (ProviderFailed, ValueError):
        pass
    return [dict(row) for row in rows]


def entry_of(kind: Kind, row: Mapping[str, Any], remote_fields: Sequence[str]) -> Entry:
    remote = next((str(row[name])[:200] for name in remote_fields if row.get(name)), "")
    loaded, trained = _number(row, kind.loaded), _number(row, kind.trained)
    return Entry(str(row["id"]), row, loaded or (trained if kind.loaded == kind.trained else 0), trained, remote)


def model_of(host: str, entry: Entry, *, vision: bool = False) -> Model:
    """A path as a name is shown by its last part; the reference keeps it whole. `vision`: it can see images, by the
    user's word, where its server says nothing of what it can."""
    row = entry.row
    quantization = row.get("quantization") or _value(row, "meta.ftype") or ""
    return Model(
        ModelRef(host, entry.name),
        short(entry.name),
        size=_number(row, "meta.size"),
        quantization=str(quantization)[:40],
        context=entry.trained or entry.loaded,
        capabilities=_capabilities(row, vision=vision),
        architecture=str(row.get("arch") or "")[:40],
        parameters=_number(row, "meta.n_params"),
        remote=entry.remote,
        digest=str(row.get("model_sha") or "")[:80],
    )


def loaded_of(host: str, entry: Entry) -> Loaded | None:
    """What the server holds in memory, as far as it says so: its one model, or those with such a state."""
    status = entry.row.get("status")
    state = entry.row.get("state") or (status.get("value") if isinstance(status, Mapping) else None)
    if state not in (None, "loaded"):
        return None
    return Loaded(ModelRef(host, entry.name), context=entry.loaded) if state or entry.loaded else None


def works_elsewhere(row: Mapping[str, Any]) -> bool:
    """A router of llama.cpp shows the words each model is started with."""
    status = row.get("status")
    words = status.get("args") if isinstance(status, Mapping) else None
    return isinstance(words, list) and any(str(word).startswith("--rpc") for word in words)


def short(name: str) -> str:
    """`{folder}/model.gguf` as `model`; what an organisation published under its name stays whole."""
    if name.startswith(("/", "~")) or PureWindowsPath(name).drive:
        return PureWindowsPath(PurePosixPath(name).name).name.removesuffix(".gguf") or name
    return name


def _capabilities(row: Mapping[str, Any], *, vision: bool) -> tuple[str, ...]:
    known = _TYPES.get(str(row.get("type")))
    modalities = _value(row, "architecture.input_modalities")
    if known is None and (("image" in modalities) if isinstance(modalities, list) else vision):
        return (Capability.CHAT, Capability.VISION)
    return known or (Capability.CHAT,)


def _value(row: Mapping[str, Any], path: str) -> Any:
    found: Any = row
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _number(row: Mapping[str, Any], path: str) -> int:
    value = _value(row, path) if path else 0
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**62 else 0


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


async def _serves(ask: Ask, path: str) -> bool:
    try:
        await ask(path)
    except ProviderFailed:
        return False
    return True
