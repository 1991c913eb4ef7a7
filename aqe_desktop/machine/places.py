"""Where things really are: a name that leads by links or dots to a folder, and the files that lie below one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from aqe_desktop.core.project_files import Walk

SKIPPED = frozenset({".git", ".venv", "__pycache__", "node_modules"})
MARKS = frozenset({"CACHEDIR.TAG", "pyvenv.cfg"})
"""By these a folder says itself that it can be made again: a cache, an environment of packages."""


def names_of(path: Path) -> tuple[str, ...]:
    """Every absolute path that leads there, with `/`: as it is named, with the links of each part of it followed, and
    where it really is. Without a link there is one."""
    named, place = Path(os.path.abspath(path)), Path(os.path.realpath(path))  # noqa: PTH100 - without following links
    if named == place:
        return (named.as_posix(),)
    between = (Path(os.path.realpath(at)) / named.relative_to(at) for at in reversed(named.parents))
    return tuple(dict.fromkeys(each.as_posix() for each in (named, *between, place)))


def real(path: Path | str) -> str:
    """The real path, as far as its links can be followed; a user's `~` is theirs to expand."""
    return os.path.realpath(path)


def files_below(folder: Path, most: int) -> Walk:
    """Regular files and links, in the order of their names, at most this many. Blocks; follows no link to a folder.

    What other programs keep for themselves is left out: SKIPPED, and what has one of MARKS, wherever it lies."""
    found: list[Path] = []
    for path in _below(folder):
        if len(found) == most:
            return Walk(tuple(found), True)
        found.append(path)
    return Walk(tuple(found))


def _below(folder: Path) -> Iterator[Path]:
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        if MARKS.isdisjoint(names):
            yield from (Path(at) / name for name in sorted(names))
        else:
            folders.clear()
