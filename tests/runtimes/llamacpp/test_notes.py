"""What was found out once is kept for its owner alone, in one step, and leaves nothing behind."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from aqe_desktop.runtimes.llamacpp import notes

_KILLED = """
import os, sys
from pathlib import Path
from aqe_desktop.runtimes.llamacpp import notes
Path.replace = lambda *_: os.kill(os.getpid(), 9)
notes.write(Path(sys.argv[1]), {"a": 1})
"""


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_a_note_is_private_whatever_the_umask(tmp_path: Path) -> None:
    file = tmp_path / "n.json"
    before = os.umask(0)
    try:
        notes.write(file, {"a": 1})
    finally:
        os.umask(before)
    assert notes.read(file) == {"a": 1}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert _names(tmp_path) == ["n.json"]


def test_however_often_a_writer_is_killed_one_draft_is_left_and_it_goes_with_a_later_note(tmp_path: Path) -> None:
    file = tmp_path / "n.json"
    command = [sys.executable, "-c", _KILLED, str(file)]
    assert [subprocess.run(command, check=False).returncode for _ in range(3)] == [-9, 0, 0]
    assert _names(tmp_path) == ["n.json.part"]
    notes.write(file, {"a": 2})
    assert notes.read(file) == {}  # somebody may be writing it
    os.utime(tmp_path / "n.json.part", (1, 1))
    notes.write(file, {"a": 3})
    assert notes.read(file) == {"a": 3}
    assert _names(tmp_path) == ["n.json"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_broken_note_is_no_note(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "n.json"
    file.write_bytes(content)
    assert notes.read(file) == {}
