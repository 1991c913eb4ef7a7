"""Locks on files, so that processes over one data folder can tell who is alive; the kernel drops them on kill -9."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

_SLOTS = 64


class FileLock:
    """One open lock file, mode 0600, held by nobody at first. Raises OSError when the file cannot be made.

    Two objects on one file exclude each other within a process too. A child does not inherit it."""

    def __init__(self, path: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
        self._descriptor = os.open(path, flags, 0o600)

    def try_exclusive(self) -> bool:
        """Whether this object now holds the lock alone; a shared hold is exchanged for it."""
        return _take(self._descriptor, exclusive=True)

    def try_shared(self) -> bool:
        """Whether this object now holds the lock beside other shared holders; an exclusive hold is exchanged."""
        return _take(self._descriptor, exclusive=False)

    def release(self) -> None:
        """Let go and close; a second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def wait_for(attempt: Callable[[], bool], seconds: float) -> bool:
    """Try again every few milliseconds until it succeeds or the time is over; blocks its thread."""
    deadline = time.monotonic() + seconds
    while not attempt():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


if sys.platform == "win32":
    import msvcrt

    # Windows knows only exclusive byte ranges: a shared holder takes one byte, an exclusive one takes them all.
    def _take(descriptor: int, *, exclusive: bool) -> bool:
        _lock_range(descriptor, 0, _SLOTS, msvcrt.LK_UNLCK)
        if exclusive:
            return _lock_range(descriptor, 0, _SLOTS, msvcrt.LK_NBLCK)
        return any(_lock_range(descriptor, slot, 1, msvcrt.LK_NBLCK) for slot in range(_SLOTS))

    def _lock_range(descriptor: int, start: int, length: int, mode: int) -> bool:
        os.lseek(descriptor, start, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, mode, length)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(descriptor: int, *, exclusive: bool) -> bool:
        kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
