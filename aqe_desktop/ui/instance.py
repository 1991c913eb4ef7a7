"""One window per profile: a lock decides who has it, a private socket lets a second start raise the first's window.

Also on the path of a start that only knocks, so nothing heavy and no Qt is imported here."""

from __future__ import annotations

import logging
import os
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from aqe_desktop.core.errors import AqeError, StorageFailed
from aqe_desktop.locks import FileLock
from aqe_desktop.machine.paths import Paths, prepare

if TYPE_CHECKING:
    import asyncio

_log = logging.getLogger("aqe_desktop.instance")

RAISE, RAISED = b"raise\n", b"raised\n"
# Seconds a second start waits for the first to answer: it may still be drawing its window, or closing.
PATIENCE = 15.0
_ANSWER_WITHIN = 3.0


class WindowHangs(AqeError):
    """The profile's window exists and does not answer."""

    kind = "window_hangs"


class Seat:
    """The right to be the profile's window, held until `close` or the end of the process, however it comes.

    Without a lock and listener it is a seat for everybody (Windows)."""

    def __init__(
        self, lock: FileLock | None = None, listener: socket.socket | None = None, path: Path | None = None
    ) -> None:
        self._lock = lock
        self._listener = listener
        self._path = path
        self._server: asyncio.Server | None = None

    async def serve(self, raised: Callable[[], None]) -> None:
        """Call `raised` for every knock from now on; those that came before are waiting in the socket."""
        import asyncio

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _answer(reader, writer, raised)

        if self._listener is not None:
            self._server = await asyncio.start_unix_server(answer, sock=self._listener, limit=64)

    def close(self) -> None:
        """Give the seat away: first the socket, then the lock, so that whoever gets the lock may bind."""
        if self._server is not None:
            self._server.close()
        if self._listener is not None:
            self._listener.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.release()


def claim(run: Path, patience: float = PATIENCE) -> Seat | None:
    """The seat, or None when another window has it and has been raised.

    Raises WindowHangs when that one does not answer within `patience` seconds, StorageFailed when `run` is unusable.
    Where there are no Unix sockets (Windows) see `can_claim`."""
    deadline = time.monotonic() + patience
    path = run / "window.sock"
    while True:
        lock = _open_lock(run / "window.lock")
        if lock.try_exclusive():
            return _sit(lock, path)
        lock.release()
        if _knock(path, max(0.1, min(_ANSWER_WITHIN, deadline - time.monotonic()))):
            return None
        if time.monotonic() > deadline:
            raise WindowHangs(
                "AQE Desktop is already open for this profile, but its window does not answer.",
                f"End process {_holder(path)} and start again; what it had received is kept.",
            )
        time.sleep(0.05)


def take(paths: Paths) -> Seat | AqeError | None:
    """The profile's seat; None when there is none to be had because another window has it and was raised.

    Why the profile cannot be used is returned, not raised: the window opens all the same, and says it."""
    try:
        prepare(paths)
        return claim(paths.run) if can_claim() else Seat()
    except AqeError as error:
        return error


def can_claim() -> bool:
    """False on Windows: every start opens a window there, which the database allows."""
    return os.name != "nt" and hasattr(socket, "AF_UNIX")


def _open_lock(path: Path) -> FileLock:
    try:
        return FileLock(path)
    except OSError as error:
        raise StorageFailed(f"The run folder {path.parent} cannot be used: {error.strerror}.") from error


def _sit(lock: FileLock, path: Path) -> Seat:
    """Bind the socket; one that lies there is stale, for its owner would hold the lock."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(os.fspath(path))
    except OSError as error:
        lock.release()
        raise StorageFailed(f"The socket {path} cannot be made: {error.strerror}.") from error
    finally:
        os.umask(before)
    listener.listen(16)
    listener.setblocking(False)
    return Seat(lock, listener, path)


def _knock(path: Path, timeout: float) -> bool:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(timeout)
            line.connect(os.fspath(path))
            if not ours(line):
                return False
            line.sendall(RAISE)
            return line.recv(len(RAISED)) == RAISED
    except OSError:
        return False


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raised: Callable[[], None]) -> None:
    import asyncio

    try:
        if not ours(writer.get_extra_info("socket")):
            _log.warning("refused a connection of another user")
            return
        async with asyncio.timeout(_ANSWER_WITHIN):
            if await reader.readline() == RAISE:
                raised()
                writer.write(RAISED)
                await writer.drain()
    except (OSError, ValueError, TimeoutError):
        _log.info("a knock was broken off")
    finally:
        writer.close()


def ours(line: socket.socket) -> bool:
    """Whether the other end is this user, by the kernel's word; elsewhere the private folder alone keeps others out."""
    return not hasattr(socket, "SO_PEERCRED") or _peer(line)[1] == os.getuid()


def _peer(line: socket.socket) -> tuple[int, int, int]:
    """Process, user and group id of the other end. OSError or AttributeError where the system does not tell."""
    shape = struct.Struct("3i")
    process, user, group = shape.unpack(line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, shape.size))
    return process, user, group


def _holder(path: Path) -> str:
    """The process id behind the socket; a window that hangs still has it open."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(1)
            line.connect(os.fspath(path))
            return str(_peer(line)[0])
    except (OSError, AttributeError):
        return "of the first window"
