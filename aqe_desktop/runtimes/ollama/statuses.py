"""How an Ollama server stands, in the shape that every runtime has."""

from __future__ import annotations

from dataclasses import dataclass

from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.models import Loaded, ModelRef, Phase, Place, RuntimeStatus
from aqe_desktop.machine import holes
from aqe_desktop.runtimes.ollama.listing import HOST

NAME = "Ollama"
_OLDEST = (0, 9, 3)
_START = "Start Ollama, or let this app start it: aqe runtimes start ollama"


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at a server that answers."""

    address: str
    version: str
    place: Place
    loaded: tuple[Loaded, ...]
    ours: bool
    pid: int | None
    warnings: tuple[str, ...]


def resting() -> RuntimeStatus:
    """Before anybody looked."""
    return RuntimeStatus(HOST, NAME, Phase.STOPPED)


def silent(address: str, *, installed: bool) -> RuntimeStatus:
    """Nothing answers: the program is there and does not run, or it is not there."""
    if installed:
        return RuntimeStatus(HOST, NAME, Phase.STOPPED, address=address, hint=_START)
    message, hint = "Ollama is not on this machine.", "Install it, or say where its program or server is."
    return RuntimeStatus(HOST, NAME, Phase.ABSENT, address=address, message=message, hint=hint)


def failed(address: str, error: AqeError) -> RuntimeStatus:
    return RuntimeStatus(HOST, NAME, Phase.FAILED, address=address, message=error.message, hint=error.hint)


def loading(before: RuntimeStatus, model: ModelRef, what: str) -> RuntimeStatus:
    return RuntimeStatus(
        HOST,
        NAME,
        Phase.LOADING,
        version=before.version,
        model=model,
        message=what,
        loaded=before.loaded,
        address=before.address,
        ours=before.ours,
    )


def ready(seen: Seen, last: ModelRef | None) -> RuntimeStatus:
    """`last` is the model that was used last, else the first that is loaded. The place is told for a model in this
    server's memory only: another one may be passed on, and must not be taken to be where the server is."""
    model = last or (seen.loaded[0].model if seen.loaded else None)
    entry = next((each for each in seen.loaded if each.model == model), None)
    return RuntimeStatus(
        HOST,
        NAME,
        Phase.READY,
        version=seen.version,
        model=model,
        place=None if entry is None else seen.place,
        pid=seen.pid,
        context=0 if entry is None else entry.context,
        details=_details(entry),
        loaded=seen.loaded,
        address=seen.address,
        ours=seen.ours,
        warnings=seen.warnings,
    )


def age(version: str) -> tuple[str, ...]:
    """A warning where a version lacks what is asked of it; none for one that does not say."""
    told = holes.numbers(version)
    if not any(told) or told >= _OLDEST:
        return ()
    return (f"Ollama {version} is older than this app was tried with; update it to 0.9.3 or later.",)


def _details(entry: Loaded | None) -> tuple[tuple[str, str], ...]:
    if entry is None or not entry.memory or entry.vram is None:
        return ()
    return (("On the GPU", f"{100 * entry.vram // entry.memory} %"),)
