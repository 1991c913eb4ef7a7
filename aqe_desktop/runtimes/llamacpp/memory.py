"""Whether a model will fit, said before it is loaded: a machine that swaps is worse than a clear no."""

from __future__ import annotations

from aqe_desktop.core.errors import NotEnoughMemory
from aqe_desktop.runtimes.llamacpp.gguf import Metadata

# Program, tokenizer tables and compute buffers of a small model as measured; larger models need more in proportion.
_FIXED = 120 * 1024**2
_SHARE_OF_FILE = 0.05


def bytes_needed(file_size: int, metadata: Metadata, tokens: int) -> int:
    """Weights, the cache of `tokens` tokens in all slots together, and working memory."""
    return round(file_size * (1 + _SHARE_OF_FILE)) + metadata.kv_bytes_per_token * tokens + _FIXED


def require(needed: int, free: int | None, name: str) -> None:
    """Raises NotEnoughMemory with the figures; an unknown amount of free memory refuses nothing."""
    if free is not None and needed > free:
        raise NotEnoughMemory(f"{name} needs about {_gib(needed)} of memory, and {_gib(free)} are free.")


def _gib(amount: int) -> str:
    return f"{amount / 1024**3:.1f} GiB"
