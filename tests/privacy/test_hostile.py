"""Texts made to hurt the matcher: it answers, in a time that grows with the length and no faster."""

from __future__ import annotations

import base64
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aqe_desktop.privacy import scanner as scanning
from aqe_desktop.privacy.matching import Match, Matcher
from aqe_desktop.privacy.patterns import compiled
from aqe_desktop.privacy.scanner import Scanner

_MEGABYTE = 1_000_000
_LONG = 400_000
_PIECES = [
    "a",
    "A",
    "0",
    " ",
    "\n",
    "\0",
    "=",
    "(",
    "\\",
    '"',
    "'",
    "/",
    ":",
    "@",
    "%",
    "&",
    "-",
    "_",
    ".",
    "é",
    "😀",
    "\ud800",
    "ab1",
    "a-",
    "a.",
    "a_b",
    "1 ",
    "1-",
    "%41",
    "\\x41",
    "\\n",
    '" + "',
    "a@",
    "://",
    "password",
    "password=",
    "password: ",
    "key = ",
    "token is ",
    "eyJ",
    "AKIA",
    "sk-",
    "-----BEGIN PRIVATE KEY-----",
    "QUJD",
    "name,",
    "|",
    "<a>",
    "10.",
    "Name: ",
    "confidential ",
    "пароль ",
    "密码",
    "xox",
    "::",
    "1.1.1.1 ",
    "+49 ",
    "4111 ",
    "DE89",
    ";password=",
    "insert into a(",
]


@pytest.mark.parametrize("piece", _PIECES)
def test_a_long_run_of_anything_takes_a_time_that_grows_with_its_length(scanner: Scanner, piece: str) -> None:
    """Eight times the text may take thirty times as long, on a busy machine; what backtracks takes minutes."""
    short, long = (piece * (size // len(piece)) for size in (_LONG // 8, _LONG))
    scanner.scan(short)
    first, second = _seconds(scanner, short), _seconds(scanner, long)
    assert second < 30 * first + 5.0, (first, second)


def _seconds(scanner: Scanner, text: str) -> float:
    start = time.process_time()
    scanner.scan(text)
    return time.process_time() - start


@pytest.mark.parametrize(
    "piece", ["confidential ", "eyJ", 'password="', "password=", "DE89 ", "4111 ", "token: x ", "sk-"]
)
def test_a_text_that_repeats_itself_is_looked_at_a_few_times(
    scanner: Scanner, piece: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: Counter[str] = Counter()
    match = Matcher.match

    def counted(self: Matcher, data: bytes, cue_end: int, floor: int, name: str) -> tuple[Match | None, int]:
        looks[self.rule.id] += 1
        return match(self, data, cue_end, floor, name)

    monkeypatch.setattr(Matcher, "match", counted)
    assert scanner.scan(piece * (500_000 // len(piece))) == ()
    assert not looks or max(looks.values()) < 5000, looks.most_common(3)


def test_what_stands_in_a_text_that_repeats_itself_is_found(scanner: Scanner) -> None:
    for piece in ("password= ", "confidential ", "4111 ", "DE89 "):
        text = piece * 3000 + "\npassword = 'Kx7!mQ2#vRt9'\n" + piece * 3000 + "\ncard 4539 1488 0343 6467\n"
        kinds = {each.kind for each in scanner.scan(text)}
        assert {"password-assign", "credit-card"} <= kinds, piece


def test_no_pattern_backtracks_over_its_window(scanner: Scanner) -> None:
    """Each pattern on each run, over the largest window it is ever given: none needs a second for it."""
    runs = [piece.encode("utf-8", "surrogatepass") * 400 for piece in _PIECES]
    slow = []
    for rule in scanner.rules:
        pattern = compiled(rule.pattern, rule.id)
        for run in runs:
            window = run[: rule.back + rule.ahead]
            start = time.process_time()
            pattern.search(window)
            if time.process_time() - start > 1.0:
                slow.append((rule.id, run[:20]))
    assert not slow


_RUNS = st.lists(
    st.one_of(
        st.sampled_from(_PIECES),
        st.text(max_size=30),
        st.binary(max_size=30).map(lambda data: data.decode("utf-8", "surrogateescape")),
        st.integers(1, 300).map(lambda count: "A" * count),
    ),
    max_size=60,
).map("".join)


@settings(max_examples=120)
@given(text=_RUNS)
def test_any_text_is_answered_with_spans_inside_it(scanner: Scanner, text: str) -> None:
    findings = scanner.scan(text)
    ends = 0
    for each in findings:
        assert ends <= each.start < each.end <= len(text)
        ends = each.end
        assert 0 < each.confidence <= 1
        assert text[each.start : each.end] not in each.reason or each.end - each.start < 3


@settings(max_examples=60)
@given(text=_RUNS, at=st.integers(1, 80))
def test_chunks_find_what_the_whole_finds(scanner: Scanner, text: str, at: int) -> None:
    """A secret across any seam of chunks is found like any other."""
    secret = "ghp_" + "a8Kd0Lq2Zx" * 3 + "7Tm4Rp"
    whole = "x" * at + " " + secret + " " + text
    kept = scanning.CHUNK, scanning.OVERLAP
    scanning.CHUNK, scanning.OVERLAP = 64, 4096
    try:
        assert any(each.start <= at + 1 and each.end >= at + 1 + len(secret) for each in scanner.scan(whole))
    finally:
        scanning.CHUNK, scanning.OVERLAP = kept


def test_encodings_inside_encodings_end(scanner: Scanner) -> None:
    text = "password = 'Kx7!mQ2#vRt9'"
    for _ in range(12):
        text = base64.b64encode(text.encode()).decode()
    scanner.scan(text)


@pytest.mark.long
def test_a_line_of_100_megabytes_is_answered(scanner: Scanner) -> None:
    line = ("lorem ipsum " * 9 + "password=Kx7!mQ2vRt9 ") * 800_000
    assert len(line) > 100 * _MEGABYTE
    assert len(scanner.scan(line)) > 10_000
