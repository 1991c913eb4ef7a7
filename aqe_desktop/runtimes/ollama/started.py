"""The server that this app started, as every process of the profile finds it again; and the end of what was left over
when its keeper was killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aqe_desktop.locks import FileLock
from aqe_desktop.machine import sockets
from aqe_desktop.machine.files import write_private

RECORD, LOCK, LOG = "ollama.json", "ollama.lock", "ollama.log"
_PATIENCE_S = 3.0


@dataclass(frozen=True, slots=True)
class Job:
    """What the keeper is told. `environment` is the server's whole one; `stays`: it lives on when the app ends."""

    binary: Path
    environment: dict[str, str]
    record: Path
    lock: Path
    log: Path
    stays: bool = False

    def as_json(self) -> dict[str, Any]:
        return {name: str(value) if isinstance(value, Path) else value for name, value in asdict(self).items()}

    @classmethod
    def parse(cls, told: Mapping[str, Any]) -> Job:
        paths = {name: Path(told[name]) for name in ("binary", "record", "lock", "log")}
        return cls(**{**told, **paths})


@dataclass(frozen=True, slots=True)
class Record:
    """A server of ours; `port` is 0 until it listens. Times are ticks since the system's start `boot`: with them a pid
    names one process for ever."""

    keeper: int
    keeper_started: int
    server: int
    server_started: int
    port: int
    binary: Path
    boot: str
    stays: bool = False


def write(path: Path, record: Record) -> None:
    write_private(path, json.dumps({**asdict(record), "binary": str(record.binary)}).encode())


def read(path: Path) -> Record | None:
    """None where there is none, or what stands there is none of ours."""
    try:
        told = json.loads(path.read_bytes())
        return Record(**{**told, "binary": Path(told["binary"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def running(run: Path) -> Record | None:
    """The server that a living keeper has; blocks for a moment. A keeper holds the lock as long as it lives."""
    if not (run / RECORD).exists() or _is_free(run / LOCK):
        return None
    record = read(run / RECORD)
    return record if record is not None and record.boot == sockets.boot() else None


def is_starting(run: Path) -> bool:
    """Whether a keeper lives, also before it has a server."""
    return (run / LOCK).exists() and not _is_free(run / LOCK)


def sweep(run: Path) -> tuple[int, ...]:
    """End what a killed keeper left: the server it had, and the runners of its session. Blocks; returns their pids.

    Each is known by its start time or its session, and by the program it runs, never by its number alone."""
    if not (run / RECORD).exists():
        return ()
    with contextlib.suppress(OSError):
        lock = FileLock(run / LOCK)
        try:
            return _swept(run / RECORD) if lock.try_exclusive() else ()
        finally:
            lock.release()
    return ()


def end(pid: int, started: int, number: int) -> bool:
    """Send a signal to that very process; False where it is gone. A handle, taken before the look at its start time,
    keeps the number from being another's when the signal goes."""
    if not hasattr(os, "pidfd_open"):
        return False
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if sockets.started(pid) != started:
            return False
        signal.pidfd_send_signal(handle, number)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _swept(path: Path) -> tuple[int, ...]:
    record = read(path)
    left = () if record is None or record.boot != sockets.boot() else _left(record)
    for each in left:
        end(each.pid, each.started, signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and any(sockets.started(each.pid) == each.started for each in left):
        time.sleep(0.02)
    for each in left:
        end(each.pid, each.started, signal.SIGKILL)
    path.unlink(missing_ok=True)
    return tuple(each.pid for each in left)


def _left(record: Record) -> tuple[sockets.Process, ...]:
    """The server led a session of its own, so its number is that session's."""
    leader = sockets.started(record.server)
    if leader is not None and leader != record.server_started:
        return ()  # the number is another's, which the kernel gives away only when nobody of the session is left
    program = sockets.identity(record.binary)
    return tuple(
        each
        for each in sockets.of_session(record.server)
        if each.uid == os.getuid()
        and each.started >= record.server_started
        and (each.binary == program or Path(each.exe.removesuffix(" (deleted)")) == record.binary)
    )


def _is_free(lock: Path) -> bool:
    try:
        held = FileLock(lock)
    except OSError:
        return True
    try:
        return held.try_shared()
    finally:
        held.release()
