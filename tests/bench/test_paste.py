"""Pastes 5 MB into a real window and prints how long it stood still; never judges by the clock."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.bench
@pytest.mark.window
@pytest.mark.parametrize("words", ["ascii", "umlaut"])
def test_how_long_a_paste_of_five_megabytes_holds_up_the_window(
    words: str, starter_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = Path(__file__).with_name("paste_stall.py")
    command = [sys.executable, str(script), "--words", words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    found = json.loads(done.stdout)
    with capsys.disabled():
        sys.stdout.write(f"\n{json.dumps(found)}\n")
    assert found["tokens"] > 1_000_000
