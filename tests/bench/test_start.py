"""Time to a usable window against a bare one, as a ratio of one interleaved run; memory of the window at rest."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_PAIRS = 9


@pytest.fixture(autouse=True)
def compiled(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a user: our own modules are compiled once, as the libraries' are, and not anew at every start."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("pycache")))


@pytest.mark.bench
def test_a_usable_window_is_measured_against_a_bare_one() -> None:
    """Usable: painted, and a key that is pressed then arrives in the composer. Wall and CPU time.

    One pair first that nobody counts: it compiles, and reads the files from disk."""
    run("start_bare.py")
    run("start_app.py", "0")
    pairs = [(run("start_bare.py"), run("start_app.py", "0")) for _ in range(_PAIRS)]
    for kind, mark in (("wall", "usable"), ("CPU", "usable_cpu")):
        bare = statistics.median(base[mark] for base, _ in pairs)
        ours = statistics.median(one[mark] for _, one in pairs)
        ratio = statistics.median(one[mark] / base[mark] for base, one in pairs)
        say(f"{kind}: bare window {bare * 1000:.0f} ms, usable window {ours * 1000:.0f} ms, {ratio:.2f} of bare")
    whole, stall = (statistics.median(one[mark] for _, one in pairs) for mark in ("whole", "stall"))
    say(f"whole chat painted after {whole * 1000:.0f} ms; longest stall on the way there {stall * 1000:.0f} ms")


@pytest.mark.bench
def test_memory_of_the_window_at_rest_is_measured() -> None:
    """The engine with its model is another process and not counted."""
    run("start_app.py", "0")
    figures = run("start_app.py", "6")
    say(f"window at rest: RSS {figures['rss'] / 1024:.0f} MiB, PSS {figures['pss'] / 1024:.0f} MiB")


def run(script: str, *words: str) -> dict[str, float]:
    """The marks of one start, moments as seconds since the process was asked for."""
    begun = time.monotonic()
    done = subprocess.run([sys.executable, str(_HERE / script), *words], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    marks = {name: float(value) for name, value in (line.split() for line in done.stdout.splitlines())}
    return {name: value - begun if name in {"usable", "whole"} else value for name, value in marks.items()}


def say(text: str) -> None:
    sys.stdout.write(f"\n{text}")
