"""A program that serves below the engine's process: bound to it by the kernel, so that neither outlives the other."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from aqe_desktop.machine import sandbox, seccomp
from aqe_desktop.machine.last_program import LastProgram, can_be_last
from aqe_desktop.machine.processes import built_environment, without_programs
from aqe_desktop.runtimes.llamacpp.worker.server import LoadFailed

_SECONDS_TO_END = 2.0


class Below:
    """One such program, which starts no other, unless it is a script. Its output goes where ours goes; with `talks` its
    standard input and output are ours to use. It inherits `passed`, a descriptor of ours."""

    def __init__(
        self, command: Sequence[str], extra: Mapping[str, str], *, talks: bool, passed: int | None = None
    ) -> None:
        """Called while this process has one thread; afterwards this one starts no program either."""
        self._ending = False
        self._talks = talks
        self._passed = () if passed is None else (passed,)
        self.process = self._started(list(command), built_environment(extra))
        seccomp.refuse_programs()

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

    def _started(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        """A kernel before 5.5 can ask about a start, but not let it go on: there it is as with a script."""
        if can_be_last(Path(command[0])):
            try:
                with LastProgram() as last:
                    return self._start(command, without_programs(environment), last)
            except OSError as error:
                if error.errno != errno.ENOSYS:
                    raise
        return self._start(command, environment, None)

    def _start(
        self, command: list[str], environment: dict[str, str], last: LastProgram | None
    ) -> subprocess.Popen[bytes]:
        us = os.getpid()
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE if self._talks else subprocess.DEVNULL,
            stdout=subprocess.PIPE if self._talks else None,
            env=environment,
            pass_fds=self._passed,
            umask=0o177 if os.name == "posix" else -1,  # of the socket it makes
            preexec_fn=(lambda: _bind(us, last)) if sandbox.has_means() else None,
        )

    def _watch(self) -> None:
        code = self.process.wait()
        if not self._ending:
            _end_likewise(code)
            os._exit(code or 1)


def _bind(parent: int, last: LastProgram | None) -> None:
    """In the child, before it becomes the program."""
    if not sandbox.end_with_parent() or os.getppid() != parent:
        os._exit(1)
    if last is not None:
        last.seal()


def _end_likewise(code: int) -> None:
    """By the signal that ended it, so that our keeper reads the true reason; does nothing for another end."""
    if code < 0:
        signal.signal(signal.Signals(-code), signal.SIG_DFL) if -code not in (signal.SIGKILL, signal.SIGSTOP) else None
        os.kill(os.getpid(), -code)
