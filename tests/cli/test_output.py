"""What a model writes never drives the terminal, and a pipe gets it as it is."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.cli import output
from aqe_desktop.cli.output import safe


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;owned\x07", "<1B>]0;owned<07>"),
        ("\x1b[2J\x1b[31mred", "<1B>[2J<1B>[31mred"),
        ("\x9b31m", "<9B>31m"),
        ("hide\rshow", "hideshow"),
        ("a\tb\r\nc", "a\tb\nc"),
        ("safe \u202egnp.exe", "safe <202E>gnp.exe"),
        ("日本語 😀 Grüße", "日本語 😀 Grüße"),
    ],
)
def test_control_sequences_become_visible(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(st.text())
def test_nothing_that_moves_a_terminal_is_left(text: str) -> None:
    shown = safe(text)
    assert all(char in "\t\n" or not (ord(char) < 32 or 127 <= ord(char) < 160) for char in shown)
    assert safe(shown) == shown


def test_a_terminal_gets_the_safe_text_and_a_pipe_the_text_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream, expected in ((Terminal(), "<1B>[31m"), (io.StringIO(), "\x1b[31m")):
        monkeypatch.setattr("sys.stdout", stream)
        output.write("\x1b[31m")
        assert stream.getvalue() == expected


def test_json_on_a_terminal_is_the_same_object_and_drives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    value = {"text": "\x9b31m \x7f \u202eevil\u2069 \x1b[2J Grüße\n"}
    for stream in (Terminal(), io.StringIO()):
        monkeypatch.setattr("sys.stdout", stream)
        output.as_json(value)
        assert json.loads(stream.getvalue()) == value
        assert (safe(stream.getvalue()) == stream.getvalue()) is stream.isatty()
        assert "Grüße" in stream.getvalue()


def test_progress_is_for_people_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream, expected in ((Terminal(), "Loading…\n"), (io.StringIO(), "")):
        monkeypatch.setattr("sys.stderr", stream)
        output.progress("Loading…")
        assert stream.getvalue() == expected
