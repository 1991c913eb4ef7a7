"""Starts the small app of `tiny.py` in a process of its own, and judges it by exit status and output."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_TINY = Path(__file__).with_name("tiny.py")
PATIENCE = 60
# What Qt's offscreen and window-manager-less platforms say of themselves.
_PLATFORM_NOISE = ("This plugin does not support ",)


class Tiny:
    """One running small app in `folder`."""

    def __init__(self, folder: Path, scene: str, *options: str) -> None:
        self.folder = folder
        command = [sys.executable, "-W", "always", os.fspath(_TINY), scene, os.fspath(folder), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def wait_until_ready(self) -> None:
        line = self.line()
        assert line == "ready", (line, self.process.communicate(timeout=PATIENCE))

    def leave(self, way: str) -> None:
        """By a signal's name, or by what its `--quit` names."""
        if way.startswith("SIG"):
            self.process.send_signal(signal.Signals[way])
        else:
            (self.folder / "go").touch()

    def end(self) -> tuple[int, dict[str, int], str]:
        """Exit status, the closing's JSON line, and stderr without the platform's noise."""
        out, err = self.process.communicate(timeout=PATIENCE)
        told = [line for line in out.splitlines() if line.startswith("{")]
        lines = [line for line in err.splitlines() if not line.startswith(_PLATFORM_NOISE)]
        return self.process.returncode, json.loads(told[-1]) if told else {}, "\n".join(lines)

    def kept(self) -> int:
        return len((self.folder / "kept").read_text().splitlines())


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Tiny]]:
    """Start the small app; it sits in the runtime folder, where socket paths are short."""
    started: list[Tiny] = []
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")

    def start(scene: str, *options: str) -> Tiny:
        started.append(Tiny(Path(os.environ["XDG_RUNTIME_DIR"]), scene, *options))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()
