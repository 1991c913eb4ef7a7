"""What a model is loaded with, and the job a worker process is started for: plain values both ends agree on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from aqe_desktop.core.loading import NEVER, SETTINGS, LoadSettings

ENGINE = "xllamacpp"
LLAMA_SERVER = "llama-server"
LLAMA_CPP_PYTHON = "llama-cpp-python"
# Which of core.loading.SETTINGS the built-in engine knows: all.
TAKES = frozenset(each.name for each in SETTINGS)
# Settings whose name here is the user's.
_SAME = (
    "flash_attention",
    "mmap",
    "mlock",
    "main_gpu",
    "tensor_split",
    "rope_base",
    "rope_scale",
    "lora",
    "draft",
)
# With this status a keeper leaves at once, because another one has this engine.
BUSY = 75


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to load a model; None lets the engine's process choose (see worker/engine.py).

    `n_ctx` is tokens of one conversation, of which `n_parallel` fit at once; `n_batch` is tokens read between two looks
    at whether the reader still wants the answer; `cache_ram_mib` holds chats that had to leave their slot; `idle_s`
    seconds without a request until the engine ends, None or core.loading.NEVER for never; `mmproj` the file that reads
    pictures for the model; with `embedding` it makes vectors of texts, and no answers. The others are those of
    core.loading.LoadSettings."""

    n_gpu_layers: int | None = None
    n_ctx: int | None = None
    n_parallel: int = 2
    n_threads: int | None = None
    n_batch: int | None = None
    cache_ram_mib: int = 256
    kv_type: str = ""
    nice: int | None = None
    flash_attention: bool | None = None
    mmap: bool | None = None
    mlock: bool | None = None
    main_gpu: int | None = None
    tensor_split: tuple[float, ...] = ()
    rope_base: float | None = None
    rope_scale: float | None = None
    lora: tuple[str, ...] = ()
    draft: str = ""
    mmproj: str = ""
    embedding: bool = False
    idle_s: int | None = None

    def loaded_with(self, settings: LoadSettings) -> LoadOptions:
        """These, but for what the user chose for the model."""
        chosen = {
            "n_ctx": settings.context,
            "n_gpu_layers": settings.gpu_layers,
            "n_threads": settings.threads,
            "n_batch": settings.batch,
            "n_parallel": settings.slots,
            "idle_s": settings.keep_alive_s,
            "kv_type": settings.kv_type or None,
            **{name: getattr(settings, name) for name in _SAME},
        }
        return replace(self, **{name: value for name, value in chosen.items() if value not in (None, (), "")})


@dataclass(frozen=True, slots=True)
class Job:
    """One engine to run: which model with which options, in which folders. `program` is what the engine runs as, where
    it is not part of this app. `loopback` is for systems that lack Unix sockets: a port and a one-time token take their
    place."""

    model: Path
    run: Path
    home: Path
    options: LoadOptions = field(default_factory=LoadOptions)
    sha256: str = ""
    engine: str = ENGINE
    program: str = ""
    loopback: bool = False

    @property
    def key(self) -> str:
        """Names the sockets and the lock: one engine per model file and options within the run folder. How long it may
        be idle can be told to a running one."""
        options = asdict(replace(self.options, idle_s=None))
        facts = [str(self.model.resolve()), self.engine, self.program, self.loopback, options]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]

    def is_same(self, other: Job) -> bool:
        """Whether an engine for this one serves that one: the same file under the same name, loaded the same way."""
        return (self.model, self.key) == (other.model, other.key)

    @property
    def lock(self) -> Path:
        return self.run / f"{self.key}.lock"

    @property
    def control(self) -> Path:
        return self.run / f"{self.key}.ctl"

    @property
    def socket(self) -> Path:
        """llama.cpp takes a host name for a Unix socket only when it ends in `.sock`."""
        return self.run / f"{self.key}.sock"

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "model": str(self.model), "run": str(self.run), "home": str(self.home)}

    @classmethod
    def parse(cls, told: dict[str, Any]) -> Job:
        folders = {name: Path(told[name]) for name in ("model", "run", "home")}
        return cls(**{**told, **folders, "options": _options(told["options"])})


def limit_of(idle_s: int | None) -> int | None:
    """Seconds after which an idle engine ends, None for never."""
    return None if idle_s in (None, NEVER) else idle_s


def _options(told: dict[str, Any]) -> LoadOptions:
    """JSON knows no tuples."""
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    return LoadOptions(**values)
