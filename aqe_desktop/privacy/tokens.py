"""Doubts about a token whose shape fits: examples of a manual, sequences typed by hand, names that only look alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from aqe_desktop.privacy.placeholders import is_placeholder, is_reference
from aqe_desktop.privacy.randomness import entropy, is_random

_SEQUENCE = re.compile(r"(?i)0123|1234567|abcdef[g0]|1231231|(.)\1{5,}")

_MARKED = re.compile(r"[_-](?:live|test|prod|pat|sk|api|secret|key|token|auth|sandbox|svc|at|rt)[_-]")


def is_no_example(value: str) -> bool:
    return "EXAMPLE" not in value.upper() and entropy(value) > 2.5


def is_no_sequence(value: str) -> bool:
    return not _SEQUENCE.search(value)


def is_not_repeated(value: str) -> bool:
    """Not one character again and again, in every part of the token."""
    parts = [each for each in re.split(r"[-_.]", value)[1:] if len(each) > 3]
    return not parts or any(len(set(each.lower())) > 3 for each in parts)


def has_digits(value: str) -> bool:
    return any(each.isdigit() for each in value)


def is_drawn(value: str) -> bool:
    """Behind a mark that is not known: only what no person writes."""
    core = re.split(r"[_-]", value)[-1]
    if not has_digits(core) or _SEQUENCE.search(core) or is_placeholder(core) or not is_random(core):
        return False
    return (core != core.lower() and core != core.upper()) or _MARKED.search(value) is not None


def is_named_token(value: str) -> bool:
    """Beside the name of a service: what its form says, unless it is a word, a place or a version."""
    if is_placeholder(value) or is_reference(value) or _SEQUENCE.search(value):
        return False
    return has_digits(value) and entropy(value) > 2.7 and any(each.isalpha() for each in value)


def is_key_or_hex(value: str) -> bool:
    """Drawn, be it in hex."""
    return has_digits(value) and is_random(value) and not is_placeholder(value)


def has_many(value: str) -> bool:
    """Of bytes that are written out: many different ones, in no order."""
    numbers = re.findall(r"0x[0-9a-fA-F]+|\\x[0-9a-fA-F]{2}|\d+", value)
    values = [int(each.replace("\\x", "0x"), 0) if "x" in each else int(each) for each in numbers]
    rising = sum(a < b for a, b in pairwise(values))
    return len(set(values)) > len(values) // 2 and max(values) < 256 and rising < len(values) * 0.8


TOKENS: dict[str, Callable[[str], bool]] = {
    "drawn": is_drawn,
    "has-digits": has_digits,
    "key-or-hex": is_key_or_hex,
    "many": has_many,
    "named-token": is_named_token,
    "not-example": is_no_example,
    "not-repeated": is_not_repeated,
    "not-sequence": is_no_sequence,
    "has-digits-or-mixed": lambda value: has_digits(value) or (value != value.lower() and value != value.upper()),
}
"""What a rule's `check` may name, beside those of values.py and checks.py."""
