"""The guards of conftest.py are tests' ground, so they are tested themselves: in a pytest of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_SWALLOWED = """
import socket

def test_that_swallows_the_refusal():
    try:
        socket.create_connection(("192.0.2.1", 9), 1)
    except OSError:
        pass

def test_that_looks_up_a_name():
    try:
        socket.getaddrinfo("example.invalid", 80)
    except OSError:
        pass

def test_that_stays_on_loopback():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
"""


def _pytest(test: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-q", str(test)]
    # The plugin is read before pytest's own paths are set, and it knows where the compiled parts lie.
    environment = {**os.environ, "PYTHONPATH": str(_ROOT / "packaging")}
    return subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True, timeout=60)


def test_a_test_that_leaves_this_machine_fails_even_if_the_refusal_is_swallowed(tmp_path: Path) -> None:
    test = tmp_path / "test_swallowed.py"
    test.write_text(_SWALLOWED)
    result = _pytest(test)
    assert "3 passed, 2 errors" in result.stdout
    assert "tried to leave this machine: socket.getaddrinfo example.invalid" in result.stdout


def test_a_test_has_a_home_of_its_own(tmp_path: Path) -> None:
    for name in ("HOME", "AQE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        assert Path(os.environ[name]).is_relative_to(tmp_path)


def test_the_runtime_folder_is_short_enough_for_sockets() -> None:
    assert len(os.environ["XDG_RUNTIME_DIR"]) < 60


def test_the_starter_model_is_the_real_one(starter_model: Path) -> None:
    assert starter_model.stat().st_size == 98_362_432
