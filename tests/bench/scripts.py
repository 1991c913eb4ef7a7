"""The measurements that need a process of their own: each is a script of this folder that prints one JSON object."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_HERE = Path(__file__).parent


def run(script: str, *options: str) -> dict[str, Any]:
    """What it found. Its error is shown where it fails."""
    command = [sys.executable, str(_HERE / script), *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=300)
    assert done.returncode == 0, f"{script} ended with {done.returncode}"
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def say(capsys: pytest.CaptureFixture[str], title: str, found: dict[str, Any]) -> None:
    """One figure a line, on the terminal also where pytest catches output."""
    lines = [f"  {name:18} {json.dumps(value)}" for name, value in found.items()]
    with capsys.disabled():
        sys.stdout.write("\n".join(["", title, *lines, ""]))
