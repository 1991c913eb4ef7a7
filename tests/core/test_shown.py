"""Names that others chose, as they are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.core.shown import MOST, shown


@pytest.mark.parametrize(
    ("told", "seen"),
    [
        ("Qwen2.5 Coder 7B", "Qwen2.5 Coder 7B"),
        ("模型 מודל", "模型 מודל"),
        ("a\nb\t c\r", "a b c"),
        ("safe\x1b[2J\x07", "safe[2J"),
        ("gnp.\u202eexe", "gnp.exe"),
        ("in\u200bvis\ufeffible\ud800", "invisible"),
        ("x" * 10_000, "x" * (MOST - 1) + "…"),
        ("\u202e" * 10_000 + "end", "…"),
    ],
)
def test_what_drives_a_screen_or_fills_it_is_gone(told: str, seen: str) -> None:
    assert shown(told) == seen


@given(st.text(max_size=300))
def test_it_is_one_bounded_line_and_shown_twice_is_shown_once(told: str) -> None:
    seen = shown(told)
    assert len(seen) <= MOST
    assert len(seen.splitlines()) <= 1
    assert shown(seen) == seen
