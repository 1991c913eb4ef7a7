"""A model file cut into parts as llama.cpp's gguf-split cuts it: its tensors over several files, each with a header."""

from __future__ import annotations

import struct
from itertools import pairwise
from pathlib import Path

from aqe_desktop.runtimes.llamacpp.gguf_reader import Reader
from tests.runtimes.llamacpp import gguf_files as gguf

_U16, _I32 = 2, 5
_ALIGNMENT = 32


def split(source: Path, folder: Path, name: str, parts: int = 2) -> list[Path]:
    """The parts' files, each with as many tensors as the others; the first one has what the source says of itself."""
    with source.open("rb") as file:
        reader = Reader(file, source.name, lambda _: False)
        keys = len(reader.values())
        ends = [reader.position]
        for _ in range(reader._tensors):
            reader._tensor()
            ends.append(reader.position)
    whole = source.read_bytes()
    told, rows = whole[24 : ends[0]], [whole[at:end] for at, end in pairwise(ends)]
    data = whole[_aligned(ends[-1]) :]
    offsets = [*(struct.unpack("<Q", row[-8:])[0] for row in rows), len(data)]
    share = -(-len(rows) // parts)
    paths = []
    for number in range(parts):
        mine = range(number * share, min(len(rows), (number + 1) * share))
        content = b"".join(
            gguf.pair(f"split.{key}", kind, struct.pack(code, value))
            for key, kind, code, value in (
                ("no", _U16, "<H", number),
                ("count", _U16, "<H", parts),
                ("tensors.count", _I32, "<i", len(rows)),
            )
        )
        content += told if number == 0 else b""
        begin = offsets[mine[0]]
        content += b"".join(rows[at][:-8] + struct.pack("<Q", offsets[at] - begin) for at in mine)
        content = gguf.header(3 + (keys if number == 0 else 0), len(mine)) + content
        paths.append(folder / f"{name}-{number + 1:05}-of-{parts:05}.gguf")
        padding = bytes(_aligned(len(content)) - len(content))
        paths[-1].write_bytes(content + padding + data[begin : offsets[mine[-1] + 1]])
    return paths


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
