"""The engine: ready or all is private, spans in code points, overlaps as one, chunks without seams, threads at once."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from aqe_desktop.core.errors import RulesBroken
from aqe_desktop.core.findings import Finding
from aqe_desktop.privacy import scanner as scanning
from aqe_desktop.privacy.rule import read_rules
from aqe_desktop.privacy.scanner import NOT_READY, Scanner
from aqe_desktop.privacy.spans import merged

_ROW = """
[[rule]]
id = "zed"
kind = "zed"
pattern = 'zed-(?P<value>[0-9]{6})'
reason = "A zed."
yes = ["zed-{digit:6}"]
no = ["zed"]
"""
TOKEN = "zed-123456"


def made(rows: str = _ROW) -> Scanner:
    scanner = Scanner(read_rules({"own.toml": rows}))
    scanner.compile()
    return scanner


def spans(scanner: Scanner, text: str, name: str = "") -> list[str]:
    return [text[each.start : each.end] for each in scanner.scan(text, name=name)]


def test_until_it_is_ready_every_text_counts_as_private() -> None:
    scanner = Scanner(read_rules({"own.toml": _ROW}))
    assert not scanner.ready
    assert scanner.scan("a clean text") == (Finding("unread", 0, 12, 1.0, True, NOT_READY),)
    assert scanner.scan("") == ()


def test_compiled_rules_are_loaded_again_and_damaged_ones_are_not() -> None:
    stored = made().compile()
    other = Scanner(read_rules({"own.toml": _ROW}))
    for damaged in (b"", b"junk", stored[:-9], bytes(len(stored))):
        assert not other.load(damaged)
        assert not other.ready
    assert other.load(stored)
    assert spans(other, TOKEN) == ["123456"]


def test_the_key_of_compiled_rules_changes_with_the_rules() -> None:
    changed = Scanner(read_rules({"own.toml": _ROW.replace("{6}", "{7}")}))
    assert changed.key != made().key
    assert Scanner(read_rules({"own.toml": _ROW})).key == made().key


def test_the_span_is_the_value_in_code_points() -> None:
    assert spans(made(), f"é😀 — {TOKEN} ü") == ["123456"]


def test_a_letter_or_digit_beside_the_match_makes_it_another_word() -> None:
    assert spans(made(), f"a{TOKEN} {TOKEN}7 x_{TOKEN}") == []
    assert spans(made(), f"({TOKEN})") == ["123456"]
    assert spans(made(), f"a\\n{TOKEN}\\tb") == ["123456"]


def test_words_near_decide_in_any_case_and_language() -> None:
    scanner = made(_ROW + 'near = ["schlüssel", "key"]\nreach = 20\n')
    assert spans(scanner, f"der SCHLÜSSEL: {TOKEN}") == ["123456"]
    assert spans(scanner, f"KEY {TOKEN}") == ["123456"]
    assert spans(scanner, f"key {'x' * 40} {TOKEN}") == []


def test_a_line_or_a_file_name_makes_a_hint_of_it() -> None:
    scanner = made(_ROW + "demote_in = '(?i)author'\n")
    text = f"Author: {TOKEN}\n{TOKEN}"
    assert [each.binding for each in scanner.scan(text)] == [False, True]
    assert [each.binding for each in scanner.scan(text, name="AUTHORS.md")] == [False, False]


def test_a_line_can_forbid_it() -> None:
    assert spans(made(_ROW + "drop_in = 'sample'\n"), f"a sample {TOKEN}\n{TOKEN}x {TOKEN}") == ["123456"]


def test_a_folder_in_the_files_name_takes_no_finding_away() -> None:
    """A file's name is a path: “release/db.py” says nothing of the line in which an address stands."""
    scanner = made(_ROW + "drop_in = '(?i)\\breleases?\\b'\n")
    assert spans(scanner, TOKEN, name="release/db.py") == ["123456"]
    assert spans(scanner, f"release {TOKEN}", name="db.py") == []
    scanner = made(_ROW + "drop_name = 'release'\n")
    assert spans(scanner, TOKEN, name="release/db.py") == ["123456"]
    assert spans(scanner, TOKEN, name="db/release.py") == []


