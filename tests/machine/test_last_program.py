"""The last program of a process, started for real: it runs, and neither it nor a child of it starts another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from aqe_desktop.machine.last_program import can_be_last
from tests.machine.test_seccomp import WITHOUT_FILTERS

_INNER = """
import os, subprocess
def tries(start):
    try:
        return start() is None
    except OSError as error:
        return type(error).__name__
print(tries(lambda: subprocess.run(["/bin/true"]) and None), end=" ")
print(tries(lambda: subprocess.run(["/bin/true"], close_fds=False) and None), end=" ")
print(tries(lambda: os.execv("/bin/true", ["true"])), end=" ")
program = os.open("/bin/true", os.O_RDONLY)
print(tries(lambda: os.execve(program, ["true"], {})), flush=True, end=" ")
os.fork() and os.wait() or print(tries(lambda: os.execv("/bin/true", ["true"])), flush=True, end=" ")
"""
_OUTER = """
import subprocess, sys
from aqe_desktop.machine.last_program import LastProgram
with LastProgram() as last:
    process = subprocess.Popen([sys.executable, "-c", sys.argv[1]], preexec_fn=last.seal)
assert process.wait() == 0
"""


def _seen(*before: str) -> list[str]:
    command = [*before, sys.executable, "-c", _OUTER, _INNER]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_it_runs_and_starts_no_other_in_no_way() -> None:
    assert _seen() == ["OSError"] * 5


def test_where_the_kernel_cannot_refuse_it_runs_all_the_same() -> None:
    assert _seen(sys.executable, "-c", WITHOUT_FILTERS)[:2] == ["True", "True"]


def test_a_program_that_is_missing_is_said_and_no_helper_is_left(tmp_path: Path) -> None:
    code = f"""
import os, subprocess
from aqe_desktop.machine.last_program import LastProgram
try:
    with LastProgram() as last:
        subprocess.Popen([{str(tmp_path / "none")!r}], preexec_fn=last.seal)
except FileNotFoundError:
    print("missing")
try:
    os.waitpid(-1, 0)
except ChildProcessError:
    print("none left")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["missing", "none left"]


def test_a_script_cannot_be_the_last(tmp_path: Path) -> None:
    script = tmp_path / "llama-server"
    script.write_text("#!/bin/sh\nexec real-server\n")
    assert can_be_last(Path(sys.executable))
    assert not can_be_last(script)
    assert not can_be_last(tmp_path / "none")
