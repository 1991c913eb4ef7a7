"""Children get what they need and no more; locks and peers are the kernel's word."""

from __future__ import annotations

import os
import socket

import pytest

from aqe_desktop.machine import processes


def test_the_environment_of_a_child_is_built_and_never_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENROUTER_API_KEY", "HTTP_PROXY", "PYTHONPATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "HOME"):
        monkeypatch.setenv(name, "canary")
    assert "canary" not in processes.built_environment().values()
    assert processes.built_environment({"A": "1"})["A"] == "1"
    assert "PATH" in processes.built_environment()


def test_a_worker_cannot_be_pointed_at_other_code_by_the_environment() -> None:
    assert "-I" in processes.worker_command("llamacpp")


def test_the_peer_of_a_socket_is_named_by_the_kernel() -> None:
    here, there = socket.socketpair(socket.AF_UNIX)
    with here, there:
        assert processes.peer_of(here) == (os.getpid(), os.getuid())
        assert not processes.is_stranger(here)


def test_another_user_is_a_stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = socket.socketpair(socket.AF_UNIX)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    with here, there:
        assert processes.is_stranger(here)
