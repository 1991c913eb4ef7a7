"""Root's powers laid down for good by an engine: one that kept them could step back into a network (threats T27)."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence
from pathlib import Path

_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 24, 38, 47
_CLEAR_ALL = 4
_VERSION_3 = 0x20080522
_READ_EVERYTHING = 2  # CAP_DAC_READ_SEARCH
_LAST = 63


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Half(ctypes.Structure):
    """32 of the 64 capabilities, as the kernel's capset takes them."""

    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def drop_privileges(readable: Sequence[Path]) -> None:
    """No capability for this process (of one thread) and its children, and no way to a new one, not even by set-uid.

    Root may read files of other users by such a power alone: where `readable` needs it, that one is kept."""
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    kept = 1 << _READ_EVERYTHING if _needs_power(libc, readable) else 0
    for number in range(_LAST + 1):
        if not kept >> number & 1:
            libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)
    libc.prctl(_PR_CAP_AMBIENT, _CLEAR_ALL, 0, 0, 0)
    _set(libc, kept, kept)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _needs_power(libc: ctypes.CDLL, readable: Sequence[Path]) -> bool:
    """Tried with every power laid down for a moment, not computed: there are access lists and security modules too."""
    held = _held("CapPrm")
    if not held >> _READ_EVERYTHING & 1:
        return False
    _set(libc, 0, held)
    try:
        return not all(_can_read(path) for path in readable)
    finally:
        _set(libc, held, held)


def _can_read(path: Path) -> bool:
    """A path that is not there is no matter of permission."""
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))
    except PermissionError:
        return False
    except OSError:
        return True
    return True


def _held(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[1], 16) for line in lines if line.startswith(f"{name}:")), 0)


def _set(libc: ctypes.CDLL, effective: int, permitted: int) -> None:
    low = 0xFFFFFFFF
    halves = (_Half * 2)(
        _Half(effective & low, permitted & low, 0),
        _Half(effective >> 32, permitted >> 32, 0),
    )
    libc.capset(ctypes.byref(_Header(_VERSION_3, 0)), halves)
