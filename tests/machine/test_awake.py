from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from aqe_desktop.machine.awake import awake, command

_INHIBIT = """#!/bin/sh
while [ "${1#--}" != "$1" ]; do echo "$1" >> NOTE; shift; done
"$@"
echo ended >> NOTE
"""


@pytest.fixture
def note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a stand-in of systemd-inhibit was told, and whether it has ended."""
    monkeypatch.setattr(sys, "platform", "linux")
    written = tmp_path / "note"
    program = tmp_path / "systemd-inhibit"
    program.write_text(_INHIBIT.replace("NOTE", str(written)))
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return written


def _wait_for(word: str, note: Path) -> None:
    deadline = time.monotonic() + 20
    while not (note.exists() and word in note.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_machine_is_held_awake_as_long_as_it_lasts(note: Path) -> None:
    with awake("Downloading smol"):
        _wait_for("--mode=block", note)
        assert "--why=Downloading smol\n" in note.read_text()
        assert "--what=sleep:idle\n" in note.read_text()
        assert "ended" not in note.read_text()
    assert "ended" in note.read_text()


def test_a_kill_of_this_process_lets_it_sleep(note: Path) -> None:
    program = "import time\nfrom aqe_desktop.machine.awake import awake\nwith awake('x'):\n    time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", program])
    _wait_for("--mode=block", note)
    process.send_signal(signal.SIGKILL)
    process.wait()
    _wait_for("ended", note)


def test_on_macos_it_is_bound_to_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "caffeinate").write_text("#!/bin/sh\n")
    (tmp_path / "caffeinate").chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "darwin")
    assert command("x") == [str(tmp_path / "caffeinate"), "-i", "-w", str(os.getpid())]


def test_where_there_is_no_such_program_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert command("x") is None
    with awake("x"):
        pass


def test_one_that_refuses_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "systemd-inhibit").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "systemd-inhibit").chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with awake("x"):
        pass
