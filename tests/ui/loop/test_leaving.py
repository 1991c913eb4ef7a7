"""However the app is left, the closing coroutine runs, what arrived is kept, and the process ends with status 0."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"]
# The last window, QApplication.quit (also the desktop's Quit and a session's end), and exit() of the bare Qt loop.
WAYS = [*SIGNALS, "close", "quit", "exit"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("scene", ["idle", "streaming"])
def test_leaving_runs_the_closing(tiny: Callable[..., Any], scene: str, way: str) -> None:
    leave_from(tiny, scene, way)


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("scene", ["menu", "message", "files", "save_over"])
def test_leaving_with_something_open_runs_the_closing(tiny: Callable[..., Any], scene: str, way: str) -> None:
    leave_from(tiny, scene, way)


def test_a_signal_before_the_loop_runs_is_not_lost(tiny: Callable[..., Any]) -> None:
    app = tiny("idle", "--signal-first")
    status, told, errors = app.end()
    assert (status, errors, told["received"]) == (0, "", 0)


def test_a_second_signal_ends_a_closing_that_hangs(tiny: Callable[..., Any]) -> None:
    app = tiny("idle", "--hang")
    app.wait_until_ready()
    app.leave("SIGTERM")
    assert app.line() == "hanging"
    app.leave("SIGTERM")
    status, told, _errors = app.end()
    assert (status, told) == (128 + signal.SIGTERM, {})


@pytest.mark.parametrize("how", ["--hang", "--block"])
def test_a_closing_that_hangs_is_ended_in_time(tiny: Callable[..., Any], how: str) -> None:
    """Status 1: it is our bug; a blocked loop is ended as well, for the clock runs in a thread."""
    app = tiny("idle", how, "--grace", "0.5")
    app.wait_until_ready()
    app.leave("SIGTERM")
    status, told, errors = app.end()
    assert (status, told) == (1, {})
    assert "closing took more than" in errors


def test_an_exception_in_the_main_coroutine_still_ends_every_task(tiny: Callable[..., Any]) -> None:
    app = tiny("streaming", "--raise")
    app.wait_until_ready()
    status, _told, errors = app.end()
    assert status == 1
    assert "builtins.ZeroDivisionError" in errors
    assert app.kept() > 0


def test_quit_is_a_wish_and_stops_no_loop() -> None:
    """Also what the Dock and a session manager send: it must arrive as a reason, not as the end of the Qt loop."""
    code = """
import sys
from aqe_desktop.ui import loop
from aqe_desktop.ui.application import Application
from aqe_desktop.ui.faults import Faults

application = Application(["x"])
application.leave_asked.connect(lambda reason: print(reason, flush=True))

async def body(leave):
    application.quit()
    await leave.wait()
    return 0

sys.exit(loop.run(application, body, Faults()))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "the desktop asked to quit\n"), done.stderr


def leave_from(tiny: Callable[..., Any], scene: str, way: str) -> None:
    # For a signal no timer of the app's own may be needed to notice it: an idle loop must wake up.
    app = tiny(scene) if way in SIGNALS else tiny(scene, "--quit", way)
    app.wait_until_ready()
    app.leave(way)
    status, told, errors = app.end()
    assert (status, errors) == (0, "")
    if scene != "idle":
        assert app.kept() == told["received"] > 0
