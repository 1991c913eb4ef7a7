"""Capabilities laid down for real by processes of their own, and what root can then still read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_DROP = """
import ctypes, os, subprocess, sys
from pathlib import Path
from aqe_desktop.machine.privileges import drop_privileges
drop_privileges([Path(sys.argv[1])])
def sets():
    return subprocess.run(["grep", "-E", "^(Cap|NoNew)", "/proc/self/status"], capture_output=True, text=True).stdout
print(sets())
try:
    print(Path(sys.argv[1]).read_text())
except OSError as error:
    print(error.strerror)
here = os.open(f"/proc/{os.getppid()}/ns/net", os.O_RDONLY) if os.access(f"/proc/{os.getppid()}/ns/net", 4) else -1
print("setns", ctypes.CDLL(None).setns(here, 0x40000000))
"""


def _drop(readable: Path) -> list[str]:
    done = subprocess.run([sys.executable, "-c", _DROP, str(readable)], capture_output=True, text=True, check=True)
    return done.stdout.split("\n")


def _sets(lines: list[str]) -> dict[str, int]:
    return {name: int(value, 16) for name, _, value in (line.partition(":\t") for line in lines) if value}


def test_no_power_is_left_to_a_child_and_none_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "model"
    file.write_text("weights")
    lines = _drop(file)
    assert _sets(lines).pop("NoNewPrivs") == 1
    assert [name for name, value in _sets(lines).items() if name in ("CapPrm", "CapEff", "CapAmb") and value] == []
    if os.getuid() == 0:
        assert _sets(lines)["CapBnd"] == 0
    assert "weights" in lines
    assert "setns -1" in lines


def test_root_reads_another_users_private_model_by_the_power_to_read_alone(tmp_path: Path) -> None:
    """Only root has powers to lay down; to anybody else the same file is their own."""
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o700)
    file = folder / "model"
    file.write_text("weights")
    if os.getuid() == 0:
        for path in (file, folder):
            os.chown(path, 1234, 1234)
    lines = _drop(file)
    assert "weights" in lines
    assert {_sets(lines)[name] for name in ("CapPrm", "CapEff")} == {1 << 2 if os.getuid() == 0 else 0}
    assert "setns -1" in lines


def test_a_file_that_is_not_there_keeps_no_power(tmp_path: Path) -> None:
    assert _sets(_drop(tmp_path / "none"))["CapPrm"] == 0
