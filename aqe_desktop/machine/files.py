"""Text files that a user attaches: read once, decoded honestly, refused with a reason where they are no text."""

from __future__ import annotations

import codecs
import os
import tempfile
from pathlib import Path

from aqe_desktop.core.chat import Attachment
from aqe_desktop.core.errors import DiskFull, StorageFailed, UsageError

MAX_BYTES = 20 * 1024 * 1024
_ENOSPC = 28
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_NO_TEXT_CONTROLS = frozenset(chr(code) for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n\r\f")


def read_attachment(path: Path | str) -> Attachment:
    """The file as it is now. Raises UsageError where it is missing, unreadable, too large or no text."""
    path = Path(path)
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a folder.", "Attach the files in it one by one.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Check the path and its permissions.") from error
    return Attachment(path.name, decode(data, str(path)))


def decode(data: bytes, name: str) -> str:
    """UTF-8, UTF-16 or UTF-32 with a mark, or Latin-1 without control characters. Raises UsageError for other bytes."""
    if len(data) > MAX_BYTES:
        raise UsageError(
            f"{name} is larger than {MAX_BYTES // 2**20} MB.", "Attach a smaller file, or the part of it that matters."
        )
    text = _decoded(data)
    if text is None or "\0" in text:
        raise UsageError(f"{name} is not text.", "Attach a text file; binary files cannot be read by the model.")
    return text


def write_private(path: Path, data: bytes) -> None:
    """Replace the file in one step, for its owner only. Raises DiskFull or StorageFailed; the old file stays."""
    try:
        _replace(path, data)
    except OSError as error:
        kind = DiskFull if error.errno == _ENOSPC else StorageFailed
        raise kind(f"{path} cannot be written: {error.strerror}.", "Choose another place.") from error


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
