"""The list of models in words: what its cells say, and the sentences around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import PurePath
from typing import cast

from aqe_desktop.core.figures import grouped, size_text
from aqe_desktop.core.load_checks import KNOWN, chosen
from aqe_desktop.core.loading import ALL, NEVER, LoadSettings
from aqe_desktop.core.models import Loaded, Phase, Place, Proof, Zone
from aqe_desktop.core.plan import Hardware
from aqe_desktop.services.models import ListedModel
from aqe_desktop.ui.screens.models.listing import Row
from aqe_desktop.ui.widgets.figures import share_text

NONE = "–"
CHECKING = "checking"
_PHASES = {
    Phase.STARTING: "starting",
    Phase.LOADING: "loading",
    Phase.READY: "loaded",
    Phase.FAILED: "failed",
}


def size_of(row: Row) -> str:
    """Of its files on disk; an unknown one is no zero."""
    return size_text(row.listed.model.size) if row.listed.model.size else NONE


def context_of(row: Row) -> str:
    """Tokens as a developer writes them: 8k, 128k, and 2 000 where it is not a round number of them."""
    return tokens_words(row.listed.model.context) if row.listed.model.context else NONE


def tokens_words(tokens: int) -> str:
    return f"{tokens // 1024}k" if tokens % 1024 == 0 else grouped(tokens)


def abilities_of(row: Row) -> str:
    return " ".join(row.listed.model.capabilities)


def now_of(row: Row) -> str:
    """Whether it is in memory, how much of that it takes, and where it is computed when that is elsewhere."""
    listed = row.listed
    if row.loading is not None:
        share = "" if row.loading.progress is None else f" {share_text(row.loading.progress)}"
        return f"loading{share}"
    if listed.loaded is not None:
        memory = "" if listed.loaded.memory is None else size_text(listed.loaded.memory)
        until = stay_of(listed.loaded) if listed.loaded.until is not None else ""
        return " · ".join(filter(None, ("loaded", memory, until)))
    if listed.phase in _PHASES:
        return _PHASES[listed.phase]
    if not row.fresh:
        return "as seen last"
    return f"runs at {listed.model.remote}" if listed.model.remote else NONE


def speed_of(row: Row) -> str:
    speed = row.listed.speed
    if speed is None:
        return NONE
    return f"{speed:.0f} tok/s" if speed >= 10 else f"{speed:.1f} tok/s"


def where_of(row: Row) -> str:
    """The zone's word with its proof, as on a chip; until it has been read in this look, that."""
    place = row.listed.place
    return CHECKING if place is None else place_words(place, row.listed.model.remote or row.runtime)


def place_words(place: Place, name: str) -> str:
    who = "This device" if place.zone is Zone.DEVICE else name
    return who if place.proof is Proof.PROVED else f"{who}, {place.proof.value}"


def lacking_words(runtime: str, others: Sequence[str]) -> str:
    """That an engine does not know a setting, and which do."""
    has = f" {' and '.join(others)} {'has' if len(others) == 1 else 'have'} it." if others else ""
    return f"{runtime or 'This engine'} lacks this setting.{has}"


