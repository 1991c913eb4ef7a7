"""A model as files: what a folder shows of it before any file is opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

NO_TEXT = "Its file name is not text. Rename the file to use it."


@dataclass(frozen=True, slots=True)
class Found:
    """One file with what the file system says of it; `problem` is why it cannot be looked at."""

    path: Path
    size: int = 0
    modified: int = 0  # nanoseconds since the epoch
    device: int = 0
    inode: int = 0
    problem: str = ""

    @property
    def identity(self) -> tuple[int, int] | str:
        """The same for two names of one file."""
        return (self.device, self.inode) if self.inode else str(self.path)

    @property
    def mark(self) -> list[int]:
        """Another one for another content."""
        return [self.size, self.modified, self.inode]


@dataclass(frozen=True, slots=True)
class Entry:
    """`parts` in their order, one for most models; `projector` is the companion that reads its pictures; `folder` the
    one of the library. `problem`: one sentence, why it cannot be used."""

    name: str
    folder: Path
    parts: tuple[Found, ...]
    projector: Found | None = None
    problem: str = ""

    @property
    def file(self) -> Path:
        return self.parts[0].path

    @property
    def all(self) -> tuple[Found, ...]:
        return (*self.parts, self.projector) if self.projector else self.parts

    @property
    def files(self) -> tuple[Path, ...]:
        return tuple(each.path for each in self.all)

    @property
    def size(self) -> int:
        return sum(each.size for each in self.all)


def look_at(path: Path) -> Found | None:
    """None for what is no file. A link to a place that cannot be looked at is shown, with the reason."""
    try:
        facts = path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    except OSError as error:
        # Answers, where Path.is_symlink raises, for a name too long.
        linked = os.path.islink(path)  # noqa: PTH114
        return Found(path, problem=f"This file cannot be read: {error.strerror}.") if linked else None
    if not stat.S_ISREG(facts.st_mode):
        return None
    problem = "" if _is_text(path.name) else NO_TEXT
    return Found(path, facts.st_size, facts.st_mtime_ns, facts.st_dev, facts.st_ino, problem)


def each_once(entries: Sequence[Entry]) -> list[Entry]:
    """Without those whose file stands there under another name already."""
    seen: set[tuple[int, int] | str] = set()
    kept = []
    for entry in entries:
        identity = entry.parts[0].identity
        if identity not in seen:
            seen.add(identity)
            kept.append(entry)
    return kept


def _is_text(name: str) -> bool:
    return name == name.encode("utf-8", "replace").decode("utf-8")
