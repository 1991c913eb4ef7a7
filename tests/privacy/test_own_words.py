"""A project's own words in texts and identifiers, in any writing."""

from __future__ import annotations

import pytest

from aqe_desktop.privacy.own_words import CHUNK, own_words


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("Heron", "heron HERON Heron's (heron)", ["heron", "HERON", "Heron", "heron"]),
        ("Heron", "HeronClient aHeronClient get_heron HTTPHeron heron2", ["Heron", "Heron", "heron", "Heron", "heron"]),
        ("Heron", "herons Herony theheron", []),
        (
            "blue heron",
            "BlueHeron blue_heron blue-heron BLUE\n HERON",
            ["BlueHeron", "blue_heron", "blue-heron", "BLUE\n HERON"],
        ),
        ("Größe", "gro\u0308ße GRÖßE", ["gro\u0308ße", "GRÖßE"]),
        ("プロジェクト", "これはプロジェクトです", ["プロジェクト"]),
        ("C++", "we use C++ and C+", ["C++"]),
        ("a.b", "a.b axb", ["a.b"]),
        ("Acme", "ACMEClient acmeclient", ["ACME"]),
    ],
)
def test_a_word_is_found_where_it_is_one(word: str, text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in own_words(text, (word,))] == found


def test_a_long_word_that_is_none_hides_no_short_one() -> None:
    text = "Heron Nines"
    assert [text[each.start : each.end] for each in own_words(text, ("Heron Nine", "Heron"))] == ["Heron"]


def test_words_are_found_once_each_in_a_text_of_many_chunks() -> None:
    gap = " x " * (CHUNK // 4)
    text = gap.join(["heron"] * 9)
    assert len(own_words(text, ("heron",))) == 9
    places = [CHUNK - 2, 2 * CHUNK - 5, 2 * CHUNK + 1]
    letters = [" "] * (3 * CHUNK)
    for at in places:
        letters[at : at + 5] = "heron"
    assert [each.start for each in own_words("".join(letters), ("heron",))] == places


def test_nothing_is_found_without_words_or_text() -> None:
    assert own_words("", ("a b",)) == ()
    assert own_words("text", ()) == ()
