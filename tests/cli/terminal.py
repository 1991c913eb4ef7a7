"""A real terminal for a real command: typed into and read like a person does."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from pathlib import Path


class Terminal:
    """A command on a pseudo terminal; `wait_for` reads until the text is there."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, close_fds=True
        )
        os.close(theirs)
        self.seen = ""

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def wait_for(self, text: str, seconds: float = 90) -> str:
        """What was shown up to and with `text`, which is then forgotten."""
        deadline = time.monotonic() + seconds
        while text not in self.seen:
            left = deadline - time.monotonic()
            assert left > 0, f"never saw {text!r} in {self.seen!r}"
            if select.select([self._ours], [], [], left)[0]:
                more = self._read()
                assert more, f"it ended without {text!r}: {self.seen!r}"
                self.seen += more
        before, _, self.seen = self.seen.partition(text)
        return before + text

    def end(self) -> int:
        """The exit code, once it has ended by itself."""
        code = self.process.wait(90)
        self.seen += self._read()
        return code

    def close(self) -> None:
        """Hang up; a command that a failed test left running is told by that."""
        os.close(self._ours)
        self.process.wait(90)

    def _read(self) -> str:
        try:
            return os.read(self._ours, 65536).decode("utf-8", "replace")
        except OSError:  # Linux: the other end is closed
            return ""
