"""Runs the transcript's measurements on a real screen and prints what they say; never judges by the clock."""

from __future__ import annotations

import pytest

from tests.bench.scripts import run, say


@pytest.mark.bench
@pytest.mark.window
def test_how_long_the_loop_stands_still(capsys: pytest.CaptureFixture[str]) -> None:
    found = run("transcript_stall.py")
    say(capsys, "transcript alone", found)
    assert found["all"]["beats"] > 1_000


@pytest.mark.bench
@pytest.mark.window
def test_what_a_long_conversation_costs(capsys: pytest.CaptureFixture[str]) -> None:
    found = run("transcript_scroll.py")
    say(capsys, "2,000 messages", found)
    assert found["found"] > 0
