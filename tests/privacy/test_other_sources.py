"""300 texts by somebody who has never seen a rule, in other shapes and languages: what the scanner finds may only grow.

other_sources.txt: JSON lines, zlib, base64, so that no scanner of a code host takes the drawn values for keys. The
thresholds stand just below what was measured. No rule was made by reading a text of it, but its scores were watched
while rules were made: it is a regression test, and no measure of how the rules do on texts that are new to them."""

from __future__ import annotations

import base64
import json
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from aqe_desktop.privacy.scanner import Scanner

_PERSONAL = {"credit-card", "iban", "phone", "pii-email", "pii-name", "ssn"}
_HOSTS = {"internal-host", "private-ip"}
_LEAST = {"secrets": 0.95, "personal": 0.87, "infrastructure": 0.99, "markers": 0.85}
_MOST_FALSE = 0.04


@pytest.fixture(scope="module")
def items() -> list[dict[str, Any]]:
    packed = Path(__file__).with_name("other_sources.txt").read_text()
    lines = zlib.decompress(base64.b64decode(packed)).decode().splitlines()
    return [{**item, "text": base64.b64decode(item["text_b64"]).decode()} for item in map(json.loads, lines)]


def _family(kind: str) -> str:
    if kind in _PERSONAL:
        return "personal"
    if kind in _HOSTS:
        return "infrastructure"
    return "markers" if kind == "confidential-header" else "secrets"


def _found(scanner: Scanner, item: dict[str, Any]) -> bool:
    findings = scanner.scan(item["text"])
    overlaps = any(each.start < end and start < each.end for each in findings for start, end in item["spans"])
    return overlaps and any(each.binding for each in findings)


def test_what_is_private_is_found_in_its_place(scanner: Scanner, items: list[dict[str, Any]]) -> None:
    private = [item for item in items if item["label"] == "sensitive"]
    all_of, found = Counter(_family(item["kind"]) for item in private), Counter[str]()
    found.update(_family(item["kind"]) for item in private if _found(scanner, item))
    shares = {family: found[family] / count for family, count in all_of.items()}
    assert {family: share for family, share in shares.items() if share < _LEAST[family]} == {}


def test_what_is_clean_is_left(scanner: Scanner, items: list[dict[str, Any]]) -> None:
    clean = [item for item in items if item["label"] == "clean"]
    wrong = [item["id"] for item in clean if any(each.binding for each in scanner.scan(item["text"]))]
    assert len(wrong) <= _MOST_FALSE * len(clean), wrong
