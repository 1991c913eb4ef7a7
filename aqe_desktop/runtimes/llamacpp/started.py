"""A keeper that this process has started, until it greets us: handed its job, watched, and named when it dies early."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from aqe_desktop.core.errors import ProviderFailed
from aqe_desktop.machine.processes import spawn_worker
from aqe_desktop.runtimes.llamacpp.options import BUSY, Job

_TAIL_BYTES, _WORDS_AT_MOST = 4096, 300


@dataclass(frozen=True, slots=True)
class Started:
    """Its process, and the place in `log` from which on its words may stand."""

    process: subprocess.Popen[bytes]
    log: Path
    start: int

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def ended(self) -> bool:
        return self.process.returncode is not None

    def require_peaceful_end(self) -> None:
        """Raises ProviderFailed where it ended by a fault: another one would go the same way. A keeper that found the
        engine kept by another (BUSY), or nobody to keep it for, has done its work."""
        code = self.process.returncode
        if code not in (None, 0, BUSY):
            how = f"signal {-code}" if code < 0 else f"status {code}"
            raise ProviderFailed(
                f"The engine's process ended while it started ({how}): {self._last_words()}",
                f"Install the app again if this happens every time; {self.log} tells more.",
            )

    def let_go(self) -> None:
        """A keeper that sees this pipe end, and has no user by then, knows that whoever started it is gone."""
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()

    def _last_words(self) -> str:
        lines = [line.strip() for line in self._said().splitlines() if line.strip()]
        return lines[-1][:_WORDS_AT_MOST] if lines else "it gave no reason."

    def _said(self) -> str:
        with contextlib.suppress(OSError), self.log.open("rb") as file:
            file.seek(max(self.start, _size(self.log) - _TAIL_BYTES))
            return file.read(_TAIL_BYTES).decode("utf-8", "replace")
        return ""


async def start(job: Job, log: Path) -> Started:
    """Where the wait is given up meanwhile, the process must hear that its starter is gone. Raises ProviderFailed when
    the system starts none."""
    starting = asyncio.ensure_future(asyncio.to_thread(_start, job, log))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        (await starting).let_go()
        raise


def _start(job: Job, log: Path) -> Started:
    before = _size(log)
    try:
        return Started(spawn_worker("llamacpp", [], job.as_json(), log), log, before)
    except OSError as error:
        raise ProviderFailed(
            f"The engine's process cannot be started: {error.strerror}.", "Check free memory and disk space."
        ) from error


def _size(log: Path) -> int:
    """0 where there is none yet."""
    try:
        return log.stat().st_size
    except OSError:
        return 0
