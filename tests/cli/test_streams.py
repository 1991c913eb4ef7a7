"""Streams that are closed, full or left, and signals: every end is said where it can be, and the exit code tells it."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys

import pytest

from aqe_desktop.machine.paths import find_paths
from tests.cli.conftest import AQE, Command, Result

LONG = ("chat", "Write a very long story about a dragon and a knight.", "--temperature", "0")


def shell(aqe: Command, line: str) -> Result:
    """A line of bash in which `aqe` is the command; the code is that of aqe, also before a pipe."""
    script = f'aqe() {{ {shlex.join(AQE)} "$@"; }}\n{line}\nexit ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", script], cwd=aqe.folder, capture_output=True, timeout=120, check=False)
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_is_told_as_an_object_too(aqe: Command, name: str, code: int) -> None:
    process = aqe.start(*LONG, "--json", stderr=subprocess.PIPE)
    database = find_paths().database
    while not (database.exists() and aqe("history", "--json").json["conversations"]):
        assert process.poll() is None
    process.send_signal(getattr(signal, name))
    out, error = process.communicate(timeout=60)
    assert process.returncode == code, error
    assert json.loads(out)["error"]["kind"] == "interrupted"
    (_, answer) = aqe("history", "show", "1", "--json").json["messages"]
    assert (answer["state"], answer["reply"]["error"]) == ("stopped", None)


@pytest.mark.parametrize(("name", "number"), [("HUP", signal.SIGHUP), ("TERM", signal.SIGTERM)])
def test_a_signal_that_was_turned_off_for_us_ends_nothing(aqe: Command, name: str, number: int) -> None:
    started = ["sh", "-c", f"trap '' {name}; exec \"$@\"", "sh", *AQE, *LONG, "--max-output", "60"]
    process = subprocess.Popen(started, cwd=aqe.folder, stdout=subprocess.PIPE, bufsize=0)
    assert process.stdout is not None
    process.stdout.read(5)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == 0
    (_, answer) = aqe("history", "show", "1", "--json").json["messages"]
    assert answer["state"] == "complete"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("aqe history >&-", 0),
        ("aqe history 2>&-", 0),
        ("aqe history show 99 2>&-", 2),
        ("aqe history show 99 >&- 2>&-", 2),
        ("aqe chat <&-", 2),
        ("aqe history --json >/dev/full", 4),
        ("aqe --help >/dev/full", 0),
        ("aqe history show 99 2>/dev/full", 2),
        ("aqe history show 99 --json >/dev/full 2>/dev/full", 2),
        ("aqe history show 99 --json | true", 141),
        ("aqe history --json | true", 141),
    ],
)
def test_streams_that_cannot_be_written_end_in_no_traceback(aqe: Command, line: str, code: int) -> None:
    aqe("history")
    done = shell(aqe, line)
    assert done.code == code, done
    assert "Traceback" not in done.out + done.err
    assert "Exception ignored" not in done.err
    assert "fault" not in done.err


def test_output_that_fits_nowhere_is_said_on_the_other_stream(aqe: Command) -> None:
    told = shell(aqe, "aqe history --json >/dev/full").err
    assert "cannot be written: No space left on device" in told
    answered = shell(aqe, "aqe chat Hi --max-output 8 >/dev/full")
    assert (answered.code, "cannot be written" in answered.err) == (4, True)
    (_, answer) = aqe("history", "show", "1", "--json").json["messages"]
    assert answer["state"] == "stopped"


def test_a_closed_standard_output_hands_its_number_to_no_file(aqe: Command) -> None:
    """Were it left closed, the next file that is opened would become the standard output of every child."""
    program = "import os, sys; from aqe_desktop.cli import output; output.prepare_streams(); "
    program += "print(os.readlink('/proc/self/fd/1'), file=sys.stderr)"
    line = f"{shlex.quote(sys.executable)} -c {shlex.quote(program)} >&-"
    assert shell(aqe, line).err.strip() == "/dev/null"


def test_json_counts_wherever_it_stands(aqe: Command) -> None:
    aqe("chat", "Hi", "--max-output", "4")
    for words in (("history", "--json", "show", "1"), ("history", "show", "1", "--json")):
        assert aqe(*words).json["id"] == 1
    assert aqe("history", "--json", "rm", "1").json["deleted"] == 1
    told = aqe("history", "--", "--json", code=2)
    assert (told.out, told.err.startswith("aqe: ")) == ("", True)


@pytest.mark.parametrize("home", ["~nobody-of-this-name/x", "loop/x"])
def test_a_data_folder_that_names_nothing_is_said(aqe: Command, monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    (aqe.folder / "loop").symlink_to("loop")
    with monkeypatch.context() as other:
        other.setenv("AQE_HOME", home)
        error = aqe("history", "--json", code=None)
    assert error.code in (2, 4)
    assert error.json["error"]["kind"] in ("usage", "storage_failed", "read_only")
    assert "AQE_HOME" in error.json["error"]["hint"]


def test_an_end_before_the_app_is_imported_is_told_like_any_other(aqe: Command) -> None:
    program = """
import sys

class Early:
    def find_spec(self, name, *_):
        if name == "aqe_desktop.cli.commands":
            raise KeyboardInterrupt

from aqe_desktop.cli import main
sys.meta_path.insert(0, Early())
sys.exit(main.main(["history", "--json"]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (130, b"")
    assert json.loads(done.stdout)["error"]["kind"] == "interrupted"


def test_before_main_nothing_heavy_is_imported(aqe: Command) -> None:
    program = "import sys, aqe_desktop.cli.main; print(*sorted(m for m in sys.modules if '.' not in m))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=60)
    assert {b"asyncio", b"argparse", b"pydantic", b"platformdirs", b"apsw"} & set(done.stdout.split()) == set()
