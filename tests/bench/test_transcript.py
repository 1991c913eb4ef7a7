"""Runs the transcript's measurements on a real screen and prints what they say; never judges by the clock."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

_HERE = Path(__file__).parent


def _run(script: str, *options: str) -> str:
    command = [sys.executable, str(_HERE / script), *options]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout


@pytest.mark.bench
@pytest.mark.window
@pytest.mark.parametrize("options", [(), ("--writer",)], ids=["alone", "beside a writer"])
def test_how_long_the_loop_stands_still(options: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(_run("transcript_stall.py", *options))
    with capsys.disabled():
        sys.stdout.write(f"\n{json.dumps(found)}\n")
    assert found["all"]["beats"] > 1_000


@pytest.mark.bench
@pytest.mark.window
def test_how_long_it_stands_still_beside_a_decoding_model(
    starter_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(_run("transcript_stall.py", "--writer", "--decode", str(starter_model)))
    with capsys.disabled():
        sys.stdout.write(f"\n{json.dumps(found)}\n")
    assert found["load_cpu_seconds"]["decode"] > 5


@pytest.mark.bench
@pytest.mark.window
def test_what_a_long_conversation_costs(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(_run("transcript_scroll.py"))
    with capsys.disabled():
        sys.stdout.write(f"\n{json.dumps(found)}\n")
    assert found["found"] > 0
