"""GGUF files made for tests: the smallest that are valid, and the ways they are not."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

STRING, ARRAY, U32 = 8, 9, 4


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def pair(key: str, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


def number(key: str, value: int) -> bytes:
    return pair(key, U32, struct.pack("<I", value))


def texts(key: str, values: list[str]) -> bytes:
    return pair(key, ARRAY, struct.pack("<IQ", STRING, len(values)) + b"".join(map(text, values)))


def numbers(key: str, values: list[int]) -> bytes:
    return pair(key, ARRAY, struct.pack(f"<IQ{len(values)}I", U32, len(values), *values))


def header(keys: int, tensors: int = 0, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, keys)


def tensors(figures: list[tuple[int, list[int], int]]) -> bytes:
    """Descriptions of tensors, each (type, sizes, offset of its data)."""
    return b"".join(
        text(f"t{place}") + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, kind, offset)
        for place, (kind, sizes, offset) in enumerate(figures)
    )


def model(architecture: str = "llama", extra: Mapping[str, int] | None = None) -> bytes:
    """A header that says what a small model says, without tensors."""
    figures = {"block_count": 2, "context_length": 512, "embedding_length": 64, **(extra or {})}
    named = [number(f"{architecture}.{key}", value) for key, value in figures.items()]
    pairs = [
        pair("general.architecture", STRING, text(architecture)),
        pair("general.name", STRING, text("Tiny")),
        number("general.file_type", 15),
        *named,
        number(f"{architecture}.attention.head_count", 4),
        texts("tokenizer.ggml.tokens", ["a", "<|end|>", "b"]),
        numbers("tokenizer.ggml.token_type", [1, 3, 1]),
    ]
    return header(len(pairs)) + b"".join(pairs)


def renamed(source: Path, target: Path, architecture: bytes) -> None:
    """A copy of a real model whose architecture has another name of the same length."""
    data = source.read_bytes()
    old = b"llama"
    assert len(architecture) == len(old)
    target.write_bytes(data[:4096].replace(old, architecture) + data[4096:])


def pooling(source: Path, target: Path) -> None:
    """A copy of a real model that says of itself to pool its tokens' vectors to their mean."""
    data = source.read_bytes()
    said = number("llama.pooling_type", 1)
    # What is put in fills whole units of alignment, so that what stands behind it keeps its own.
    filler = pair("test.filler", STRING, text(""))
    said += pair("test.filler", STRING, text("x" * (-len(said + filler) % 32)))
    count = struct.unpack_from("<Q", data, 16)[0]
    target.write_bytes(data[:16] + struct.pack("<Q", count + 2) + said + data[24:])


def sparse(target: Path, content: bytes, size: int) -> None:
    """A file that begins with `content` and claims `size` bytes without holding them."""
    with target.open("wb") as file:
        file.write(content)
        file.truncate(size)


def described(
    pairs: Mapping[str, str | int | list[str]], figures: list[tuple[int, list[int], int]] | None = None
) -> bytes:
    """A header of these pairs and tensors, without the tensors' data."""
    packed = [_packed(key, value) for key, value in pairs.items()]
    return header(len(packed), len(figures or [])) + b"".join(packed) + tensors(figures or [])


def _packed(key: str, value: str | int | list[str]) -> bytes:
    if isinstance(value, list):
        return texts(key, value)
    return number(key, value) if isinstance(value, int) else pair(key, STRING, text(value))
