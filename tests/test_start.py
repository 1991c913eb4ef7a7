"""`python -m aqe_desktop`: which face opens, and that there is always one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from aqe_desktop import __main__ as start
from aqe_desktop import __version__
from aqe_desktop.machine.display import why_no_window

START = (sys.executable, "-m", "aqe_desktop")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL)


def test_without_a_window_and_a_terminal_one_sample_question_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    done = run(*START)
    assert done.returncode == 0
    assert "no terminal" in done.stderr
    question, _, answer = done.stdout.partition("\n")
    assert question == f"> {start.SAMPLE}"
    assert "test" in answer


def test_without_qt_it_says_which_parts_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert why_no_window() == "The window's parts are not installed (PySide6, qasync)."


def test_words_are_the_command_line_and_load_no_qt() -> None:
    assert run(*START, "--version").stdout == f"aqe {__version__}\n"
    assert "models" in run(*START, "models", "--json").stdout
    program = "import sys; from aqe_desktop.__main__ import main; main(['models']); print('PySide6' in sys.modules)"
    told = run(sys.executable, "-c", program)
    assert told.stdout.splitlines()[-1] == "False"


def test_a_worker_is_started_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aqe_desktop.runtimes.llamacpp.worker.run_worker", lambda words: len(words) + 40)
    monkeypatch.setattr("aqe_desktop.runtimes.ollama.worker.run_worker", lambda words: len(words) + 70)
    assert start.main(["--worker", "llamacpp", "inspect", "more"]) == 42
    assert start.main(["--worker", "ollama"]) == 70
