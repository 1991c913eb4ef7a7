"""Keeps the `ollama serve` that this app started, and ends it with its runners when the app ends, however that ends.

The app holds the other end of this process's standard input, which the kernel closes also on a kill -9. Should this
process be killed itself, the kernel asks the server to end (and the server takes its runners along); should the server
be killed, its runners become this process's own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from aqe_desktop.core.errors import StorageFailed
from aqe_desktop.locks import FileLock, wait_for
from aqe_desktop.machine import sandbox, sockets
from aqe_desktop.runtimes.ollama.started import Job, Record, write

BUSY, ENDED = 75, 76
"""Exit codes: another keeper has this profile's server; the server ended by itself."""
# Who sweeps up what a killed keeper left holds the lock for some seconds.
_LOCK_S, _PATIENCE_S = 10.0, 5.0
_LOG_LIMIT, _LINE = 1_000_000, 65_536
_LISTENS = re.compile(rb"Listening on \S*:(\d{1,5}) \(version")


def run_worker(argv: Sequence[str]) -> int:  # noqa: ARG001 - all workers are called alike
    """Returns when the server and all that it has started are gone. The job comes as one line of standard input."""
    job = Job.parse(json.loads(sys.stdin.buffer.readline()))
    sandbox.no_core_dumps()
    lock = FileLock(job.lock)
    if not wait_for(lock.try_exclusive, _LOCK_S):
        return BUSY
    job.record.unlink(missing_ok=True)
    sandbox.adopt_orphans()
    return _Keeper(job).run()


class _Keeper:
    """One server from its start to its end."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._over = threading.Event()
        self._ended = False

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._over.set())
        server = self._start()
        try:
            self._note(server, 0)
            self._watch(server)
            self._over.wait()
        finally:
            _end(server)
            self._job.record.unlink(missing_ok=True)
        return ENDED if self._ended else 0

    def _start(self) -> subprocess.Popen[bytes]:
        """From the first thread, for the kernel's word to the child is about the end of the thread that started it."""
        keeper = os.getpid()

        def tied() -> None:
            sandbox.end_with_parent(signal.SIGTERM)
            if os.getppid() != keeper:
                os._exit(1)

        return subprocess.Popen(
            [str(self._job.binary), "serve"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._job.environment,
            start_new_session=True,
            preexec_fn=tied if sandbox.has_means() else None,
        )

    def _note(self, server: subprocess.Popen[bytes], port: int) -> None:
        """At once, so that it is found should this process be killed; and with its port when that is known."""
        record = Record(
            keeper=os.getpid(),
            keeper_started=sockets.started(os.getpid()) or 0,
            server=server.pid,
            server_started=sockets.started(server.pid) or 0,
            port=port,
            binary=self._job.binary,
            boot=sockets.boot(),
            stays=self._job.stays,
        )
        write(self._job.record, record)

    def _watch(self, server: subprocess.Popen[bytes]) -> None:
        watchers: list[Callable[[], None]] = [lambda: self._copy(server), lambda: self._wait_for_server(server)]
        if not self._job.stays:
            watchers.append(self._wait_for_app)
        for watch in watchers:
            threading.Thread(target=watch, daemon=True).start()

    def _copy(self, server: subprocess.Popen[bytes]) -> None:
        """Its words go into the log, to the end: it would stand still if nobody read them. One says where it listens;
        where that cannot be noted, nobody would find it."""
        assert server.stdout is not None
        listening = False
        while line := server.stdout.readline(_LINE):
            with contextlib.suppress(OSError):
                _log(line, self._job.log)
            said = None if listening else _LISTENS.search(line)
            if said is not None and not self._over.is_set():
                listening = True
                try:
                    self._note(server, int(said.group(1)))
                except StorageFailed:
                    self._over.set()

    def _wait_for_app(self) -> None:
        while os.read(0, 4096):
            continue
        self._over.set()

    def _wait_for_server(self, server: subprocess.Popen[bytes]) -> None:
        """Without taking its number away from it: as long as it is a zombie, its group's number is nobody else's."""
        if hasattr(os, "waitid"):
            os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT)
        else:
            server.wait()
        self._ended = not self._over.is_set()
        self._over.set()


def _end(server: subprocess.Popen[bytes]) -> None:
    """First asked, so that it lets its runners go; then whatever of its group is left is killed. Its session holds
    what it started, so the group is the server and its runners, and nothing of the user's. Not by the methods of Popen,
    which look first and would take a zombie's number from it."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(server.pid, signal.SIGTERM)
    _wait_quietly(server)
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(server.pid, signal.SIGKILL)
    else:
        server.kill()
    server.wait()
    _reap()


def _wait_quietly(server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and not _is_over(server):
        time.sleep(0.02)


def _is_over(server: subprocess.Popen[bytes]) -> bool:
    if not hasattr(os, "waitid"):
        return server.poll() is not None
    return os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None


def _reap() -> None:
    """The runners that became ours; they have been killed."""
    deadline = time.monotonic() + _PATIENCE_S
    with contextlib.suppress(ChildProcessError):
        while hasattr(os, "WNOHANG") and time.monotonic() < deadline:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)


def _log(line: bytes, path: Path) -> None:
    """For this user only; it starts afresh when it is large."""
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "wb") as file:
        file.write(line)


if __name__ == "__main__":
    sys.exit(run_worker(sys.argv[1:]))
