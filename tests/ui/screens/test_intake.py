"""What a paste becomes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.ui.screens.chat.intake import LINE_LIMIT, PASTE_LIMIT, Kind, is_binary, judge, size_in_words
from aqe_desktop.ui.screens.chat.intake import tokens_in_words as words


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("def f():\n    return 1\n", Kind.TEXT),
        ("x" * LINE_LIMIT, Kind.TEXT),
        ("x" * (LINE_LIMIT + 1), Kind.ATTACH),
        ("short line\n" * (PASTE_LIMIT // 11), Kind.TEXT),
        ("short line\n" * (PASTE_LIMIT // 11 + 1), Kind.ATTACH),
        ("ü" * 99 + "\n", Kind.TEXT),
        (("ü" * 99 + "\n") * 400, Kind.ATTACH),
        ("\x1b[31mred\x1b[0m of a terminal\n" * 50, Kind.TEXT),
        ("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Kind.REFUSE),
        ("\x01\x02\x03\x04" * 20, Kind.REFUSE),
        ("\ufffd" * 50, Kind.REFUSE),
        ("", Kind.TEXT),
    ],
)
def test_a_paste_is_judged_by_its_content(text: str, kind: Kind) -> None:
    assert judge(text).kind is kind


@given(st.text())
def test_no_paste_is_ever_cut(text: str) -> None:
    intake = judge(text)
    assert intake.text == ("" if intake.kind is Kind.REFUSE else text)
    assert (intake.kind is Kind.TEXT) == (not intake.reason)


def test_five_megabytes_become_a_file_whole() -> None:
    text = "a line of text\n" * 350_000
    assert judge(text).kind is Kind.ATTACH
    assert judge(text).text is text


def test_emoji_and_cyrillic_are_text() -> None:
    assert not is_binary("Привет, мир \N{ROCKET}\n" * 10)


def test_amounts_are_short() -> None:
    assert [size_in_words(size) for size in (812, 64_000, 5_000_000)] == ["812 B", "64 KB", "5.0 MB"]
    assert [words(count) for count in (0, 1, 63, 1234, 12_345, 1_900_000)] == [
        "0 tokens",
        "1 token",
        "63 tokens",
        "1.2k tokens",
        "12k tokens",
        "1.9M tokens",
    ]
