"""How a server of the user's own stands, in the shape that every runtime has."""

from __future__ import annotations

from collections.abc import Sequence

from aqe_desktop.core.errors import AqeError, Unreachable
from aqe_desktop.core.models import Loaded, Phase, Place, RuntimeStatus
from aqe_desktop.machine import holes
from aqe_desktop.runtimes.servers.kinds import UNKNOWN, Kind
from aqe_desktop.runtimes.servers.places import Options, Owner

_PRODUCTS = {"llama-server": "llama.cpp", "ollama": "ollama"}


def named(options: Options, kind: Kind | None) -> str:
    """What the user calls it, else its id; with its kind where that is known."""
    name = options.name or options.id
    return name if kind in (None, UNKNOWN) else f"{name} ({kind.name})"


def resting(options: Options) -> RuntimeStatus:
    """Before anybody looked."""
    return RuntimeStatus(options.id, named(options, None), Phase.STOPPED, address=options.url)


def failed(options: Options, kind: Kind | None, place: Place, error: AqeError) -> RuntimeStatus:
    return RuntimeStatus(
        options.id,
        named(options, kind),
        Phase.STOPPED if isinstance(error, Unreachable) else Phase.FAILED,
        place=place,
        message=error.message,
        hint=error.hint,
        address=options.url,
    )


def ready(
    options: Options, kind: Kind, owner: Owner, place: Place, version: str, loaded: Sequence[Loaded]
) -> RuntimeStatus:
    first = loaded[0] if loaded else None
    return RuntimeStatus(
        options.id,
        named(options, kind),
        Phase.READY,
        version=version,
        model=None if first is None else first.model,
        place=place,
        pid=owner.pid,
        context=0 if first is None else first.context,
        loaded=tuple(loaded),
        address=options.url,
        warnings=_warnings(options, kind, owner, version),
    )


def _warnings(options: Options, kind: Kind, owner: Owner, version: str) -> tuple[str, ...]:
    found = [holes.warning(_PRODUCTS[kind.kind], version)] if kind.kind in _PRODUCTS else []
    if owner.everywhere:
        found.append(f"It listens on every address of this machine: whoever reaches port {options.port} may use it.")
    if kind.kind == "ollama":
        found.append("Ollama has a runtime of its own here, which tells where each of its models runs: ollama.")
    return tuple(each for each in found if each)
