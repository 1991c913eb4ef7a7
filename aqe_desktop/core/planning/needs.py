"""What a model takes in bytes, by use: pure arithmetic over its shape and its settled settings.

The cache follows llama.cpp's llama_kv_cache (a row of keys and of values for every layer and token, in blocks of the
type's size) and llama_kv_cache_iswa (window layers keep their window and a batch). The figures of the compute buffers
and of the engine's own memory were measured with xllamacpp 2026.10 on an x86 processor (tests/bench/test_memory_plan.py
compares what comes of them with what a load takes); those of a GPU were not measured by us."""

from __future__ import annotations

from aqe_desktop.core.plan import Attention, Shape
from aqe_desktop.core.planning.asked import Asked, rounded

# Bytes of so many values in each type of the cache (ggml.h, ggml-common.h: the blocks of 32 with their scales).
_CACHE_TYPES = {
    "f32": (4, 1), "f16": (2, 1), "bf16": (2, 1), "q8_0": (34, 32), "q5_1": (24, 32), "q5_0": (22, 32),
    "q4_1": (20, 32), "q4_0": (18, 32), "iq4_nl": (18, 32),
}  # fmt: skip
_F32 = 4
# Values that are at hand at once for each token of a batch, in widths of the model and of its inner layer.
_WIDTHS, _INNER = 5, 3
_WIDTHS_OF_ATTENTION = 7
# The program, its libraries and the interpreter; and for each word of the vocabulary its text in several tables.
_PROGRAM = 44 * 1024**2
_BYTES_OF_A_WORD = 390
_PROGRAM_ON_GPU = 400 * 1024**2


def cache(shape: Shape, asked: Asked) -> int:
    """Keys and values of all conversations, and the state of layers that have none."""
    return sum(of_layers(each, asked) for each in shape.attention) + shape.recurrent * asked.slots


def of_layers(kind: Attention, asked: Asked) -> int:
    """Of all layers of this kind."""
    tokens = asked.context
    if kind.window:
        tokens = min(tokens, rounded(kind.window + asked.batch))
    size, values = _CACHE_TYPES.get(asked.kv_type, _CACHE_TYPES["f16"])
    row = -(-kind.key * size // values) + -(-kind.value * size // values)
    return kind.layers * tokens * asked.slots * row


def compute(shape: Shape, asked: Asked) -> int:
    """The largest step of reading one batch, and the words' scores of the last token of each conversation."""
    batch = min(asked.batch, asked.context * asked.slots)
    inner = max(shape.feed_forward, _experts(shape))
    layer = batch * _F32 * (_WIDTHS * shape.embedding + _INNER * inner)
    if asked.flash_attention:
        return layer + 2 * asked.context * batch + scores(shape, asked)
    mask = _F32 * asked.context * batch
    attention = batch * _F32 * (shape.heads * asked.context + _WIDTHS_OF_ATTENTION * shape.embedding)
    return max(layer, attention) + mask + scores(shape, asked)


def scores(shape: Shape, asked: Asked) -> int:
    return shape.vocabulary * asked.slots * _F32


def _experts(shape: Shape) -> int:
    """The inner width of all experts that work on a token together."""
    return (shape.expert_feed_forward or shape.feed_forward) * shape.experts_used if shape.experts else 0


def engine(shape: Shape) -> int:
    """What the engine takes for itself, with the vocabulary."""
    return _PROGRAM + shape.vocabulary * _BYTES_OF_A_WORD


def engine_on_gpu() -> int:
    """The driver's own share of a GPU that is used at all."""
    return _PROGRAM_ON_GPU


def margin(shape: Shape, asked: Asked) -> int:
    """For what differs from load to load (a twentieth of the weights that are moved, at least 64 MiB), and for chats
    that leave their slot and are kept."""
    chat = cache(shape, asked) // asked.slots
    return max(64 * 1024**2, shape.weights // 20) + min(asked.kept_chats, chat)
