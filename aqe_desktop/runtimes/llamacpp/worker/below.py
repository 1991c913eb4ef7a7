"""A program that serves below the engine's process: bound to it by the kernel, so that neither outlives the other."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence

from aqe_desktop.machine import sandbox
from aqe_desktop.machine.processes import built_environment
from aqe_desktop.runtimes.llamacpp.worker.server import LoadFailed

_SECONDS_TO_END = 2.0


class Below:
    """One such program. Its output goes where ours goes; with `talks` its standard input and output are ours to use."""

    def __init__(self, command: Sequence[str], extra: Mapping[str, str], *, talks: bool) -> None:
        """Called while this process has one thread."""
        us = os.getpid()
        linux = sandbox.has_means()
        self._ending = False
        self.process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
            stdout=subprocess.PIPE if talks else None,
            env=built_environment(extra),
            umask=0o177 if os.name == "posix" else -1,  # of the socket it makes
            preexec_fn=(lambda: _bind(us)) if linux else None,
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    def require_alive(self) -> None:
        """Raises LoadFailed where it ended by itself; ends this process likewise where a signal ended it."""
        code = self.process.poll()
        if code is not None:
            _end_likewise(code)
            raise LoadFailed(f"status {code}")

    def end_with_it(self) -> None:
        """From now on this process ends, and in the same way, when that one does."""
        threading.Thread(target=self._watch, name="watch below", daemon=True).start()

    def end(self) -> None:
        self._ending = True
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_SECONDS_TO_END)

    def _watch(self) -> None:
        code = self.process.wait()
        if not self._ending:
            _end_likewise(code)
            os._exit(code or 1)


def _bind(parent: int) -> None:
    """In the child, before it becomes the program."""
    if not sandbox.end_with_parent() or os.getppid() != parent:
        os._exit(1)


def _end_likewise(code: int) -> None:
    """By the signal that ended it, so that our keeper reads the true reason; does nothing for another end."""
    if code < 0:
        signal.signal(signal.Signals(-code), signal.SIG_DFL) if -code not in (signal.SIGKILL, signal.SIGSTOP) else None
        os.kill(os.getpid(), -code)