def test_placeholders_of_a_row_and_too_little_entropy_are_left() -> None:
    assert spans(made(_ROW + 'stop = ["123456"]\nentropy = 2.0\n'), f"{TOKEN} zed-111112 zed-918273") == ["918273"]


def test_a_long_text_is_read_in_chunks_that_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "CHUNK", 100)
    monkeypatch.setattr(scanning, "OVERLAP", 40)
    scanner = made()
    for before in range(60, 140):
        text = "é" * before + " " + TOKEN + " " + "ü" * 300
        assert spans(scanner, text) == ["123456"], before
    many = f" {TOKEN} " * 200
    assert spans(scanner, many) == ["123456"] * 200


def test_threads_scan_at_once() -> None:
    scanner = made()
    found: list[list[str]] = []
    text = f"{'x ' * 20000}{TOKEN} {'y ' * 20000}"

    def work() -> None:
        found.extend(spans(scanner, text) for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == [["123456"]] * 80


def test_a_list_of_findings_ends_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "MOST", 50)
    monkeypatch.setattr(scanning, "CHUNK", 1000)
    assert 50 < len(made().scan(f" {TOKEN} " * 5000)) < 300


def finding(start: int, end: int, *, binding: bool = True, confidence: float = 0.5, kind: str = "a") -> Finding:
    return Finding(kind, start, end, confidence, binding, "Why.")


def test_of_findings_that_overlap_the_best_stands_over_all_of_the_place() -> None:
    low, high = finding(0, 10), finding(5, 20, confidence=0.9, kind="b")
    assert merged([high, low]) == (replace(high, start=0),)
    hint = finding(8, 30, binding=False, confidence=1.0, kind="c")
    assert merged([low, hint]) == (replace(low, end=30),)
    assert merged([finding(0, 5), finding(5, 9)]) == (finding(0, 5), finding(5, 9))


def test_a_secret_comes_before_an_address_at_the_same_place_and_neither_is_lost() -> None:
    address = finding(0, 10, confidence=0.99, kind="pii-email")
    secret, other = finding(0, 10, kind="password-assign"), finding(0, 10, kind="phone", confidence=0.2)
    (found,) = merged([address, secret, other, replace(secret, start=8, end=12)])
    assert (found.kind, found.start, found.end) == ("password-assign", 0, 12)
    assert [(each.kind, each.end) for each in found.also] == [("pii-email", 12), ("phone", 12)]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("[[rule]\n", "own.toml cannot be read"),
        (_ROW.replace("kind =", "kin ="), "unknown key “kin”"),
        (_ROW.replace('kind = "zed"\n', ""), "has no “kind”"),
        (_ROW + 'binding = "yes"\n', "a “binding” of the wrong kind"),
        (_ROW + _ROW, "Two privacy rules have the name “zed”"),
        (_ROW.replace("zed-(?P", "(?&none)(?P"), "a fragment “none” that does not exist"),
        (_ROW + 'check = "none"\n', "a check “none” that does not exist"),
        (_ROW.replace("[0-9]", "[äö]"), "a letter beyond ASCII in a set"),
        ("", "There are no privacy rules"),
    ],
)
def test_a_broken_rule_file_says_what_is_wrong(rows: str, says: str) -> None:
    with pytest.raises(RulesBroken, match=says) as broken:
        Scanner(read_rules({"own.toml": rows}))
    assert broken.value.hint


def test_the_one_row_that_the_fast_engine_refuses_is_named() -> None:
    rows = "".join(_ROW.replace('"zed"', f'"zed-{number}"', 1) for number in range(9))
    bad = _ROW.replace('"zed"', '"sour"', 1).replace("zed-(?P<value>[0-9]{6})", "(?P<value>z)(?=d)")
    scanner = Scanner(read_rules({"own.toml": rows + bad + rows.replace("zed-", "zod-")}))
    with pytest.raises(RulesBroken, match="“sour”"):
        scanner.compile()
    assert not scanner.ready


def test_a_pattern_that_only_python_refuses_is_named_when_it_is_needed() -> None:
    scanner = made(_ROW + "cue = 'zed'\n" + "demote_in = '('\n")
    with pytest.raises(RulesBroken, match="“zed”"):
        scanner.scan(TOKEN)
