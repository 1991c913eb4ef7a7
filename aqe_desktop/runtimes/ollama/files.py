"""A GGUF file on its way into the server: looked at before it is read, hashed before it is sent, counted as it goes."""

from __future__ import annotations

import asyncio
import hashlib
import re
import struct
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aqe_desktop.core.errors import ModelBroken, UsageError
from aqe_desktop.core.transfers import Transfer
from aqe_desktop.machine.door import Upload
from aqe_desktop.runtimes.ollama import pulls
from aqe_desktop.runtimes.ollama.client import translated
from aqe_desktop.wires.ollama_failures import failure

if TYPE_CHECKING:
    import httpx

_PIECE, _LOOK_S = 1 << 22, 0.2
_SPLIT = re.compile(r"-\d{5}-of-\d{5}\.gguf$")
# The magic, the version, and how many tensors and keys follow; older versions count with 32 bits and are long gone.
_HEAD = struct.Struct("<4sIQQ")
_VERSIONS = (2, 3)


class Counted(Upload):
    """An upload that tells how much of it has gone."""

    sent = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in super().__aiter__():
            yield piece
            self.sent += len(piece)


class Reading:
    """Hashes a file, for the server asks for its content by that; `upload` is there when it is done."""

    upload: Counted

    def __init__(self, file: Path) -> None:
        self._file = file

    async def transfers(self) -> AsyncGenerator[Transfer]:
        """Raises UsageError for a file that cannot be read."""
        try:
            size, done, digest = self._file.stat().st_size, 0, hashlib.sha256()
            with await asyncio.to_thread(self._file.open, "rb") as opened:
                while piece := await asyncio.to_thread(opened.read, _PIECE):
                    await asyncio.to_thread(digest.update, piece)
                    done += len(piece)
                    yield of_file(size, "Reading the file", done)
        except OSError as error:
            raise _unreadable(self._file, error) from error
        self.upload = Counted(self._file, done, digest.hexdigest())


def require_gguf(file: Path) -> None:
    """Blocks. Raises UsageError for one part of several or a file that cannot be read, ModelBroken for another kind."""
    if _SPLIT.search(file.name):
        raise UsageError(
            f"{file.name} is one part of a model, and Ollama takes whole files only.",
            "Join the parts with llama-gguf-split --merge, or use the model with llama.cpp.",
        )
    try:
        with file.open("rb") as opened:
            head = opened.read(_HEAD.size)
    except OSError as error:
        raise _unreadable(file, error) from error
    if not _is_gguf(head):
        raise ModelBroken(f"{file.name} is not a whole GGUF file.", "Download it again, or choose another file.")


async def sent(client: httpx.AsyncClient, upload: Counted, same: dict[str, Any]) -> AsyncGenerator[Transfer]:
    """The file brought to the server, unless it has that very content already."""
    path = f"/api/blobs/sha256:{upload.sha256}"
    with translated():
        if (await client.head(path, extensions=same)).status_code == 200:
            return
    headers = {"Content-Length": str(upload.size)}
    sending = asyncio.ensure_future(
        client.post(path, content=upload, headers=headers, extensions={**same, "upload": upload})
    )
    try:
        while not (await asyncio.wait({sending}, timeout=_LOOK_S))[0]:
            yield of_file(upload.size, "Copying", upload.size + upload.sent)
        with translated():
            response = sending.result()
    finally:
        sending.cancel()
    if response.status_code not in (200, 201):
        raise pulls.explained(response.text[:2000], "", "") if response.text else failure(response.status_code, "")


def of_file(size: int, what: str, done: int) -> Transfer:
    """A file goes through twice: it is read for its hash, then brought over."""
    return Transfer(what, done, 2 * size, share=done / (2 * size) if size else 1.0)


def _is_gguf(head: bytes) -> bool:
    if len(head) < _HEAD.size:
        return False
    magic, version, tensors, _ = _HEAD.unpack(head)
    return magic == b"GGUF" and version in _VERSIONS and bool(tensors)


def _unreadable(file: Path, error: OSError) -> UsageError:
    return UsageError(f"{file} cannot be read: {error.strerror}.", "Choose another file.")
