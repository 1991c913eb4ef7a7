"""What a request used and how long it took, in one shape for every provider and runtime (product.md, "Usage")."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts of one request: `input` excludes cache reads and writes, `reasoning` is a part of `output`.

    All are counts, but `seconds`, which is billed compute time."""

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    requests: int = 1
    searches: int = 0
    seconds: float = 0.0

    @property
    def prompt(self) -> int:
        """Tokens the model has in its context before its answer, reused ones included."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds as the user felt them, from the question on: until the first token, in all, and the speed between.

    `tokens_per_s` is the engine's own decode speed where it reports one; None where nothing was measured."""

    ttft_s: float | None = None
    total_s: float = 0.0
    tokens_per_s: float | None = None

    def as_json(self) -> dict[str, float | None]:
        return asdict(self)
