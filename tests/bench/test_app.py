"""Runs the measurements of the whole app on a real screen and prints what they say; never judges by the clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.scripts import run, say

pytestmark = [pytest.mark.bench, pytest.mark.window]


def test_how_long_the_window_stands_still_while_an_answer_streams(capsys: pytest.CaptureFixture[str]) -> None:
    found = run("app_stall.py")
    say(capsys, "20,000 tokens at 1,000 a second through the whole app", found)
    assert found["tokens"] == 20_000


def test_how_long_it_does_beside_a_decoding_model_and_a_writer(
    starter_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = run("app_stall.py", "--decode", "--writer")
    say(capsys, "the same beside a model on every core and another program that writes", found)
    assert found["tokens"] == 20_000
    assert all(found["beside_cpu_seconds"].values())


@pytest.mark.parametrize("chats", ["one", "many"])
def test_what_two_hundred_replies_leave_in_memory(chats: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("app_memory.py", *(["--many"] if chats == "many" else []))
    say(capsys, f"200 replies of 1,000 tokens, {chats}", found)
    assert found["replies"] == 200
