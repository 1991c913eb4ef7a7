"""The filter of system calls, taken for real by processes of their own: what it refuses, and that nothing undoes it."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from typing import Any

import pytest

from aqe_desktop.machine import seccomp

_TAKE = """
import ctypes, errno, json, socket, sys
from aqe_desktop.machine import sandbox, seccomp
before = seccomp.is_in_force()
reason = seccomp.refuse_networks()
def opens(family, kind):
    try:
        with socket.socket(family, kind):
            return True
    except OSError:
        return False
def refused(number, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.syscall(number, *arguments) == -1 and ctypes.get_errno() == errno.EACCES
calls = seccomp._calls()
print(json.dumps({
    "before": before, "reason": reason, "after": seccomp.is_in_force(), "seen": sandbox.look_at_network().fact,
    "cut_off": sandbox.look_at_network().cut_off,
    "open": [family for family in range(46) for kind in (1, 2, 3, 5) if opens(family, kind)],
    "ways around": [number for number in (*calls.forbidden, 0x40000000 | 41) if not refused(number, 0, 0, 0, 0)],
    "pair": refused(calls.sockets[1], 30, 1, 0, 0),
}))
"""
_IN_A_CHILD = """
import os, subprocess, sys
from aqe_desktop.machine import seccomp
seccomp.refuse_networks()
code = "from aqe_desktop.machine import seccomp; print(seccomp.is_in_force())"
subprocess.run([sys.executable, "-c", code], check=True)
"""
# What a kernel or container that has no such filter answers: the same call is refused, by a filter made for the test.
WITHOUT_FILTERS = """
import os, sys
from aqe_desktop.machine import seccomp as s
calls = s._calls()
s.install(b"".join([
    s._step(s._LOAD, 0),
    s._step(s._EQUAL, calls.seccomp, then=4),
    s._step(s._EQUAL, {"x86_64": 157, "aarch64": 167}[os.uname().machine], otherwise=2),
    s._step(s._LOAD, 16),
    s._step(s._EQUAL, s._PR_SET_SECCOMP, then=1),
    s._step(s._RETURN, s._ALLOW),
    s._step(s._RETURN, s._REFUSE),
]))
os.execvp(sys.argv[1], sys.argv[1:])
"""


def _run(code: str, *before: str) -> str:
    return subprocess.run([*before, sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_no_socket_but_unix_ones_is_left_and_no_way_around() -> None:
    seen: dict[str, Any] = json.loads(_run(_TAKE))
    assert (seen["before"], seen["reason"], seen["after"], seen["cut_off"]) == (False, "", True, True)
    assert set(seen["open"]) == {1}
    assert seen["ways around"] == []
    assert seen["pair"]
    assert "every socket but Unix sockets" in seen["seen"]


def test_children_have_it_too() -> None:
    assert _run(_IN_A_CHILD).strip() == "True"


def test_a_kernel_that_has_it_says_so_and_takes_none_for_the_question() -> None:
    code = "from aqe_desktop.machine import seccomp as s; print(s.is_available(), s.is_in_force())"
    assert _run(code).split() == ["True", "False"]
    assert _run(code, sys.executable, "-c", WITHOUT_FILTERS).split() == ["False", "False"]


def test_a_refused_filter_is_told_in_words_and_is_not_in_force() -> None:
    code = "from aqe_desktop.machine import seccomp as s; print(s.refuse_networks(), s.is_in_force(), sep='|')"
    assert _run(code, sys.executable, "-c", WITHOUT_FILTERS).strip() == "permission denied|False"


@pytest.mark.parametrize(("system", "machine"), [("darwin", "arm64"), ("linux", "riscv64"), ("win32", "AMD64")])
def test_where_the_calls_are_not_known_nothing_is_claimed(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert not seccomp.is_available()
    assert seccomp.refuse_networks() == "this system has none that we know"


_START = """
import subprocess, sys
from aqe_desktop.machine import seccomp
print(seccomp.refuse_programs() or "taken", seccomp.filters_of(__import__("os").getpid()))
for how in ({}, {"close_fds": False}):
    try:
        subprocess.run(["/bin/true"], **how)
        print("started")
    except PermissionError:
        print("refused")
"""


def test_a_process_that_gave_programs_up_starts_none() -> None:
    assert _run(_START).split() == ["taken", "1", "refused", "refused"]


def test_where_the_kernel_has_no_filter_programs_are_not_claimed_to_be_refused() -> None:
    assert _run(_START, sys.executable, "-c", WITHOUT_FILTERS).split()[:3] == ["permission", "denied", "1"]
