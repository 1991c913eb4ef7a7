"""Which part of a model lies on which device: layers on GPUs from the last one on, as llama.cpp does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aqe_desktop.core.plan import MEMORY, Device, Part, Shape, Use
from aqe_desktop.core.planning import needs
from aqe_desktop.core.planning.asked import Asked


@dataclass(frozen=True, slots=True)
class Laid:
    """Parts by device for a number of layers on GPUs, measured factor included."""

    gpu_layers: int
    parts: tuple[Part, ...]

    def on(self, device: str) -> int:
        """Bytes that are needed of this device."""
        return sum(part.bytes for part in self.parts if part.device == device and part.use is not Use.SPARE)

    @property
    def needed(self) -> int:
        return sum(part.bytes for part in self.parts if part.use is not Use.SPARE)


def laid(shape: Shape, asked: Asked, gpus: Sequence[Device], layers: int, factor: float = 1.0) -> Laid:
    """With so many layers on these GPUs, of all layers and the output, which counts as one more."""
    layers = min(layers, shape.layers + 1) if gpus else 0
    moved = min(layers, shape.layers)
    first = shape.layers - moved
    cache = needs.cache(shape, asked)
    parts = _of_memory(shape, asked, first, cache * first // shape.layers, output=layers <= shape.layers)
    if layers:
        parts += _of_gpus(shape, asked, gpus, first, cache - cache * first // shape.layers, layers)
    return Laid(layers, tuple(_adjusted(part, factor) for part in parts if part.bytes))


def _of_memory(shape: Shape, asked: Asked, first: int, cache: int, *, output: bool) -> list[Part]:
    """What stays with the processor: the token table, the first layers, and their cache."""
    weights = shape.input_bytes + sum(shape.layer_bytes[:first]) + (shape.output_bytes if output else 0)
    copied = min(shape.repacked * first // shape.layers, weights)
    compute = needs.compute(shape, asked) if first else needs.scores(shape, asked)
    mapped = asked.mmap
    return [
        Part(MEMORY, Use.WEIGHTS, weights - copied, mapped=mapped),
        Part(MEMORY, Use.WEIGHTS, copied),
        Part(MEMORY, Use.CACHE, cache),
        Part(MEMORY, Use.COMPUTE, compute),
        Part(MEMORY, Use.ENGINE, needs.engine(shape)),
        Part(MEMORY, Use.MARGIN, needs.margin(shape, asked) if first else 64 * 1024**2),
        # The file's pages of what was stored anew: read once, then the first that the system takes back.
        Part(MEMORY, Use.SPARE, copied if mapped else 0, mapped=True),
    ]


def _of_gpus(shape: Shape, asked: Asked, gpus: Sequence[Device], first: int, cache: int, layers: int) -> list[Part]:
    weights = sum(shape.layer_bytes[first:]) + (shape.output_bytes if layers > shape.layers else 0)
    parts: list[Part] = []
    for device, share in zip(gpus, _shares(gpus, asked), strict=True):
        if not share:
            continue
        home = MEMORY if device.shared else device.id
        mine = round(weights * share)
        parts += [
            Part(home, Use.WEIGHTS, mine),
            Part(home, Use.CACHE, round(cache * share)),
            Part(home, Use.COMPUTE, needs.compute(shape, asked)),
            Part(home, Use.ENGINE, needs.engine_on_gpu()),
            Part(home, Use.MARGIN, max(64 * 1024**2, mine // 20)),
        ]
    return parts


def _shares(gpus: Sequence[Device], asked: Asked) -> list[float]:
    """As the user divides, else by what is free."""
    told = [share if 0 < share < 1e9 else 0.0 for share in asked.shares[: len(gpus)]]
    by = told if sum(told) > 0 else [float(device.free or 0) for device in gpus]
    by += [0.0] * (len(gpus) - len(by))
    return [each / sum(by) for each in by] if sum(by) else [1.0 / len(gpus)] * len(gpus)


def _adjusted(part: Part, factor: float) -> Part:
    return part if factor == 1.0 else Part(part.device, part.use, round(part.bytes * factor), mapped=part.mapped)
