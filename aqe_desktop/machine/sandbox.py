"""An empty network for an engine: what cannot reach any network cannot send a prompt anywhere (threats T27)."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

from aqe_desktop.machine import seccomp

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_SIOCGIFFLAGS = 0x8913
_IFF_UP = 1
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
# TEST-NET-1 of RFC 5737: assigned to nobody, so even a failure of ours would reach no machine.
_NOWHERE = ("192.0.2.1", 9)


@dataclass(frozen=True, slots=True)
class Isolation:
    """Whether this process is cut off from every network, and one plain sentence of why that is believed."""

    cut_off: bool
    fact: str


def has_means() -> bool:
    """Whether this platform can cut a process off at all: elsewhere nothing is claimed, and nothing is missing."""
    return sys.platform.startswith("linux")


def cut_off() -> str:
    """Take every network from this process, of one thread only, and its children: by a namespace or, where the kernel
    refuses one, by a filter of system calls. Returns "" when that worked, else both reasons in words."""
    if not has_means():
        return "this system has no network namespaces"
    no_namespace = enter_empty_network()
    no_filter = seccomp.refuse_networks() if no_namespace else ""
    return (
        f"no empty network namespace ({no_namespace}) and no filter of system calls ({no_filter})" if no_filter else ""
    )


def enter_empty_network() -> str:
    """Move this process, which must have one thread only, into a network namespace of its own.

    Returns "" when that worked, else the reason in words. It is tried in a child first: a half-made user namespace
    (some systems allow the first step and refuse the second) would leave this process without its user id."""
    if not has_means():
        return "this system has no network namespaces"
    child = os.fork()
    if child == 0:
        os._exit(_code_of_attempt())
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code != 0:
        return os.strerror(code).lower() if code > 0 else "the attempt ended early"
    _unshare()
    return ""


def look_at_network() -> Isolation:
    """Read anew from the kernel whether this process can reach any network."""
    if seccomp.is_in_force():
        return Isolation(
            True,
            "The kernel refuses the engine every socket but Unix sockets: opening one to a network fails.",
        )
    names = [name for _, name in socket.if_nameindex()]
    if names != ["lo"] or _is_up("lo"):
        return Isolation(False, "The engine can reach the network like any other program of yours.")
    if not _connect_fails():
        return Isolation(False, "The engine's network namespace let a connection out.")
    return Isolation(
        True,
        "The engine runs in an empty network namespace: its only interface is lo, which is down, and connecting fails.",
    )


def end_with_parent(signal: int = 9) -> bool:
    """Have the kernel kill this process, or send it another signal, when its parent ends; False where there is no such
    thing. The parent may have ended before the call took effect, so compare os.getppid() afterwards."""
    return _prctl(_PR_SET_PDEATHSIG, signal)


def adopt_orphans() -> bool:
    """Become the parent of every descendant whose own parent ends, so that none is lost; False where there is no such
    thing."""
    return _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def hide_memory() -> bool:
    """No other process of this user may read this one's memory or environment (threats T3)."""
    return _prctl(_PR_SET_DUMPABLE, 0)


def is_hidden(pid: int) -> bool:
    """Whether the kernel keeps the memory of that process of this user from this one, which must have no powers."""
    try:
        Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return True
    return False


def no_core_dumps() -> None:
    """A crash must not write prompts to disk."""
    if os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _code_of_attempt() -> int:
    try:
        _unshare()
    except OSError as error:
        return error.errno or errno.EPERM
    return 0


def _unshare() -> None:
    """As root a network namespace is enough; others need a user namespace around it, with their ids unchanged."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) == 0:
        return
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")


def _is_up(interface: str) -> bool:
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        answer = fcntl.ioctl(probe.fileno(), _SIOCGIFFLAGS, struct.pack("16sH14x", interface.encode(), 0))
    return bool(struct.unpack("16sH14x", answer)[1] & _IFF_UP)


def _connect_fails() -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.2)
        try:
            probe.connect(_NOWHERE)
        except OSError as error:
            return error.errno in (errno.ENETUNREACH, errno.ENETDOWN)
    return False


def _prctl(option: int, value: int) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    return bool(ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) == 0)
