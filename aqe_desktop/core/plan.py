"""Whether a model fits, before it is loaded: what a computer has, what a model's file says, and what comes of both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MEMORY = "memory"
"""The id of the device that every computer has: its working memory."""


@dataclass(frozen=True, slots=True)
class Device:
    """Memory that a model can lie in, in bytes: `total`, and `free` as read just now (None where nobody says).

    `gpu` False is the computer's own memory. `shared`: a GPU without memory of its own, which takes the computer's."""

    id: str
    name: str
    total: int | None = None
    free: int | None = None
    gpu: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Hardware:
    """One reading of this computer. `processor` is its name, `cores` those this program may use; amounts in bytes.

    `gpus` are those found; `notes` say plainly what was not, one sentence each, such as that there is no driver."""

    processor: str = ""
    cores: int = 1
    memory: Device = Device(MEMORY, "Memory")
    swap_total: int | None = None
    swap_free: int | None = None
    gpus: tuple[Device, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attention:
    """Layers that remember alike: how many, and how many values of keys and of values each keeps for one token.

    `window` is how many tokens it looks back, 0 for all."""

    layers: int
    key: int
    value: int
    window: int = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """What the header of a model's file says, as far as memory depends on it; 0 where it does not say.

    `layer_bytes` are the weights of each layer in order, `input_bytes` those of the token table, which stays with the
    processor, `output_bytes` the rest. `repacked` of all these are stored anew by the processor's engine instead of
    being used in the file. `recurrent` is the state of one conversation in bytes, in layers that have no attention.
    `experts` of `experts_used`: a mixture, whose weights all lie in memory though few are used for a token."""

    architecture: str
    embedding: int
    feed_forward: int
    vocabulary: int
    heads: int
    context: int
    attention: tuple[Attention, ...]
    layer_bytes: tuple[int, ...]
    input_bytes: int
    output_bytes: int
    repacked: int = 0
    recurrent: int = 0
    experts: int = 0
    experts_used: int = 0
    expert_feed_forward: int = 0

    @property
    def layers(self) -> int:
        return len(self.layer_bytes)

    @property
    def weights(self) -> int:
        """Bytes of all weights."""
        return sum(self.layer_bytes) + self.input_bytes + self.output_bytes


class Use(StrEnum):
    """What memory is taken for, in the order in which a picture stacks it. SPARE is what the system takes back as soon
    as it is needed elsewhere, so it counts against nothing."""

    WEIGHTS = "weights"
    CACHE = "cache"
    COMPUTE = "compute"
    ENGINE = "engine"
    MARGIN = "margin"
    SPARE = "spare"


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes on one device for one use. `mapped`: read from the file as needed, so the system can take it back."""

    device: str
    use: Use
    bytes: int
    mapped: bool = False


class Fit(StrEnum):
    """What a plan comes to."""

    FITS = "fits"
    PARTLY = "partly"  # with some of its layers on the GPU
    NOT = "not"
    UNKNOWN = "unknown"  # it cannot be planned


@dataclass(frozen=True, slots=True)
class Plan:
    """A model with its load settings laid over the devices of this computer.

    `sentence` says the result in words; `needed` is bytes in all, with margin and without spare; `gpu_layers` of
    `layers` lie on GPUs; `context` is tokens of one conversation as planned and `largest_context` the most that would
    fit (0: none). `factor` is by how much measured loads of this model changed the figures (1.0: not at all). `notes`:
    one sentence each, such as what was never tested."""

    fit: Fit
    sentence: str
    devices: tuple[Device, ...] = ()
    parts: tuple[Part, ...] = ()
    needed: int = 0
    layers: int = 0
    gpu_layers: int = 0
    context: int = 0
    largest_context: int = 0
    factor: float = 1.0
    notes: tuple[str, ...] = ()

    def on(self, device: str) -> int:
        """Bytes that it needs of this device."""
        return sum(part.bytes for part in self.parts if part.device == device and part.use is not Use.SPARE)


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes that were reckoned for a load of a model, and those that it took."""

    predicted: int
    measured: int


@dataclass(frozen=True, slots=True)
class Running:
    """A model in memory now: by which engine and version, which process, its context, and the bytes it holds."""

    engine: str
    pid: int
    context: int
    memory: int


@dataclass(frozen=True, slots=True)
class Recommended:
    """A row of the shipped list. `source` is where it is to be had, as its registry writes it; `pull` is its name for a
    runtime that downloads, "" where none does; `size` bytes of the download and `memory` bytes it needs here with a
    usual context. `as_of` is the date of the facts; `seen` False: size and origin could not be checked by us.

    `fit` and `reason` are for the computer it was asked on; the reason is one sentence."""

    name: str
    family: str
    parameters: float
    quantization: str
    source: str
    pull: str
    size: int
    licence: str
    capabilities: tuple[str, ...]
    good_for: str
    as_of: str
    seen: bool
    memory: int
    fit: Fit
    reason: str
