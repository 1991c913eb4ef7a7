"""Files that a user names: read once and decoded honestly, or written, and never waited for without an end."""

from __future__ import annotations

import codecs
import os
import select
import stat
import tempfile
from pathlib import Path
from typing import BinaryIO

from aqe_desktop.core.chat import Attachment
from aqe_desktop.core.errors import DiskFull, StorageFailed, UsageError
from aqe_desktop.machine.images import is_image, picture
from aqe_desktop.machine.places import here

MAX_BYTES = 20 * 1024 * 1024
PATIENCE = 10.0  # seconds that a pipe may stay silent; nobody can interrupt the wait
_ENOSPC = 28
# Opening a pipe or a terminal must not wait for its other end, nor take it over.
_READING = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):
    _READING |= getattr(os, _flag, 0)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_NO_TEXT_CONTROLS = frozenset(chr(code) for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n\r\f")


def read_attachment(path: Path | str) -> Attachment:
    """The file as it is now, an image by its content and not its name. Raises UsageError where it is missing,
    unreadable, too large, or neither text nor an image that can be shown."""
    path = Path(path)
    try:
        with os.fdopen(os.open(path, _READING), "rb") as file:
            data = _content(file, path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Check the path and its permissions.") from error
    named = os.path.abspath(path if path.is_absolute() else here() / path)  # noqa: PTH100 - no link followed
    if is_image(data):
        return image(data, path.name, named)
    return Attachment(path.name, decode(data, str(path)), named)


def image(data: bytes, name: str, path: str = "") -> Attachment:
    """The bytes of an image as an attachment. Raises UsageError where they are too many, or no image."""
    _require_small(data, path or name)
    return Attachment(name, "", path, data=data, media=picture(data, path or name).media)


def decode(data: bytes, name: str) -> str:
    """UTF-8, UTF-16 or UTF-32 with a mark, or Latin-1 without control characters. Raises UsageError for other bytes."""
    _require_small(data, name)
    text = _decoded(data)
    if text is None or "\0" in text:
        raise UsageError(
            f"{name} is not text.",
            "Attach a text file, or an image as PNG, JPEG, WebP or GIF; no model reads other binary files.",
        )
    return text


def _require_small(data: bytes, name: str) -> None:
    if len(data) > MAX_BYTES:
        raise UsageError(
            f"{name} is larger than {MAX_BYTES // 2**20} MB.", "Attach a smaller file, or the part of it that matters."
        )


def write_private(path: Path, data: bytes, *, replace: bool = True) -> None:
    """Write the file in one step, for its owner only; `replace` where the user has agreed that an old one goes.

    Raises DiskFull or StorageFailed, and UsageError where there is one that must not go: it stays as it is."""
    try:
        if replace:
            _refuse_special(path)
            _replace(path, data)
        else:
            _make(path, data)
    except FileExistsError as error:
        raise UsageError(f"{path} exists already and was left as it is.", "Name a file that is new.") from error
    except OSError as error:
        kind = DiskFull if error.errno == _ENOSPC else StorageFailed
        raise kind(f"{path} cannot be written: {error.strerror}.", "Choose another place.") from error


def _refuse_special(path: Path) -> None:
    """A device or a pipe in the place would be replaced like any file."""
    if path.exists() and not path.is_file():
        raise StorageFailed(f"{path} is not a regular file and was left as it is.", "Choose another place.")


def _make(path: Path, data: bytes) -> None:
    """The name is taken first, so that nobody's file can come into its place meanwhile."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        _replace(path, data)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _replace(path: Path, data: bytes) -> None:
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _content(file: BinaryIO, path: Path) -> bytes:
    """At most one byte more than allowed. A pipe of the command line, as of `<(...)`, is read too."""
    kind = os.fstat(file.fileno()).st_mode
    if stat.S_ISDIR(kind):
        raise UsageError(f"{path} is a folder.", "Attach the files in it one by one.")
    if stat.S_ISREG(kind):
        return file.read(MAX_BYTES + 1)
    if stat.S_ISFIFO(kind) and not Path(os.path.realpath(path)).exists():
        return _from_pipe(file.fileno(), path)
    raise UsageError(f"{path} is not a regular file.", "Attach a text file, or a copy of what it gives.")


def _from_pipe(descriptor: int, path: Path) -> bytes:
    data = bytearray()
    while len(data) <= MAX_BYTES:
        if not select.select([descriptor], [], [], PATIENCE)[0]:
            raise UsageError(f"{path} stayed silent for {PATIENCE:g} seconds.", "Save it to a file, and attach that.")
        piece = os.read(descriptor, 65536)
        if not piece:
            break
        data += piece
    return bytes(data)


def _decoded(data: bytes) -> str | None:
    try:
        if data.startswith(_UTF32):
            return data.decode("utf-32")
        if data.startswith(_UTF16):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
        return None if _NO_TEXT_CONTROLS & set(text) else text
