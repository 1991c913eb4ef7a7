"""What can answer, and where it runs: zones with their proof, model references, and the states of a runtime."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class Model:
    """A model that a runtime can load; sizes in bytes, context in tokens (0 where not known yet).

    `note` is one plain sentence about what the model is good for."""

    ref: ModelRef
    name: str
    size: int = 0
    quantization: str = ""
    context: int = 0
    note: str = ""
    file: Path | None = None
    sha256: str = ""
    capabilities: tuple[str, ...] = ("chat",)


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
    """One reading of a runtime. `progress` is 0..1 while loading; `error` holds message and hint when failed."""

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
