"""The last program that a process becomes: a helper lets this one start and leaves, after which the kernel refuses
every other, to that program and to all its children. A filter that simply forbade it would forbid the program itself.

Sources: the kernel's seccomp_unotify(2), and struct seccomp_notif and seccomp_notif_resp in its headers."""

from __future__ import annotations

import os
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path

from aqe_desktop.machine import seccomp

# SECCOMP_IOCTL_NOTIF_RECV and _SEND, by the sizes of their structures.
_RECEIVE, _SEND, _NOTICE_BYTES = 0xC0502100, 0xC0182101, 80
_GO_ON = 1
# A process that is not run from a file of its own but by another program starts that first.
_OWN_PROGRAM = b"\x7fELF"


class LastProgram:
    """For one start: entered before the fork, `seal` called in the child just before it becomes the program."""

    def __enter__(self) -> LastProgram:
        """Called while this process has one thread."""
        inner, self._outer = socket.socketpair()
        self._helper = os.fork()
        if self._helper == 0:
            self._outer.close()
            os._exit(_let_one_start(inner))
        inner.close()
        return self

    def seal(self) -> None:
        """Where the kernel cannot, nothing is changed: see `seccomp.filters_of`."""
        asking = seccomp.ask_for_programs()
        if asking is not None:
            socket.send_fds(self._outer, [b"1"], [asking])
            os.close(asking)

    def __exit__(self, *_error: object) -> None:
        self._outer.close()
        os.waitpid(self._helper, 0)


def can_be_last(program: Path) -> bool:
    """Whether it needs no other: a script starts its interpreter, and may start what it likes to do its work."""
    if not sys.platform.startswith("linux"):
        return False
    with suppress(OSError), program.open("rb") as file:
        return file.read(len(_OWN_PROGRAM)) == _OWN_PROGRAM
    return False


def _let_one_start(inner: socket.socket) -> int:
    """In the helper, which needs to be there no longer than this. Its end without an answer refuses the start."""
    import fcntl

    with suppress(OSError):
        _, descriptors, _, _ = socket.recv_fds(inner, 1, 1)
        if not descriptors:
            return 0
        notice = bytearray(_NOTICE_BYTES)
        fcntl.ioctl(descriptors[0], _RECEIVE, notice)
        (number,) = struct.unpack_from("Q", notice)
        fcntl.ioctl(descriptors[0], _SEND, struct.pack("QqiI", number, 0, 0, _GO_ON))
        return 0
    return 1
