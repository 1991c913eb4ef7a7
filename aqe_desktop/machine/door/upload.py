"""A file on its way out: hashed before it is sent, and refused when it is not the same file any more."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

from aqe_desktop.core.errors import UsageError

_PIECE = 1 << 20


class Upload:
    """A request's content, streamed from a file. `size` in bytes and `sha256` are of the whole file.

    A file that changes meanwhile breaks the request off before its last piece: raises UsageError."""

    def __init__(self, path: Path, size: int, sha256: str) -> None:
        self._path = path
        self.size = size
        self.sha256 = sha256

    @classmethod
    async def of(cls, path: Path) -> Upload:
        """Reads the file once. Raises OSError."""
        return cls(path, *await asyncio.to_thread(_measure, path))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        digest, held = hashlib.sha256(), b""
        with await asyncio.to_thread(self._path.open, "rb") as file:
            while piece := await asyncio.to_thread(file.read, _PIECE):
                digest.update(piece)
                if held:
                    yield held
                held = piece
        if digest.hexdigest() != self.sha256:
            raise UsageError(f"{self._path} changed while it was sent.", "Send it again; nothing took the half of it.")
        if held:
            yield held


def _measure(path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()
