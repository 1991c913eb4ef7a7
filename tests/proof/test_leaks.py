"""The harness must catch a leak: one planted in each way out that exists."""

from __future__ import annotations

import pytest

from tests.proof.conftest import CANARY, Profile
from tests.proof.judge import holds
from tests.proof.seal import REPOSITORY

_PROGRAMS = REPOSITORY / "tests/proof/programs"
# Qt's way is planted in tests/ui/test_proof_of_the_window.py: these tests run where there is no Qt.
WAYS = ("httpx", "httpx2", "child", "name", "datagram", "closed port", "ipv6")


@pytest.mark.parametrize("way", WAYS)
def test_a_planted_leak_is_caught(profile: Profile, way: str) -> None:
    done = profile.run(str(_PROGRAMS / "leaks.py"), way)
    assert done.returncode == 0, done.stderr
    assert profile.complaints() != []


@pytest.mark.parametrize("way", ["httpx", "httpx2", "child", "name", "datagram"])
def test_its_text_is_found_in_what_was_seen(profile: Profile, way: str) -> None:
    profile.run(str(_PROGRAMS / "leaks.py"), way)
    assert holds(profile.seal.seen(), CANARY)


@pytest.mark.parametrize("client", ["httpx", "httpx2"])
def test_what_goes_through_the_door_has_its_row_and_is_no_leak(profile: Profile, client: str) -> None:
    done = profile.run(str(_PROGRAMS / "through_the_door.py"), client)
    assert done.returncode == 0, done.stderr
    assert [each["path"] for each in profile.seal.seen() if each["what"] == "request"] == ["/v1/chat/completions"]
    assert profile.complaints() == []


def test_a_leak_beside_what_is_allowed_is_caught(profile: Profile) -> None:
    profile.run(str(_PROGRAMS / "through_the_door.py"), "httpx")
    assert profile.complaints() == []
    profile.run(str(_PROGRAMS / "leaks.py"), "child")
    assert profile.complaints() != []
