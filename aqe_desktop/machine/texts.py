"""The texts of a project's files, read for their fingerprints: never waited for, and never more than is asked for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from aqe_desktop.core.project_files import Stamp

_HEAD = 8192  # bytes that show whether it is text
_READING = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):
    _READING |= getattr(os, _flag, 0)


def stamp_of(path: Path) -> Stamp | None:
    """None for what is no regular file, or is gone."""
    try:
        facts = path.stat()
    except (OSError, ValueError):
        return None
    return Stamp(facts.st_mtime_ns, facts.st_size) if stat.S_ISREG(facts.st_mode) else None


def shared_by(path: Path) -> tuple[int, int] | None:
    """Device and number of a file that has several names (hard links), which is one file by any of them; else None."""
    try:
        facts = path.stat()
    except (OSError, ValueError):
        return None
    return (facts.st_dev, facts.st_ino) if stat.S_ISREG(facts.st_mode) and facts.st_nlink > 1 else None


def text_of(path: Path, most: int) -> str:
    """At most the first `most` bytes; empty for what is no text, and for what cannot be read."""
    try:
        with os.fdopen(os.open(path, _READING), "rb") as file:
            head = file.read(min(most, _HEAD)) or b"" if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b""
            data = b"" if b"\0" in head else head + file.read(most - len(head))
    except (OSError, ValueError):
        return ""
    return data.decode("utf-8", "replace")
