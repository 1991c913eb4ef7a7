"""Was this text drawn by a machine? By how its letters change, not by their entropy alone: names have entropy too."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from math import log2

SEQUENCE = re.compile(r"(?i)0123456|1234567|abcdef[g0]|bcdefghij|fedcba|7654321|a1b2c3|qwertyuiop|deadbeef")
HEX = re.compile(r"^(?:[0-9a-f]+|[0-9A-F]+)$")
UUID = re.compile(r"^[0-9a-zA-Z]{8}-[0-9a-zA-Z]{4}-[0-9a-zA-Z]{4}-[0-9a-zA-Z]{4}-[0-9a-zA-Z]{12}$")
_RUN = re.compile(r"[A-Za-z]{5,}")
_HARD = re.compile(r"[bcdfghjklmnpqrstvwxz]{5}", re.I)


def entropy(value: str) -> float:
    """Bits per character, of the value's own letters."""
    return -sum(n / len(value) * log2(n / len(value)) for n in Counter(value).values())


def changes(value: str) -> float:
    """How often a letter's class differs from the one before: about .65 in random text, below .3 in names of code."""
    kinds = [0 if each.islower() else 1 if each.isupper() else 2 if each.isdigit() else 3 for each in value]
    return sum(a != b for a, b in pairwise(kinds)) / max(1, len(kinds) - 1)


def is_random(value: str) -> bool:
    """Whether it looks drawn: by a key's maker, not by a person who names things."""
    if len(value) < 16 or SEQUENCE.search(value):
        return False
    if HEX.match(value):
        return len(value) >= 24 and entropy(value) > 2.8
    if UUID.match(value):
        return any(each.isdigit() for each in value) and entropy(value) > 2.8
    upper, lower = any(each.isupper() for each in value), any(each.islower() for each in value)
    if not any(each.isdigit() for each in value):
        return upper and lower and len(value) >= 20 and changes(value) >= 0.35 and entropy(value) > 3.5
    if upper and lower:
        return changes(value) >= 0.35 and entropy(value) > 3.2
    return changes(value) >= 0.2 and entropy(value) > 3.0 and _few_words(value)


def _few_words(value: str) -> bool:
    """Random letters and digits of one case hold no long run of letters with the vowels of a language."""
    return sum(len(each) for each in _RUN.findall(value) if _spoken(each)) < len(value) / 2


def _spoken(word: str) -> bool:
    vowels = sum(each in "aeiouyAEIOUY" for each in word)
    return 0.2 <= vowels / len(word) <= 0.65 and not _HARD.search(word)