def setting_words(name: str, value: object) -> str:
    """A load setting as the form writes it."""
    if value in (None, "", ()):
        return "auto"
    if isinstance(value, bool):
        return "on" if value else "off"
    if value == ALL and name in ("gpu_layers", "keep_alive_s"):
        return "all" if name == "gpu_layers" else "never"
    if isinstance(value, int):
        return f"{grouped(value)} s" if name == "keep_alive_s" else grouped(value)
    if isinstance(value, float):
        return f"{value:.10g}"
    if name in ("lora", "draft"):
        return ", ".join(
            PurePath(each).name for each in ((value,) if isinstance(value, str) else cast("list[str]", value))
        )
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def loaded_facts(loaded: Loaded, saved: LoadSettings, waiting: frozenset[str]) -> list[tuple[str, str]]:
    """What a model is loaded with: as its engine reports it, what was asked for where that differs, and what the engine
    says nothing about. It was not loaded with those `waiting`; those folded away are told only where they are set."""
    asked, facts = {name: value for name, value in chosen(saved).items() if name not in waiting}, []
    confirmed = {"context": loaded.context, **loaded.confirmed} if loaded.context else dict(loaded.confirmed)
    for name, row in KNOWN.items():
        wanted = asked.get(name)
        if name in confirmed and (wanted is not None or not row.more):
            real = setting_words(name, confirmed[name])
            differs = wanted is not None and setting_words(name, wanted) != real
            facts.append((row.label, f"{real}, not {setting_words(name, wanted)}" if differs else real))
        elif wanted is not None and name not in confirmed:
            facts.append((row.label, f"{setting_words(name, wanted)}, unconfirmed"))
    return facts


def on_gpu(loaded: Loaded) -> str:
    """How much of what it takes lies on a GPU, where its runtime tells that."""
    if not loaded.memory or loaded.vram is None:
        return ""
    return f"{share_text(loaded.vram / loaded.memory)} of it on a GPU" if loaded.vram else "none of it on a GPU"


def stay_of(loaded: Loaded, now: datetime | None = None) -> str:
    """Until when it stays in memory; empty where nobody says."""
    if loaded.until is None:
        return "stays loaded" if loaded.confirmed.get("keep_alive_s") == NEVER else ""
    until = datetime.fromtimestamp(loaded.until / 1000, UTC).astimezone()
    day = "" if until.date() == (now or datetime.now(UTC)).astimezone().date() else f"{until:%d %b} "
    return f"until {day}{until:%H:%M}"


def giving_way(names: Sequence[str], *, loading: bool) -> str:
    """What becomes of the models that are in memory when another one is loaded in their place."""
    if not names:
        return ""
    which = " and ".join(names)
    if loading:
        return f"{which} {'leaves memory when its answer ends' if len(names) == 1 else 'leave memory as answers end'}."
    return f"Loading it puts {which} out of memory; an answer under way ends first."


def subtitle(row: Row) -> str:
    """What stands under the name of the chosen model."""
    model = row.listed.model
    return " · ".join(part for part in (row.runtime, model.quantization, model.licence) if part)


def sums(rows: Iterable[Row], shown: int) -> str:
    """What stands beside the title. A model that is not known to be here counts as one only."""
    everything = list(rows)
    here = sum(1 for row in everything if is_here(row.listed))
    disk = sum(row.listed.model.size for row in everything if not row.listed.model.remote)
    models = f"{grouped(shown)} of {grouped(len(everything))}" if shown != len(everything) else f"{grouped(shown)}"
    noun = "model" if len(everything) == 1 else "models"
    return f"{models} {noun}, {grouped(here)} on this device, {size_text(disk)}"


def is_here(listed: ListedModel) -> bool:
    return listed.place is not None and listed.place.zone is Zone.DEVICE


def hardware_words(hardware: Hardware) -> str:
    """One line: processor, memory, GPUs; what was not found is said as plainly."""
    memory = hardware.memory
    cores = "1 core" if hardware.cores == 1 else f"{hardware.cores} cores"
    parts = [f"{hardware.processor or 'Processor'}, {cores}"]
    if memory.total is not None:
        free = "" if memory.free is None else f"{size_text(memory.free)} free of "
        parts.append(f"Memory {free}{size_text(memory.total)}")
    for gpu in hardware.gpus:
        free = "" if gpu.free is None else f", {size_text(gpu.free)} free"
        whole = "" if gpu.total is None else f" of {size_text(gpu.total)}"
        parts.append(f"{gpu.name}{free}{whole if free else ''}")
    return " · ".join((*parts, *([" ".join(hardware.notes)] if hardware.notes and not hardware.gpus else [])))
