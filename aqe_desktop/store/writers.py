"""Who is still writing: an answer marked `streaming` by a process that is gone was cut off by a crash."""

from __future__ import annotations

import re
import time
import uuid
from contextlib import suppress
from pathlib import Path

from aqe_desktop.core.errors import StorageFailed
from aqe_desktop.locks import FileLock

_NAME = re.compile(r"[0-9a-f]{32}")
_STALE = 60  # seconds; a younger file may belong to a process that is just about to lock it


class Writer:
    """This process among the writers of a profile: alive as long as the kernel holds its lock file for it."""

    def __init__(self, folder: Path, identity: str, lock: FileLock) -> None:
        self.id = identity
        self._folder = folder
        self._lock = lock

    @classmethod
    def claim(cls, folder: Path) -> Writer:
        """Take a new identity below `folder`, which every process of the profile must share. Raises StorageFailed."""
        from aqe_desktop.store.failures import explained  # it loads SQLite, which no import before the first paint may

        with explained(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sweep(folder)
            identity = uuid.uuid4().hex
            lock = FileLock(folder / f"{identity}.lock")
        if not lock.try_exclusive():
            raise StorageFailed(f"{folder} does not keep locks.", "Move the data folder to a local disk.")
        return cls(folder, identity, lock)

    def alive(self, identity: str | None) -> bool:
        """Whether the process that wrote under this identity still runs."""
        if identity == self.id:
            return True
        if identity is None or not _NAME.fullmatch(identity):
            return False
        return _is_held(self._folder / f"{identity}.lock")

    def release(self) -> None:
        """Give the identity up, at the end of the process's work."""
        self._lock.release()
        with suppress(OSError):  # a disk that takes no more changes: the next start sweeps
            (self._folder / f"{self.id}.lock").unlink()


def _is_held(file: Path) -> bool:
    if not file.exists():
        return False
    probe = FileLock(file)
    try:
        return not probe.try_shared()
    finally:
        probe.release()


def _sweep(folder: Path) -> None:
    """Remove what crashed processes left."""
    for file in folder.glob("*.lock"):
        try:
            if time.time() - file.stat().st_mtime > _STALE and not _is_held(file):
                file.unlink(missing_ok=True)
        except FileNotFoundError:
            continue  # another process swept it first
