"""An empty network namespace, entered for real in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import Any

import pytest

from aqe_desktop.machine import sandbox

_ENTER = """
import json, os, socket
from aqe_desktop.machine import sandbox
reason = sandbox.enter_empty_network()
seen = sandbox.look_at_network()
print(json.dumps({"reason": reason, "cut_off": seen.cut_off, "fact": seen.fact, "uid": os.getuid(), "gid": os.getgid(),
    "names": [name for _, name in socket.if_nameindex()]}))
"""


def _enter(*before: str) -> dict[str, Any]:
    done = subprocess.run([*before, sys.executable, "-c", _ENTER], capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _without_the_right_to_make_namespaces() -> list[str]:
    """Root without CAP_SYS_ADMIN stands for an ordinary user: the kernel then asks for a user namespace first."""
    assert shutil.which("setpriv"), "setpriv of util-linux is missing"
    return ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"] if os.getuid() == 0 else []


@pytest.mark.parametrize("ordinary", [False, True], ids=["as we are", "as an ordinary user"])
def test_inside_there_is_only_a_loopback_that_is_down_and_connecting_fails(ordinary: bool) -> None:
    seen = _enter(*(_without_the_right_to_make_namespaces() if ordinary else ()))
    assert seen["reason"] == ""
    assert seen["names"] == ["lo"]
    assert seen["cut_off"]
    assert (seen["uid"], seen["gid"]) == (os.getuid(), os.getgid())


def test_a_system_that_refuses_is_reported_and_leaves_the_process_as_it_was() -> None:
    refusing = ["unshare", "-Ur", "sh", "-c", 'echo 0 > /proc/sys/user/max_net_namespaces; exec "$@"', "sh"]
    seen = _enter(*refusing)
    assert seen["reason"]
    assert not seen["cut_off"]
    assert seen["uid"] == 0


def test_a_process_with_a_network_is_not_called_cut_off_and_nothing_is_sent_to_find_out() -> None:
    assert not sandbox.look_at_network().cut_off
