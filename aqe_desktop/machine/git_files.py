"""The files git reads before it says what it ignores: a pipe in the place of one would keep it waiting for ever."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

_OWN = ("HEAD", "index", "commondir", "config.worktree")  # of this working tree
_SHARED = ("config", "HEAD", "packed-refs", "info/exclude", "info/attributes")  # of all working trees of a repository
_MOST = 4096  # bytes of a file that names a folder
_READING = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):
    _READING |= getattr(os, _flag, 0)


def odd_file(root: Path, names: Iterable[str]) -> Path | None:
    """The first file of the repository at `root` that is there and is no regular file, of those git opens when it is
    asked for these files. Nothing is opened that would not be; blocks no longer than a disk does."""
    own = _git_folder(root)
    if own is None:
        return root / ".git"
    shared = own / _line(own / "commondir")
    wanted = (*(own / name for name in _OWN), *(shared / name for name in _SHARED), *_lists(root, names))
    return next((path for path in wanted if _is_odd(path)), None)


def _git_folder(root: Path) -> Path | None:
    """Where git keeps what it knows: `.git` itself, or what a file of that name leads to. None for anything else."""
    at = root / ".git"
    if at.is_dir():
        return at
    return None if _is_odd(at) else root / _line(at).removeprefix("gitdir:").strip()


def _lists(root: Path, names: Iterable[str]) -> Iterable[Path]:
    """The lists of ignored files on the way from the root to each file."""
    folders = {parent for name in names for parent in Path(name).parents}
    return (root / folder / name for folder in sorted(folders) for name in (".gitignore", ".gitattributes"))


def _line(path: Path) -> str:
    """Empty where there is none to read."""
    try:
        with os.fdopen(os.open(path, _READING), "rb") as file:
            data = file.read(_MOST) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b""
    except (OSError, ValueError):
        return ""
    return os.fsdecode(data.partition(b"\n")[0].strip())


def _is_odd(path: Path) -> bool:
    """What cannot be looked at, git says itself; a folder it does not wait for."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
