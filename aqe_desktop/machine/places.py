"""Where things really are: a name that leads by links or dots to a folder, and the files that lie below one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from aqe_desktop.core.project_files import Walk

SKIPPED = frozenset({".git", ".venv", "node_modules"})


def both_names(path: Path) -> tuple[str, ...]:
    """The absolute path as it is named and the one that its links lead to, with `/`, each once."""
    named = Path(os.path.abspath(path))  # noqa: PTH100 - without following links
    return tuple(dict.fromkeys((named.as_posix(), Path(os.path.realpath(named)).as_posix())))


def real(path: Path | str) -> str:
    """The real path, as far as its links can be followed; a user's `~` is theirs to expand."""
    return os.path.realpath(path)


def files_below(folder: Path, most: int) -> Walk:
    """Regular files and links, in the order of their names, at most this many. Blocks; follows no link to a folder.

    What other programs keep for themselves is left out: SKIPPED, wherever it lies."""
    found: list[Path] = []
    for path in _below(folder):
        if len(found) == most:
            return Walk(tuple(found), True)
        found.append(path)
    return Walk(tuple(found))


def _below(folder: Path) -> Iterator[Path]:
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        yield from (Path(at) / name for name in sorted(names))
