"""What else a machine does while the app answers: processes that are surely at work while something is measured."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

_HERE = Path(__file__).parent


class Beside:
    """A script of this folder in a process of its own; it says "ready" once it is at work, and is ended by `stack`."""

    def __init__(self, stack: ExitStack, script: str, *words: str) -> None:
        command = [sys.executable, str(_HERE / script), *words]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        stack.callback(self._end)
        assert self._process.stdout is not None
        said = self._process.stdout.readline().split()
        assert said[:1] == ["ready"], f"{script} did not begin"
        # A process may do its work in another one, whose id it tells.
        self._worker = int(said[1]) if len(said) > 1 else self._process.pid

    def cpu_seconds(self) -> float:
        """What it has really used so far; it must still be running."""
        assert self._process.poll() is None, "what ran beside ended before the measurement did"
        fields = Path(f"/proc/{self._worker}/stat").read_text().rpartition(")")[2].split()
        return round((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), 1)

    def _end(self) -> None:
        """It ends when its input does, so that it can clean up."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
