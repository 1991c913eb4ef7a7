"""Twenty thousand requests through the window's loop: it lives, loses none and keeps no memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_ALLOWED_GROWTH_KIB = 12 * 1024


@pytest.fixture
def server() -> Iterator[str]:
    path = os.path.join(os.environ["XDG_RUNTIME_DIR"], "http")  # noqa: PTH118 - a socket's name
    with subprocess.Popen([sys.executable, str(_HERE / "http_server.py"), path], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        yield path
        process.kill()


@pytest.mark.long
def test_twenty_thousand_requests_leave_the_loop_sound(
    server: str, record_property: Callable[[str, object], None]
) -> None:
    soak(server, 20_000, record_property)


def test_a_thousand_requests_leave_the_loop_sound(server: str, record_property: Callable[[str, object], None]) -> None:
    soak(server, 1_000, record_property)


def soak(path: str, number: int, record_property: Callable[[str, object], None]) -> None:
    command = [sys.executable, "-W", "always", str(_HERE / "soak.py"), path, str(number)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=540)
    noise = [line for line in done.stderr.splitlines() if "plugin does not support" not in line]
    assert (done.returncode, noise) == (0, [])
    figures = json.loads(done.stdout)
    record_property("soak", figures)
    sys.stdout.write(f"{figures}\n")
    assert figures["requests"] == number
    # The first tenths fill caches and pools; from the third on nothing may pile up.
    assert figures["rss_kib"][-1] - figures["rss_kib"][2] < _ALLOWED_GROWTH_KIB
