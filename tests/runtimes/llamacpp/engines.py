"""Real engines under test: found by their sessions, so that none escapes the count, whoever its parent is by now."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

_WORKER = b"aqe_desktop.runtimes.llamacpp.worker"
# An ending takes some tenths of a second. How long it may take on an overloaded machine is no question for a test.
_PATIENCE_S = 60.0


@dataclass
class Engines:
    """The worker processes of one profile. A keeper is known by its log; what it starts shares its session. So look
    once while the keeper lives before you kill it, or its orphans are not known for its own."""

    home: Path
    sessions: set[int] = field(default_factory=set)

    def alive(self) -> list[int]:
        """Keepers and engines that are running, in any state but Z (a zombie has no command line)."""
        found = dict(_workers())
        self.sessions |= {session for pid, session in found.items() if self._logs_here(pid)}
        return [pid for pid, session in found.items() if session in self.sessions]

    def engines(self) -> list[int]:
        return [pid for pid in self.alive() if b"engine" in _command(pid)]

    def wait_until_gone(self) -> list[int]:
        """Those that are left all the same."""
        _wait(lambda: not self.alive())
        return self.alive()

    def wait_for_one(self) -> bool:
        """Whether one engine with its keeper is left, the others gone."""
        return _wait(lambda: len(self.engines()) == 1 and len(self.alive()) == 2)

    def _logs_here(self, pid: int) -> bool:
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/fd/2").readlink() == self.home / "logs" / "engine.log"
        return False


def _wait(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _PATIENCE_S
    while not (come := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return come


def _workers() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _WORKER in _command(int(entry.name)):
            with contextlib.suppress(OSError):
                yield int(entry.name), int(_stat(int(entry.name))[3])


def _command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name: state, parent, group, session, ..."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def kernel_file(pid: int | None, name: str) -> str:
    """The text of /proc/PID/NAME, NUL bytes as line ends."""
    return Path(f"/proc/{pid}/{name}").read_bytes().replace(b"\0", b"\n").decode()


def environment_of(pid: int) -> str:
    """Root may read it; from an engine's own user the kernel keeps it where its memory is hidden: then it is ""."""
    with contextlib.suppress(PermissionError):
        return kernel_file(pid, "environ")
    return ""


def parent_of(pid: int) -> int:
    return int(_stat(pid)[1])


def cpu_seconds(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
