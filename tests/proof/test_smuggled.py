"""What goes along with a request that is allowed and has its row is caught as well."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from aqe_desktop.core.ledger import GENESIS, Entry, Purpose, RowKind, chained
from aqe_desktop.core.models import Zone
from tests.proof.conftest import Profile
from tests.proof.judge import judge
from tests.proof.programs.smuggle import WAYS
from tests.proof.seal import REPOSITORY

_PROGRAM = REPOSITORY / "tests/proof/programs/smuggle.py"
_SENT = Entry(
    RowKind.SENT,
    1,
    zone=Zone.CLOUD,
    host="cloud.test:8080",
    purpose=Purpose.CHAT,
    bytes=5,
    sha256=hashlib.sha256(b"hello").hexdigest(),
)


def complaints_of(profile: Profile, way: str) -> list[str]:
    done = profile.run(str(_PROGRAM), way)
    assert done.returncode == 0, done.stderr
    return judge(profile.seal.seen(), [chained(1, GENESIS, _SENT)])


def test_what_is_allowed_is_no_complaint(profile: Profile) -> None:
    assert complaints_of(profile, "nothing") == []


@pytest.mark.parametrize("way", [way for way in WAYS if way not in ("nothing", "in_a_flood")])
def test_what_goes_along_is_caught(profile: Profile, way: str) -> None:
    assert complaints_of(profile, way) != []


def test_nothing_is_proved_while_a_program_runs_on(profile: Profile) -> None:
    with subprocess.Popen([*profile.seal.enter, "sleep", "60"], stdin=subprocess.DEVNULL) as left:
        try:
            until_inside(profile, left.pid)
            with pytest.raises(TimeoutError, match=str(left.pid)):
                profile.seal.seen(patience=0.2)
        finally:
            left.kill()
    assert profile.seal.seen() == []


def until_inside(profile: Profile, pid: int) -> None:
    """A program begins outside and enters then."""
    while Path(f"/proc/{pid}/ns/net").readlink() != Path(f"/proc/{profile.seal.pid}/ns/net").readlink():
        time.sleep(0.01)


def test_packets_that_the_capture_lost_are_a_complaint(profile: Profile) -> None:
    """More than it holds while it is stopped: what was among them nobody can say."""
    os.kill(profile.seal.pid, signal.SIGSTOP)
    try:
        done = profile.run(str(_PROGRAM), "in_a_flood")
    finally:
        os.kill(profile.seal.pid, signal.SIGCONT)
    assert done.returncode == 0, done.stderr
    assert any("lost" in each for each in judge(profile.seal.seen(), []))
