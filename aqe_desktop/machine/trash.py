"""The system's trash: what is removed here can be brought back by the user's own tools."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path

from aqe_desktop.core.errors import StorageFailed

_ELSEWHERE = "Delete the file yourself, with a file manager or in a terminal."


def move_to_trash(paths: Sequence[Path]) -> None:
    """All of these files, or none as far as can be seen before. Raises StorageFailed with the reason: nothing is ever
    deleted instead. Blocking, no longer than a rename takes."""
    from send2trash import send2trash  # reads the environment when it is imported

    for path in paths:
        _require_movable(path)
    for at, path in enumerate(paths):
        try:
            send2trash(path)
        except OSError as error:
            raise _refused(path, error, moved=paths[:at]) from error


def _require_movable(path: Path) -> None:
    """What Send2Trash would find out too late, after a note in the trash, or by copying gigabytes."""
    folder = path.parent
    if not os.access(folder, os.W_OK | os.X_OK) or not os.access(path, os.W_OK):
        raise StorageFailed(f"{path} may not be moved, so nothing was.", f"Get the right to write in {folder}.")
    if os.name == "posix" and not _has_trash(path):
        raise StorageFailed(f"There is no trash where {path} lies, so nothing was moved.", _ELSEWHERE)


def _has_trash(path: Path) -> bool:
    """The user's own on this file system, or one at the top of it that is there or can be made (freedesktop.org's
    specification of the trash)."""
    device = os.lstat(path).st_dev
    if Path.home().stat().st_dev == device:
        mine = _nearest(Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "Trash")
        return mine.stat().st_dev == device and os.access(mine, os.W_OK | os.X_OK)
    top = _top(path, device)
    mine = top / f".Trash-{os.getuid()}"
    shared = top / ".Trash" / str(os.getuid())
    return any(os.access(each, os.W_OK | os.X_OK) for each in (mine, shared)) or os.access(top, os.W_OK | os.X_OK)


def _nearest(path: Path) -> Path:
    """The path itself or the first folder above it that is there."""
    return next(each for each in (path, *path.parents) if os.path.exists(each))  # noqa: PTH110 - never raises


def _top(path: Path, device: int) -> Path:
    """The first folder of the file's own file system."""
    top = path.parent.resolve()
    while top.parent != top and os.lstat(top.parent).st_dev == device:
        top = top.parent
    return top


def _refused(path: Path, error: OSError, moved: Sequence[Path]) -> StorageFailed:
    before = f" {len(moved)} of its files lie in the trash already." if moved else " Nothing was deleted."
    why = "there is no space left" if error.errno in (errno.ENOSPC, errno.EDQUOT) else (error.strerror or str(error))
    return StorageFailed(f"{path} could not be moved to the trash: {why}.{before}", _ELSEWHERE)
