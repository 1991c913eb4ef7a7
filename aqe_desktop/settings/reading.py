"""Settings are read from a regular file only: a pipe or a device in its place would hold the start up for ever."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

LIMIT = 1024 * 1024  # bytes; nobody's settings are larger
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def read_settings(path: Path) -> str:
    """The text of the file. Raises OSError with a reason in words, UnicodeDecodeError where it is no UTF-8."""
    return as_text(read_regular(path))


def read_regular(path: Path) -> bytes:
    """The bytes of the file. Raises OSError with a reason in words."""
    with os.fdopen(os.open(path, _FLAGS), "rb") as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        data = file.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise OSError(errno.EINVAL, "it is too large for settings", str(path))
    return data


def as_text(data: bytes) -> str:
    """Raises UnicodeDecodeError where it is no UTF-8; a mark at the start is not part of the text."""
    return data.decode("utf-8-sig")
