"""Nothing fails unseen, and a report gives away neither content nor keys nor the user's name."""

from __future__ import annotations

import asyncio
import subprocess
import sys

from aqe_desktop.ui.faults import Faults, report

SECRET = "sk-very-secret"


def fail(error: Exception) -> None:
    prompt = SECRET
    raise error from ValueError(prompt)


def caught(error: Exception) -> Exception:
    try:
        fail(error)
    except Exception as seen:
        return seen
    raise AssertionError


def test_a_report_names_types_and_places_and_no_values() -> None:
    text = report(caught(KeyError(SECRET)), "in a slot")
    assert SECRET not in text
    assert "builtins.KeyError" in text
    assert "builtins.ValueError" in text
    assert "test_faults.py:" in text


def test_a_report_keeps_what_cannot_hold_content() -> None:
    assert "no attribute 'nmae'" in report(caught(AttributeError("no attribute 'nmae'")), "x")
    text = report(caught(FileNotFoundError(2, "No such file", f"/home/someone/{SECRET}")), "x")
    assert "errno 2" in text
    assert "someone" not in text


def test_paths_in_a_report_begin_at_the_package() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError as error:
        text = report(error, "x")
    assert "/home" not in text
    assert "/work" not in text


def test_a_fault_shows_once_and_early_ones_wait_for_the_window() -> None:
    faults, shown = Faults(), list[str]()
    error = caught(RuntimeError())
    faults.caught(error, "in a slot")
    faults.show_with(shown.append)
    faults.caught(error, "in a slot")
    assert len(shown) == 1


def test_a_fault_that_comes_when_the_window_is_gone_is_only_logged() -> None:
    def deleted(_report: str) -> None:
        raise RuntimeError("Signal source has been deleted")

    faults, shown = Faults(), list[str]()
    faults.show_with(deleted)
    faults.caught(caught(KeyError()), "in a thread")
    faults.show_with(None)
    faults.caught(caught(ValueError()), "in a finalizer")
    faults.show_with(shown.append)
    assert [report.splitlines()[1] for report in shown] == ["Uncaught in a finalizer"]


def test_cancels_are_no_faults() -> None:
    faults, shown = Faults(), list[str]()
    faults.show_with(shown.append)
    for error in (asyncio.CancelledError(), KeyboardInterrupt(), SystemExit(1)):
        faults.caught(error, "x")
    assert not shown


def test_slots_threads_finalizers_and_the_loop_all_report() -> None:
    code = """
import asyncio, gc, sys, threading
from PySide6.QtCore import QObject, QTimer, Signal
from aqe_desktop.ui import loop
from aqe_desktop.ui.application import Application
from aqe_desktop.ui.faults import Faults

faults = Faults()
faults.install()
faults.show_with(lambda text: print("REPORT", text.splitlines()[1], flush=True))

class Thing:
    def __del__(self):
        1 / 0

def slot():
    1 / 0

def thread():
    1 / 0

async def body(leave):
    QTimer.singleShot(0, slot)
    asyncio.get_running_loop().call_soon(slot)
    worker = threading.Thread(target=thread)
    worker.start()
    worker.join()
    Thing()
    task = asyncio.create_task(asyncio.sleep(0, 1))
    lost = asyncio.get_running_loop().create_future()
    lost.set_exception(ValueError())
    del lost
    gc.collect()
    await asyncio.sleep(0.2)
    return 0

sys.exit(loop.run(Application(["x"]), body, faults))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    said = "\n".join(sorted(line for line in done.stdout.splitlines() if line.startswith("REPORT")))
    assert done.returncode == 0, done.stderr
    for where in ("in a slot", "in a thread", "finalizer", "Exception in callback slot", "never retrieved"):
        assert where in said or where in said.lower(), (where, said, done.stderr)
