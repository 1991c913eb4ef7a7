"""Where things really are: a name that leads by links or dots to a folder, and the files that lie below one."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.project_files import Walk

SKIPPED = frozenset({".git", ".venv", "__pycache__", "node_modules"})
MARKS = frozenset({"CACHEDIR.TAG", "pyvenv.cfg"})
"""By these a folder says itself that it can be made again: a cache, an environment of packages. Whether to believe it
is for others to say, as the mark may come with a clone."""
_AT_MOST = 10  # times the files that are wanted, of all that are listed


def names_of(path: Path) -> tuple[str, ...]:
    """Every absolute path that leads there, with `/`: as it is named, with the links of each part of it followed, and
    where it really is. Without a link there is one."""
    named, place = Path(os.path.abspath(path)), Path(os.path.realpath(path))  # noqa: PTH100 - without following links
    if named == place:
        return (named.as_posix(),)
    between = (Path(os.path.realpath(at)) / named.relative_to(at) for at in reversed(named.parents))
    return tuple(dict.fromkeys(each.as_posix() for each in (named, *between, place)))


def here() -> Path:
    """The folder that the program was started in, by the name that the user knows it by: a shell follows no link in it,
    the system does. Raises OSError where it is gone."""
    named = os.path.normpath(os.environ.get("PWD", ""))
    with suppress(OSError, ValueError):
        if Path(named).is_absolute() and os.path.samefile(named, "."):  # noqa: PTH121 - for any absolute path
            return Path(named)
    return Path.cwd()


def regular_file(path: str) -> str:
    """Its absolute path, no link followed. Raises UsageError where there is no file that can be read."""
    named = os.path.abspath(here() / path)  # noqa: PTH100 - no link followed
    try:
        handle = os.open(named, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise UsageError(f"{named} cannot be read: {error.strerror}.", "Check the path and its permissions.") from error
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise UsageError(f"{named} is no file.", "Name the file itself.")
    finally:
        os.close(handle)
    return named


def real(path: Path | str) -> str:
    """The real path, as far as its links can be followed; a user's `~` is theirs to expand."""
    return os.path.realpath(path)


def files_below(folder: Path, most: int) -> Walk:
    """Regular files and links, in the order of their names, at most this many, and as many again of those that can be
    made again. Blocks; follows no link to a folder. What other programs keep for themselves, SKIPPED, is left out."""
    found: list[Path] = []
    made: dict[Path, Path] = {}
    cut: set[Path] = set()
    for number, (path, mark) in enumerate(_below(folder)):
        if (mark is None and len(found) == most) or number == _AT_MOST * most:
            return Walk(tuple(found), True, made, frozenset(cut))
        if mark is None:
            found.append(path)
        elif len(made) < most:
            made[path] = mark
        else:
            cut.add(mark)
    return Walk(tuple(found), False, made, frozenset(cut))


def _below(folder: Path) -> Iterator[tuple[Path, Path | None]]:
    """Each file with the outermost mark above it. Without recursion: a stranger's folders may be as deep as they like.

    The project itself cannot be made again, whatever lies in it."""
    waiting: list[tuple[Path, Path | None]] = [(folder, None)]
    while waiting:
        at, mark = waiting.pop()
        names, folders, own = _listed(at)
        if at != folder:
            mark = mark or own
        yield from ((at / name, mark) for name in names)
        waiting += ((at / name, mark) for name in reversed(folders))


def _listed(folder: Path) -> tuple[list[str], list[str], Path | None]:
    """The names of the files and of the folders in a folder, and its mark: a link that is called so is none."""
    names: list[str] = []
    folders: list[str] = []
    mark: Path | None = None
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_dir():
                names.append(entry.name)
            elif not entry.is_symlink() and entry.name not in SKIPPED:
                folders.append(entry.name)
            if entry.name in MARKS and entry.is_file(follow_symlinks=False):
                mark = folder / entry.name
    return sorted(names), sorted(folders), mark
