"""A project's own words in texts and identifiers, in any writing."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.privacy.own_words import CHUNK, own_words
from aqe_desktop.privacy.scanner import Scanner


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("Heron", "heron HERON Heron's (heron)", ["heron", "HERON", "Heron", "heron"]),
        ("Heron", "HeronClient aHeronClient get_heron HTTPHeron heron2", ["Heron", "Heron", "heron", "Heron", "heron"]),
        ("Heron", "Herony theheron heronry Her-\n", []),
        ("Heron", "herons, HERONS; heronclient HERONAPI", ["heron", "HERON", "heron", "HERON"]),
        (
            "Nightjar",
            "**Night**jar Night`jar` <b>Night</b>jar Night-\n  jar",
            ["Night**jar", "Night`jar", "Night</b>jar", "Night-\n  jar"],
        ),
        (
            "Blue Heron",
            "Blue\u2011Heron Blue\u2013Heron Blue\n> Heron Blue\n  // Heron Blue\r\n# Heron Blue** **Heron",
            [
                "Blue\u2011Heron",
                "Blue\u2013Heron",
                "Blue\n> Heron",
                "Blue\n  // Heron",
                "Blue\r\n# Heron",
                "Blue** **Heron",
            ],
        ),
        ("Ada", "Canada adapt a*d*a Adas metadata ADAPI ad-\na", []),
        ("Größe", "GRÖSSE größe GRÖßE", ["GRÖSSE", "größe", "GRÖßE"]),
        (
            "blue heron",
            "BlueHeron blue_heron blue-heron BLUE\n HERON",
            ["BlueHeron", "blue_heron", "blue-heron", "BLUE\n HERON"],
        ),
        ("Größe", "gro\u0308ße GRÖßE", ["gro\u0308ße", "GRÖßE"]),
        ("プロジェクト", "これはプロジェクトです", ["プロジェクト"]),
        ("C++", "we use C++ and C+", ["C++"]),
        ("a.b", "a.b axb", ["a.b"]),
        ("Acme", "ACMEClient acmeclient acmelike", ["ACME", "acme"]),
    ],
)
def test_a_word_is_found_where_it_is_one(word: str, text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in own_words(text, (word,))] == found


def test_a_long_word_that_is_none_hides_no_short_one() -> None:
    text = "Heron Ninety"
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


_PROSE = st.lists(
    st.sampled_from(
        ["canada", "nightly", "jars", "jar", "night", "blue", "falconer", "horizon", "adapt", "heroine", "a"]
    )
)


@given(words=_PROSE, seam=st.sampled_from([" ", ", ", "\n> ", "-", "_", " **"]))
def test_prose_without_the_words_has_none(words: list[str], seam: str) -> None:
    assert own_words(seam.join(words), ("Nightjars", "Ada", "Blue Falcon", "Heron", "Horizont")) == ()


@pytest.mark.parametrize(
    "form",
    [
        base64.b64encode(b"we ship Nightjar soon").decode(),
        b"we ship Nightjar soon".hex(),
        "".join(f"%{each:02X}" for each in b"Nightjar"),
        "\\u004eightjar",
        "\\x4eight\\x6aar is",
        "q=ship%20%4Eightjar",
        "Ni\u200bghtjar",
        "N\u0456ghtjar",
        "\uff2eightjar",
        '"Night" + "jar"',
    ],
)
def test_words_in_another_form_are_found_where_they_stand(scanner: Scanner, form: str) -> None:
    text = f"é see {form} ok"
    (found,) = own_words(text, ("Nightjar",), scanner.read(text).readings)
    assert text[found.start : found.end].strip('"') in form
    assert found.start >= 6
    assert found.end <= len(text) - 3
    assert own_words(text, ("Kingfisher",), scanner.read(text).readings) == ()
