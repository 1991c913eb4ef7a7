"""Settings are read from a regular file only: a pipe or a device in its place would hold the start up for ever."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

LIMIT = 64 * 1024  # bytes; nobody's settings are larger, and the file may be a stranger's
MOST_PARTS = 16  # of a dotted key: what reads them takes the square of their number
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


# What holds no key, so that its dots count for nothing. Each ends somewhere, so one pass is enough for any text.
_NO_KEY = re.compile(
    r'''"""(?:[^\\]|\\.|\\\Z)*?(?:"{3,5}|\Z)|"(?:[^"\\\n]|\\[^\n])*"?|#[^\n]*'''
    r"""|'''.*?(?:'{3,5}|\Z)|'[^'\n]*'?""",
    re.DOTALL,
)


def read_settings(path: Path) -> str:
    """The text of the file. Raises OSError with a reason in words, ValueError as `as_text` does."""
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
    """Raises UnicodeDecodeError where it is no UTF-8, ValueError where a key has too many parts to be read in time.

    A mark at the start is not part of the text."""
    text = data.decode("utf-8-sig")
    bare = _NO_KEY.sub(lambda found: "\n" * found[0].count("\n"), text)
    for number, line in enumerate(bare.split("\n"), 1):
        if line.count(".") > MOST_PARTS:
            raise ValueError(f"A key has more than {MOST_PARTS} parts (at line {number}, column 1)")
    return text
