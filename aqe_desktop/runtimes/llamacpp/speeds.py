"""How fast a model read its last prompts here, remembered, because Stop must wait for the batch that is being read.

A batch is sized to take at most about 0.3 s; a smaller one stops sooner and is no slower to read (measured)."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from aqe_desktop.runtimes.llamacpp import notes

FILE = "engine-speeds.json"
SECONDS_PER_BATCH = 0.3
_SMALLEST, _LARGEST = 16, 2048
# A shorter prompt says nothing about speed: its time is mostly the start of the work.
_LEAST_TOKENS = 48
_SMALL_MODEL, _MEDIUM_MODEL = 200_000_000, 800_000_000


def batch_for(file: Path, store: Path) -> int:
    """Tokens per batch: by the measured speed of this model, else a careful guess by its size."""
    speed = _read(store).get(_name(file))
    if speed is None:
        size = file.stat().st_size
        return 64 if size < _SMALL_MODEL else 32 if size < _MEDIUM_MODEL else 16
    fitting = max(1, int(speed * SECONDS_PER_BATCH))
    return max(_SMALLEST, min(_LARGEST, 1 << (fitting.bit_length() - 1)))


def remember(file: Path, store: Path, *, tokens: int, tokens_per_s: float) -> None:
    """Keep the speed of one prompt; what cannot be written is not missed, it will be measured again."""
    if tokens < _LEAST_TOKENS or tokens_per_s <= 0:
        return
    with suppress(OSError):  # the model's file may be gone by now
        notes.write(store, {**_read(store), _name(file): round(tokens_per_s, 1)})


def _name(file: Path) -> str:
    return f"{file.name}:{file.stat().st_size}"


def _read(store: Path) -> dict[str, float]:
    return {name: float(speed) for name, speed in notes.read(store).items() if isinstance(speed, int | float)}
