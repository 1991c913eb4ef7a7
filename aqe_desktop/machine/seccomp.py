"""Filters of system calls: one leaves a process no socket but Unix ones, for kernels that refuse a network namespace,
the other no way to start a program.

They need no privilege, cannot be taken off again, and hold for every later child (threats T27). Sources: the kernel's
seccomp_filter document, struct seccomp_data and struct sock_filter in its headers, and its tables of system calls."""

from __future__ import annotations

import ctypes
import os
import platform
import socket
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
_MODE_FILTER, _GET_ACTION_AVAIL = 2, 2
_SET_FILTER, _NEW_LISTENER, _ASK = 1, 8, 0x7FC00000
_KILL, _REFUSE, _ALLOW = 0x80000000, 0x00050000 | 13, 0x7FFF0000  # 13 is EACCES, on every processor named here
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _PROCESSOR_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
# A second table of calls (x32) answers on x86_64 from this number on.
_X32 = 0x40000000
# Families by number: IPv4, IPv6, netlink, packet, and the socket of virtual machines.
_LOOKED_AT = (2, 10, 16, 17, 40)


@dataclass(frozen=True, slots=True)
class _Calls:
    """Numbers of one processor. `forbidden` are the ways around: reaching into other processes of the same user, which
    have networks, and io_uring, whose requests no filter sees."""

    processor: int
    sockets: tuple[int, int]
    forbidden: tuple[int, ...]
    programs: tuple[int, int]
    seccomp: int


# sockets: socket, socketpair. forbidden: ptrace, process_vm_readv, process_vm_writev, io_uring_setup/enter/register,
# pidfd_getfd. programs: execve, execveat.
_KNOWN = {
    "x86_64": _Calls(0xC000003E, (41, 53), (101, 310, 311, 425, 426, 427, 438), (59, 322), 317),
    "aarch64": _Calls(0xC00000B7, (198, 199), (117, 270, 271, 425, 426, 427, 438), (221, 281), 277),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def refuse_networks() -> str:
    """Take every socket but Unix ones from this process, which must have one thread only. Returns "" when that worked,
    else the reason in words."""
    calls = _calls()
    return "this system has none that we know" if calls is None else install(_filter(calls))


def refuse_programs() -> str:
    """Let this process, which must have one thread only, and its children start no program any more. Returns as
    `refuse_networks` does."""
    calls = _calls()
    return "this system has none that we know" if calls is None else install(_of_programs(calls, _REFUSE))


def ask_for_programs() -> int | None:
    """Have the kernel ask, at each start of a program by this process or a child, whoever reads the descriptor that is
    returned; once nobody holds that, every start is refused. None where the kernel has no such thing."""
    calls = _calls()
    if calls is None:
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    instructions = _of_programs(calls, _ASK)
    program = _Program(len(instructions) // 8, instructions)
    descriptor = int(libc.syscall(calls.seccomp, _SET_FILTER, _NEW_LISTENER, ctypes.byref(program)))
    return descriptor if descriptor >= 0 else None


def filters_of(pid: int) -> int:
    """How many filters the kernel runs for this process; 0 where it does not tell."""
    with suppress(OSError, ValueError):
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("Seccomp_filters:")), 0)
    return 0


def is_available() -> bool:
    """Whether the kernel would take our filter, asked without taking one."""
    calls = _calls()
    if calls is None:
        return False
    action = ctypes.c_uint32(_REFUSE & 0xFFFF0000)
    return bool(ctypes.CDLL(None).syscall(calls.seccomp, _GET_ACTION_AVAIL, 0, ctypes.byref(action)) == 0)


def is_in_force() -> bool:
    """Read anew from the kernel: this process is filtered, and gets no socket of any family of networks."""
    with suppress(OSError):
        status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        return "Seccomp:\t2" in status and not any(_opens(family) for family in _LOOKED_AT)
    return False


def install(instructions: bytes) -> str:
    """Have the kernel run this program at each system call. "" or the reason in words."""
    libc = ctypes.CDLL(None, use_errno=True)
    program = _Program(len(instructions) // 8, instructions)
    done = libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if done == 0:
        done = libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0)
    return os.strerror(ctypes.get_errno()).lower() if done else ""


def _calls() -> _Calls | None:
    """A 32-bit Python on a 64-bit kernel speaks neither table."""
    fits = sys.platform.startswith("linux") and sys.byteorder == "little" and struct.calcsize("P") == 8
    return _KNOWN.get(platform.machine()) if fits else None


def _filter(calls: _Calls) -> bytes:
    """Which processor, then which call, then which family: jumps count the instructions they leave out."""
    bars = [(_AT_LEAST, _X32), *((_EQUAL, number) for number in calls.forbidden)]
    first, second = calls.sockets
    return b"".join(
        [
            _step(_LOAD, _PROCESSOR_AT),
            _step(_EQUAL, calls.processor, then=1),
            _step(_RETURN, _KILL),
            _step(_LOAD, _NUMBER_AT),
            *(_step(test, number, then=len(bars) + 5 - place) for place, (test, number) in enumerate(bars)),
            _step(_EQUAL, first, then=2),
            _step(_EQUAL, second, then=1),
            _step(_RETURN, _ALLOW),
            _step(_LOAD, _FIRST_ARGUMENT_AT),
            _step(_EQUAL, socket.AF_UNIX, otherwise=1),
            _step(_RETURN, _ALLOW),
            _step(_RETURN, _REFUSE),
        ]
    )


def _of_programs(calls: _Calls, answer: int) -> bytes:
    """`answer` to both calls that start a program; the second table of calls is refused as a whole."""
    first, second = calls.programs
    return b"".join(
        [
            _step(_LOAD, _PROCESSOR_AT),
            _step(_EQUAL, calls.processor, then=1),
            _step(_RETURN, _KILL),
            _step(_LOAD, _NUMBER_AT),
            _step(_AT_LEAST, _X32, then=4),
            _step(_EQUAL, first, then=2),
            _step(_EQUAL, second, then=1),
            _step(_RETURN, _ALLOW),
            _step(_RETURN, answer),
            _step(_RETURN, _REFUSE),
        ]
    )


def _step(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("HBBI", code, then, otherwise, value)


def _opens(family: int) -> bool:
    """A family that the kernel does not have fails too, and leads nowhere as surely."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM):
            return True
    except OSError:
        return False
