"""A companion that reads pictures, made for tests: all that llama.cpp asks of one, with weights that know nothing."""

from __future__ import annotations

import random
import struct
from array import array
from collections.abc import Iterator
from pathlib import Path

from tests.runtimes.llamacpp.gguf_files import ARRAY, STRING, header, number, pair, text

WIDTH, PATCH, SIDE, BLOCKS = 32, 14, 56, 2
PATCHES = (SIDE // PATCH) ** 2
"""Tokens that one picture takes in the prompt."""
_F32, _BOOL, _ALIGNED = 6, 7, 32


def write_projector(path: Path, into: int) -> None:
    """LLaVA's kind. `into`: the width of the language model that it is for."""
    pairs = list(_pairs(into))
    described, data, draw = b"", bytearray(), random.Random(7)
    tensors = list(_tensors(into))
    for name, sizes in tensors:
        described += text(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, 0, len(data))
        count = 1
        for size in sizes:
            count *= size
        data += array("f", (draw.uniform(-0.1, 0.1) for _ in range(count))).tobytes()
        data += bytes(-len(data) % _ALIGNED)
    head = header(len(pairs), len(tensors)) + b"".join(pairs) + described
    path.write_bytes(head + bytes(-len(head) % _ALIGNED) + data)


def _pairs(into: int) -> Iterator[bytes]:
    yield pair("general.architecture", STRING, text("clip"))
    yield pair("clip.projector_type", STRING, text("mlp"))
    yield pair("clip.has_vision_encoder", _BOOL, b"\x01")
    yield pair("clip.use_gelu", _BOOL, b"\x01")
    figures = {"image_size": SIDE, "patch_size": PATCH, "embedding_length": WIDTH, "feed_forward_length": WIDTH}
    figures |= {"projection_dim": into, "block_count": BLOCKS, "attention.head_count": 4}
    for key, value in figures.items():
        yield number(f"clip.vision.{key}", value)
    yield pair("clip.vision.attention.layer_norm_epsilon", _F32, struct.pack("<f", 1e-5))
    for key in ("image_mean", "image_std"):
        yield pair(f"clip.vision.{key}", ARRAY, struct.pack("<IQ3f", _F32, 3, 0.5, 0.5, 0.5))


def _tensors(into: int) -> Iterator[tuple[str, list[int]]]:
    yield "v.patch_embd.weight", [PATCH, PATCH, 3, WIDTH]
    yield "v.class_embd", [WIDTH]
    yield "v.position_embd.weight", [WIDTH, PATCHES + 1]
    yield from _both("v.pre_ln", [WIDTH], WIDTH)
    for block in range(BLOCKS):
        for part in ("attn_q", "attn_k", "attn_v", "attn_out", "ffn_up", "ffn_down"):
            yield from _both(f"v.blk.{block}.{part}", [WIDTH, WIDTH], WIDTH)
        for part in ("ln1", "ln2"):
            yield from _both(f"v.blk.{block}.{part}", [WIDTH], WIDTH)
    yield from _both("mm.0", [WIDTH, into], into)
    yield from _both("mm.2", [into, into], into)


def _both(name: str, sizes: list[int], bias: int) -> Iterator[tuple[str, list[int]]]:
    yield f"{name}.weight", sizes
    yield f"{name}.bias", [bias]
