"""One expression in two engines: hyperscan finds where it could be, Python's `re` says what it is, both over bytes."""

from __future__ import annotations

import re
from functools import cache

from aqe_desktop.core.errors import RulesBroken
from aqe_desktop.privacy.rule import Rule

_GROUP_NAME = re.compile(r"\(\?P<\w+>")
_OPEN_END = re.compile(r"(?:\{(\d+),\d*\}|\+|\*)((?:\)|\\b)*)$")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")


def cue_of(rule: Rule) -> bytes:
    """What hyperscan is given for this rule. It reports every end: the open end of a pattern is closed, for speed."""
    if rule.cue or rule.after:
        return _bytes_of(rule.cue or rule.after, rule.id)
    return _bytes_of(_OPEN_END.sub(_least, _GROUP_NAME.sub("(?:", rule.pattern)), rule.id)


@cache
def compiled(pattern: str, name: str) -> re.Pattern[bytes]:
    """Compiled when it is first needed. Raises RulesBroken, which names the rule."""
    try:
        return re.compile(_bytes_of(pattern, name), re.MULTILINE)
    except (re.error, RecursionError) as error:
        raise RulesBroken(f"The privacy rule “{name}” has a pattern that cannot be read: {error}.") from error


def _least(found: re.Match[str]) -> str:
    text = found[0]
    least = found[1] if text.startswith("{") else "1" if text.startswith("+") else "0"
    return f"{{{least}}}{found[2]}" if least != "0" else f"?{found[2]}"


def _bytes_of(pattern: str, name: str) -> bytes:
    """Letters beyond ASCII become their UTF-8 bytes; where the pattern ignores case, in both cases."""
    if pattern.isascii():
        return pattern.encode()
    if any(not each.isascii() for each in _CLASS.findall(pattern)):
        raise RulesBroken(f"The privacy rule “{name}” has a letter beyond ASCII in a set; write (?:ä|ö).")
    either = "(?i" in pattern
    return "".join(_letter(each, either) for each in pattern).encode()


def _letter(letter: str, either: bool) -> str:
    if letter.isascii():
        return letter
    forms = {letter, letter.lower(), letter.upper()} if either else {letter}
    return f"(?:{'|'.join(sorted(forms))})"
