"""What a model is to be loaded with, with every choice made that was left to the engine."""

from __future__ import annotations

from dataclasses import dataclass

from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.plan import Shape

_STEP = 256  # tokens: llama.cpp makes a context a multiple of this
_USUAL_CONTEXT, _UNKNOWN_CONTEXT = 8192, 4096
_USUAL_SLOTS, _USUAL_BATCH = 2, 512
_KEEPS_CHATS = 256 * 1024**2
# Far above what any computer or model has, and far below where a product of them would mean nothing.
_MOST_CONTEXT, _MOST_SLOTS, _MOST_BATCH = 1 << 30, 1024, 1 << 20
_MOST_LAYERS, _MOST_WIDTH, _MOST_BYTES = 4096, 1 << 26, 1 << 50


@dataclass(frozen=True, slots=True)
class Asked:
    """Settled settings. `gpu_layers` None: as many as fit. `kept_chats`: bytes for chats that had to leave their slot,
    at the most."""

    context: int
    slots: int = _USUAL_SLOTS
    batch: int = _USUAL_BATCH
    kv_type: str = "f16"
    flash_attention: bool = True
    mmap: bool = True
    gpu_layers: int | None = None
    shares: tuple[float, ...] = ()
    kept_chats: int = _KEEPS_CHATS


def settled(shape: Shape, settings: LoadSettings, batch: int | None = None) -> Asked:
    """`batch` is what the engine would take by itself, where that is known."""
    usual = min(shape.context or _UNKNOWN_CONTEXT, _USUAL_CONTEXT)
    return Asked(
        context=rounded(settings.context or usual),
        slots=settings.slots or _USUAL_SLOTS,
        batch=settings.batch or batch or _USUAL_BATCH,
        kv_type=settings.kv_type or "f16",
        flash_attention=settings.flash_attention is not False,
        mmap=settings.mmap is not False,
        gpu_layers=None if settings.gpu_layers is None or settings.gpu_layers < 0 else settings.gpu_layers,
        shares=settings.tensor_split,
    )


def rounded(tokens: int) -> int:
    return -(-tokens // _STEP) * _STEP


def why_not(shape: Shape, asked: Asked) -> str:
    """Why this cannot be reckoned with; empty where it can."""
    if not (0 < asked.context <= _MOST_CONTEXT and 0 < asked.slots <= _MOST_SLOTS and 0 < asked.batch <= _MOST_BATCH):
        return "its load settings are beyond what any engine takes"
    if not shape.layers:
        return "its header does not say how many layers it has"
    if shape.layers > _MOST_LAYERS or len(shape.attention) > _MOST_LAYERS:
        return "its header claims an impossible number of layers"
    if min(shape.layer_bytes) < 0 or min(shape.input_bytes, shape.output_bytes) < 0:
        return "its header claims impossible sizes"
    if not 0 < shape.weights <= _MOST_BYTES or not 0 <= shape.repacked <= shape.weights:
        return "its header claims an impossible amount of weights"
    if any(not 0 <= figure <= _MOST_WIDTH for figure in _figures(shape)) or not 0 <= shape.recurrent <= _MOST_BYTES:
        return "its header claims impossible sizes"
    if not shape.embedding or not (shape.attention or shape.recurrent):
        return "its header does not say how much it remembers of a token"
    return ""


def _figures(shape: Shape) -> tuple[int, ...]:
    kinds = tuple(figure for each in shape.attention for figure in (each.layers, each.key, each.value, each.window))
    return (
        shape.embedding,
        shape.feed_forward,
        shape.vocabulary,
        shape.heads,
        shape.experts,
        shape.experts_used,
        shape.expert_feed_forward,
        *kinds,
    )
