"""Keeps the machine from going to sleep over something long, such as a download, and no longer than this process
lives."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from aqe_desktop.machine.processes import built_environment

_PATIENCE_S = 2.0


@contextlib.contextmanager
def awake(why: str) -> Iterator[None]:
    """Blocks for a moment at both ends. Where the system has no such means, or refuses, nothing happens."""
    keeper = _start(why)
    try:
        yield
    finally:
        if keeper is not None:
            _end(keeper)


def command(why: str) -> list[str] | None:
    """What holds the machine awake until its standard input ends (systemd) or this process does (macOS)."""
    if sys.platform == "darwin" and (caffeinate := shutil.which("caffeinate")):
        return [caffeinate, "-i", "-w", str(os.getpid())]
    inhibit, cat = shutil.which("systemd-inhibit"), shutil.which("cat")
    if inhibit and cat:
        return [inhibit, "--what=sleep:idle", "--who=AQE Desktop", f"--why={why}", "--mode=block", cat]
    return None


def _start(why: str) -> subprocess.Popen[bytes] | None:
    words = command(why)
    if words is None:
        return None
    with contextlib.suppress(OSError):
        return subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=built_environment(),
            start_new_session=True,
        )
    return None


def _end(keeper: subprocess.Popen[bytes]) -> None:
    """By its pipe, which takes along what it holds; then by force."""
    assert keeper.stdin is not None
    with contextlib.suppress(OSError):
        keeper.stdin.close()
    try:
        keeper.wait(_PATIENCE_S if sys.platform != "darwin" else 0)
    except subprocess.TimeoutExpired:
        keeper.terminate()
        keeper.wait()
