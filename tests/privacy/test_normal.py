"""What is written so that no rule knows it, and is meant all the same, is found where it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.privacy.normal import normal
from aqe_desktop.privacy.scanner import Scanner

TOKEN = "ghp_" + "a8Kd0Lq2Zx" * 3 + "7Tm4Rp"
_UNSEEN = ["\u200b", "\u200c", "\u200d", "\u200e", "\u061c", "\u2060", "\ufeff", "\xad", "\ufe0f", "\u034f", "\u2069"]
_UNSEEN += ["\U000e0041", "\0", "\x1b[0m", "\r", "\x7f", "\x85", "x\x08"]
_WIDE = str.maketrans({chr(each): chr(each + 0xFEE0) for each in range(0x21, 0x7F)})


def bold(text: str) -> str:
    """In the bold letters of mathematics."""
    first = {"A": 0x1D400, "a": 0x1D41A, "0": 0x1D7CE}
    kinds = ((each, "A" if each.isupper() else "a" if each.islower() else "0") for each in text)
    return "".join(chr(first[kind] + ord(each) - ord(kind)) if each.isalnum() else each for each, kind in kinds)


@pytest.mark.parametrize("unseen", _UNSEEN, ids=ascii)
@pytest.mark.parametrize("every", [12, 3])
def test_what_nobody_sees_hides_nothing(scanner: Scanner, unseen: str, every: int) -> None:
    hidden = unseen.join(TOKEN[at : at + every] for at in range(0, len(TOKEN), every))
    text = f"é use {hidden} then"
    (found,) = scanner.scan(text)
    assert found.binding
    assert text[found.start : found.end] == hidden


@pytest.mark.parametrize(
    "form",
    [TOKEN.translate(_WIDE), bold(TOKEN), TOKEN.replace("a", "а"), TOKEN.replace("p", "р").replace("x", "х")],
    ids=["wide", "bold", "one look-alike", "two look-alikes"],
)
def test_letters_that_look_like_others_are_those(scanner: Scanner, form: str) -> None:
    text = f"use {form} ok"
    (found,) = scanner.scan(text)
    assert text[found.start : found.end] == form


@pytest.mark.parametrize(
    "text",
    [
        "card 4539\xa01488\u202f0343\u20096467",
        "card 4539\u20111488\u20110343\u20116467",
        "IBAN DE89\xa03704\u20090044\u202f0532\xa00130\xa000",
        "card ٤٥٣٩ ١٤٨٨ ٠٣٤٣ ٦٤٦٧",
        "-----BEGIN RSA PRI\u200bVATE KEY-----\nMIIEowIBAAKCAQEAx7v3mC3kqJ\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_blanks_dashes_and_digits_of_every_kind_are_such(scanner: Scanner, text: str) -> None:
    assert any(each.binding for each in scanner.scan(text))


@pytest.mark.parametrize(
    "text",
    [
        "a plain text – with a dash — and\r\nlines, “quotes”, 20 m², ½…",
        "Привет, мир: это обычный текст. IT-отдел, 2-й этаж",
        "γ = α + β, café, naïve, Größe",
        "これはテストです。設定（１）ではない、ａではない"[:9],
        "",
    ],
)
def test_a_text_as_it_is_has_no_other_reading(text: str) -> None:
    assert normal(text) is None


def test_a_word_of_another_script_stays_one() -> None:
    reading = normal("сеанс и ра\u200bнг, 5й класс, а cаr")
    assert reading is not None
    assert reading.text == "сеанс и ранг, 5й класс, а car"


def test_only_what_stands_around_is_read_again() -> None:
    text = "x" * 100_000 + "a\u200bb" + "y" * 100_000
    reading = normal(text)
    assert reading is not None
    assert len(reading.text) < 2000
    at = reading.text.index("ab")
    assert reading.place(at, at + 2) == (100_000, 100_003)


@given(text=st.text(st.sampled_from("ab \n\r-–\u200bﬁ\xa0аＡ\x1b[0m\x08"), max_size=60))
def test_every_place_lies_in_the_text(text: str) -> None:
    reading = normal(text)
    if reading is None:
        return
    for at in range(len(reading.text)):
        span = reading.place(at, at + 1)
        assert span is None or 0 <= span[0] < span[1] <= len(text)
        if span is not None and (letter := reading.text[at]) in "ab ":
            assert text[span[0] : span[1]] in (letter, "а", "\xa0")
