"""The real start in processes of its own: first paint, one window, every way out, and profiles that cannot be used."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from aqe_desktop.machine.paths import find_paths

_HEAVY = {
    "anyio", "apsw", "asyncio", "httpcore", "httpx", "httpx2", "keyring", "markdown_it", "numpy", "ollama", "pydantic",
    "pydantic_core", "pygments", "qasync", "ssl", "xllamacpp",
}  # fmt: skip
_PATIENCE = 60
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start the app; it inherits the test's own home and runtime folder."""
    started: list[subprocess.Popen[str]] = []

    def one(**environment: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-W", "default", "-m", "aqe_desktop"]
        process = subprocess.Popen(
            command,
            text=True,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield one
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


def until_open(process: subprocess.Popen[str]) -> None:
    """Its crash marker names it: the loop runs and the app is open. A signal before that just ends the process."""

    def there() -> bool:
        assert process.poll() is None, process.communicate()
        markers = (find_paths().home / "running").glob("*.json")
        return any(f'"pid": {process.pid},' in marker.read_text() for marker in markers)

    until(there, "the app is open")


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=_PATIENCE)
    return process.returncode, out + err


def test_nothing_heavy_is_imported_before_the_first_paint() -> None:
    script = Path(__file__).with_name("first_paint.py")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=_PATIENCE)
    loaded = set(done.stdout.split())
    assert done.returncode == 0, done.stderr
    assert {"PySide6", "aqe_desktop"} <= loaded
    assert not loaded & _HEAVY


@pytest.mark.parametrize("words", ["", "kept"])
def test_a_window_closed_before_anything_is_open_keeps_what_was_typed(words: str) -> None:
    script = Path(__file__).with_name("early_leave.py")
    done = subprocess.run([sys.executable, str(script), words], capture_output=True, text=True, timeout=_PATIENCE)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    database = find_paths().database
    assert database.exists() == bool(words), "nothing was to be kept, so nothing had to be opened"
    if words:
        with closing(sqlite3.connect(database)) as kept:
            assert kept.execute("SELECT text FROM unsent").fetchall() == [(words,)]


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_closes_the_app_in_order(start: Start, number: str) -> None:
    app = start()
    until_open(app)
    app.send_signal(signal.Signals[number])
    assert end(app) == (0, "")
    assert not (find_paths().run / "window.sock").exists()
    assert not list((find_paths().home / "running").glob("*.json")), "the start after it would speak of a crash"


def test_a_second_start_raises_the_window_and_ends(start: Start) -> None:
    first = start()
    until_open(first)
    assert end(start()) == (0, "")
    assert first.poll() is None
    first.terminate()
    assert end(first) == (0, "")


def test_after_kill_minus_9_the_next_start_takes_over(start: Start) -> None:
    first = start()
    until_open(first)
    first.kill()
    first.wait()
    second = start()
    until_open(second)
    second.terminate()
    assert end(second) == (0, "")


@pytest.mark.window
def test_two_started_at_the_same_instant_show_exactly_one_window(start: Start) -> None:
    both = [start(), start()]
    until(lambda: any(process.poll() is not None for process in both), "one of the two gives way")
    (loser,) = [process for process in both if process.poll() is not None]
    (winner,) = [process for process in both if process is not loser]
    assert end(loser) == (0, "")
    until(lambda: len(windows()) == 1, "one window")
    winner.terminate()
    assert end(winner) == (0, "")


@pytest.mark.window
def test_closing_the_last_window_ends_the_app(start: Start) -> None:
    app = start()
    until(lambda: len(windows()) == 1, "the window")
    until_open(app)
    # As the window manager's close button does: a request, not the end of the connection.
    subprocess.run(["xdotool", "windowactivate", "--sync", windows()[0], "key", "alt+F4"], check=True, timeout=20)
    assert end(app) == (0, "")


@pytest.mark.window
def test_a_profile_that_cannot_be_used_is_explained_in_the_window(start: Start) -> None:
    """A database of a newer version: the window stands, says it, and leaving it gives status 4."""
    home = find_paths().home
    home.mkdir(parents=True)
    with sqlite3.connect(home / "history.db") as newer:
        newer.execute("PRAGMA user_version = 9999")
    newer.close()
    app = start()
    log = home / "logs" / "aqe.log"
    until(lambda: log.exists() and "database_too_new" in log.read_text(), "the reason is in the log")
    assert len(windows()) == 1
    assert app.poll() is None
    app.terminate()
    assert end(app) == (4, "")


def windows() -> list[str]:
    command = ["xdotool", "search", "--onlyvisible", "--name", "^AQE Desktop$"]
    return subprocess.run(command, capture_output=True, text=True, timeout=20).stdout.split()
