"""Knowing after the fact that a process ended without saying goodbye: one marker per process, held by a file lock."""

from __future__ import annotations

import json
import logging
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from aqe_desktop.locks import FileLock
from aqe_desktop.machine.sandbox import no_core_dumps

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Crash:
    """A process that ended without cleaning up: what it was, its pid, and when it began (seconds since the epoch)."""

    process: str
    pid: int
    started: float


@contextmanager
def marked(folder: Path, process: str) -> Iterator[tuple[Crash, ...]]:
    """Hold this process's marker; yields the crashes since the last look, each told to one process only.

    From here on a crash of this process leaves the marker and no core dump, which would hold keys and prompts.

    The kernel drops the lock however a process ends, so a marker that can be locked belongs to a dead one."""
    no_core_dumps()
    crashes: tuple[Crash, ...] = ()
    marker: _Marker | None = None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        crashes = tuple(_collect(folder))
        marker = _Marker(folder, process)
    except OSError as error:  # the app can still show what is there
        _log.warning("no marker of this process can be kept: errno %s", error.errno)
    try:
        yield crashes
    finally:
        if marker is not None:
            marker.remove()


class _Marker:
    """The facts of this process, and the lock that says it lives. Raises OSError where the lock cannot be made."""

    def __init__(self, folder: Path, process: str) -> None:
        name = uuid.uuid4().hex
        self._facts, self._place = folder / f"{name}.json", folder / f"{name}.lock"
        self._lock = FileLock(self._place)
        with suppress(OSError):  # a full disk: a crash will go untold
            self._lock.try_exclusive()
            told = json.dumps(asdict(Crash(process, os.getpid(), time.time())))
            self._facts.write_text(told, encoding="utf-8")

    def remove(self) -> None:
        with suppress(OSError):
            self._facts.unlink(missing_ok=True)
        self._lock.release()
        with suppress(OSError):
            self._place.unlink(missing_ok=True)


def _collect(folder: Path) -> Iterator[Crash]:
    """The facts are written after the lock is taken and removed before it is dropped, so who lives is never counted."""
    for facts in sorted(folder.glob("*.json")):
        try:
            lock = FileLock(facts.with_suffix(".lock"))
        except OSError:
            continue  # this one cannot be told of
        try:
            if lock.try_exclusive():
                yield from _claimed(facts)
        finally:
            lock.release()


def _claimed(facts: Path) -> Iterator[Crash]:
    """Two processes may look at once: who can move the file tells of it."""
    claimed = facts.with_suffix(".claimed")
    with suppress(OSError, ValueError, TypeError):
        facts.replace(claimed)
        told = json.loads(claimed.read_bytes())
        yield Crash(str(told["process"]), int(told["pid"]), float(told["started"]))
    claimed.unlink(missing_ok=True)
    facts.with_suffix(".lock").unlink(missing_ok=True)
