"""What of Ollama is on this machine, and what the user has said of it: its program, its address, its folder of models,
and the surroundings for a server of our own."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.models import Zone
from aqe_desktop.machine.processes import built_environment
from aqe_desktop.runtimes.ollama.places import LOOPBACK, Endpoint

_USUAL = (
    "/usr/local/bin/ollama",
    "/usr/bin/ollama",
    "/opt/homebrew/bin/ollama",
    "/Applications/Ollama.app/Contents/Resources/ollama",
    "~/.local/bin/ollama",
    "~/AppData/Local/Programs/Ollama/ollama.exe",
)
# What a user tunes a server with; nothing of it is a secret, and nothing of it leads elsewhere (OLLAMA_REMOTES would).
_TUNING = (
    "OLLAMA_CONTEXT_LENGTH",
    "OLLAMA_FLASH_ATTENTION",
    "OLLAMA_GPU_OVERHEAD",
    "OLLAMA_KEEP_ALIVE",
    "OLLAMA_KV_CACHE_TYPE",
    "OLLAMA_LLM_LIBRARY",
    "OLLAMA_LOAD_TIMEOUT",
    "OLLAMA_MAX_LOADED_MODELS",
    "OLLAMA_MAX_QUEUE",
    "OLLAMA_NEW_ENGINE",
    "OLLAMA_NUM_PARALLEL",
    "OLLAMA_SCHED_SPREAD",
    "OLLAMA_VULKAN",
)


@dataclass(frozen=True, slots=True)
class Options:
    """What the settings say. `url`: where the server listens, "" as Ollama's own tools find it; `binary` and `models`:
    None for the usual ones; `declared`: the zone that the user vouches for; `cloud`: a server of ours may pass on to
    Ollama's cloud; `outlives`: one that was started on purpose lives on when this process ends."""

    url: str = ""
    binary: Path | None = None
    models: Path | None = None
    declared: Zone | None = None
    cloud: bool = False
    outlives: bool = False


def find_binary(options: Options, environ: Mapping[str, str]) -> Path | None:
    """The chosen program, else the first on PATH, else one in a usual place; links followed."""
    if options.binary is not None:
        named = options.binary.expanduser()
        return named.resolve() if named.is_file() else None
    found = shutil.which("ollama", path=environ.get("PATH"))
    if found:
        return Path(found).resolve()
    home = environ.get("HOME", "~")
    places = (Path(each.replace("~", home, 1)) for each in _USUAL)
    return next((each.resolve() for each in places if shutil.which(each)), None)


def find_endpoint(options: Options, environ: Mapping[str, str]) -> tuple[Endpoint, str]:
    """Where the server should be, and a warning where what was said of it is no address: Ollama's tools take their
    usual one then."""
    name, text = ("The address of Ollama in the settings", options.url) if options.url else ("OLLAMA_HOST", "")
    try:
        return Endpoint.parse(text or environ.get("OLLAMA_HOST", "")), ""
    except UsageError:
        return Endpoint(), f"{name} is not an address, so the usual one is used."


def is_chosen(options: Options, environ: Mapping[str, str]) -> bool:
    """Whether the user named an address, so that whatever is there is meant."""
    return bool(options.url or environ.get("OLLAMA_HOST", "").strip())


def models_folder(options: Options, environ: Mapping[str, str]) -> Path:
    if options.models is not None:
        return options.models.expanduser()
    named = environ.get("OLLAMA_MODELS", "").strip()
    return Path(named) if named else _home(environ) / ".ollama" / "models"


def surroundings(options: Options, environ: Mapping[str, str], port: int) -> dict[str, str]:
    """The whole environment of a server of ours: no keys, no proxy, no other host, its cloud off unless it is wanted.

    At its start a server removes what it has of unfinished downloads, and with it what a resumed one would spare;
    while there is any, it is told to remove nothing."""
    models = models_folder(options, environ)
    told = {
        **{name: environ[name] for name in _TUNING if name in environ},
        "HOME": str(_home(environ)),
        "OLLAMA_HOST": f"{LOOPBACK}:{port}",
        "OLLAMA_MODELS": str(models),
    }
    if not options.cloud:
        told["OLLAMA_NO_CLOUD"] = "1"
    if any((models / "blobs").glob("*-partial*")):
        told["OLLAMA_NOPRUNE"] = "1"
    return built_environment(told)


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ["HOME"]) if environ.get("HOME") else Path.home()
