"""What can answer, and where it runs: zones with their proof, model references, and the states of a runtime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from aqe_desktop.core.errors import UsageError


class Zone(StrEnum):
    """How far content travels, in order: this machine, a known machine on the LAN, a cloud."""

    DEVICE = "device"
    LAN = "lan"
    CLOUD = "cloud"


class Proof(StrEnum):
    """Why a zone is believed: facts read from kernel and runtime, the user's word, or nothing."""

    PROVED = "proved"
    DECLARED = "declared"
    UNPROVED = "unproved"


@dataclass(frozen=True, slots=True)
class Place:
    """The zone of one (endpoint, model) pair with the facts behind it, one plain sentence each; `hint` says what would
    make an unproved one proved."""

    zone: Zone
    proof: Proof
    facts: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ModelRef:
    """`<runtime or provider id>/<model id>`; the model id may itself hold slashes."""

    host: str
    model: str

    def __str__(self) -> str:
        return f"{self.host}/{self.model}"

    @classmethod
    def parse(cls, text: str) -> ModelRef:
        """Raises UsageError unless the text is `host/model`."""
        host, slash, model = text.strip().partition("/")
        if not (host and slash and model):
            raise UsageError(
                f"“{text}” is not a model reference.", "Write it as RUNTIME/MODEL; `aqe models` lists them."
            )
        return cls(host, model)


class Capability(StrEnum):
    """What a model can do beyond completing text; the words by which the list is filtered."""

    CHAT = "chat"
    CODE = "code"
    VISION = "vision"
    TOOLS = "tools"
    THINKING = "thinking"
    EMBEDDINGS = "embeddings"


@dataclass(frozen=True, slots=True)
class Model:
    """A model that a runtime can load; `size` in bytes on disk, `context` in tokens as trained (0 where not known).

    `note` is one plain sentence about what the model is good for, or why it cannot be used. `remote` names the machine
    that answers for it where that is not the runtime's own ("" for a model whose weights are here). `digest` is how its
    runtime names its content; `files` are all its files here, `file` first; `folder` the one of the user's library that
    it was found in; `modified` milliseconds since the epoch."""

    ref: ModelRef
    name: str
    size: int = 0
    quantization: str = ""
    context: int = 0
    note: str = ""
    file: Path | None = None
    sha256: str = ""
    capabilities: tuple[str, ...] = (Capability.CHAT,)
    architecture: str = ""
    parameters: int = 0
    licence: str = ""
    remote: str = ""
    digest: str = ""
    files: tuple[Path, ...] = ()
    folder: Path | None = None
    modified: int = 0


class Removal(StrEnum):
    """Whether the files of a removed model lie in the trash, from where they can be brought back, or are gone."""

    TRASH = "trash"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class ModelDetails:
    """What a runtime knows of one model beyond its row: the whole chat template and licence, and every other fact by
    the runtime's own name for it. `warnings`: one sentence each, such as what its template cannot do."""

    model: Model
    template: str = ""
    licence_text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory. `memory` is bytes in all and `vram` those on GPUs (None where not known); `context` tokens of
    one conversation; `until` when it is let go (milliseconds since the epoch, None where it stays or nobody says).

    `confirmed` holds the load settings that the engine itself reports, by their names in LoadSettings."""

    model: ModelRef
    memory: int | None = None
    vram: int | None = None
    context: int = 0
    until: int | None = None
    confirmed: Mapping[str, Any] = field(default_factory=dict)


class Phase(StrEnum):
    """The life of a runtime or a loaded model as a status light shows it."""

    ABSENT = "absent"
    STOPPED = "stopped"
    STARTING = "starting"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RuntimeStatus:
    """One reading of a runtime. `progress` is 0..1 while loading; `message` and `hint` tell of a failure.

    `model` is the one it loads or has loaded last, `loaded` all that are in memory; with `single`, a load lets go of
    those, each once what it answers has ended. `address`: where it listens, as the
    user would write it. `ours`: this app started it, so this app may stop it. `warnings`: one sentence each."""

    id: str
    name: str
    phase: Phase
    version: str = ""
    model: ModelRef | None = None
    progress: float | None = None
    place: Place | None = None
    pid: int | None = None
    context: int = 0
    message: str = ""
    hint: str = ""
    details: tuple[tuple[str, str], ...] = field(default=())
    loaded: tuple[Loaded, ...] = ()
    address: str = ""
    ours: bool = False
    warnings: tuple[str, ...] = ()
    single: bool = False


@dataclass(frozen=True, slots=True)
class SeenModels:
    """What a runtime had when it was looked at last: `seen` in milliseconds since the epoch; `address` as in its
    status, "" for an engine that listens nowhere."""

    seen: int
    address: str
    models: tuple[Model, ...]
