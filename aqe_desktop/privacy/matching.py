"""From “a cue ends here” to a finding: the exact span, and every doubt that the rule's row names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from aqe_desktop.core.errors import RulesBroken
from aqe_desktop.privacy.patterns import compiled
from aqe_desktop.privacy.randomness import entropy
from aqe_desktop.privacy.rule import Rule
from aqe_desktop.privacy.tables import PARTS

_TRIES = 8
_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_LINE = 300


@dataclass(frozen=True, slots=True)
class Match:
    """A span of bytes that a rule found private."""

    start: int
    end: int
    rule: Rule
    binding: bool


@dataclass(slots=True)
class Matcher:
    """A rule at work. `checks` are the functions that its row names."""

    rule: Rule
    checks: tuple[Callable[[str], bool], ...]
    near: tuple[bytes, ...] = field(init=False)
    far: tuple[str, ...] = field(init=False)
    stop: frozenset[str] = field(init=False)
    pattern: re.Pattern[bytes] | None = None

    def __post_init__(self) -> None:
        words = [each.lower() for each in self.rule.near]
        self.near = tuple(each.encode() for each in words if each.isascii())
        self.far = tuple(each for each in words if not each.isascii())
        self.stop = frozenset(each.lower() for each in self.rule.stop)

    def match(self, data: bytes, cue_end: int, floor: int, name: str) -> tuple[Match | None, int]:
        """The finding at a cue that ends at `cue_end`, and up to where the data is settled for this rule."""
        rule = self.rule
        pattern = self.pattern or self._made()
        last = min(len(data), cue_end + rule.ahead)
        if rule.after:
            found = pattern.match(data, cue_end, last)
            return (self._judged(data, found, name), found.end()) if found else (None, floor)
        at = max(floor, cue_end - rule.back, 0)
        for _ in range(_TRIES):
            found = pattern.search(data, at, last)
            if found is None or found.start() >= cue_end:
                return None, cue_end  # nothing begins before here: no later cue need look there again
            if found.end() >= cue_end and self._stands_alone(data, found, last):
                return self._judged(data, found, name), found.end()
            at = found.start() + 1 if found.end() >= cue_end else max(found.end(), found.start() + 1)
        return None, min(at, cue_end)  # what begins before was tried: a later cue need not try it again

    def _made(self) -> re.Pattern[bytes]:
        self.pattern = compiled(self.rule.pattern, self.rule.id)
        return self.pattern

    def context(self, data: bytes, cue_end: int, floor: int) -> int:
        """A hash of all that `match` looks at: where it is the same again, so is the answer."""
        rule = self.rule
        begin = cue_end if rule.after else max(floor, cue_end - rule.back, 0)
        margin = max(rule.reach, _LINE) + 8
        around = data[max(0, begin - margin) : cue_end + rule.ahead + margin]
        return hash((cue_end - begin, min(begin, margin), around))

    def findings(self, data: bytes, match: Match) -> Iterator[Match]:
        """The match itself, or the parts of it that the rule's row asks for."""
        if not self.rule.parts:
            yield match
            return
        text = data[match.start : match.end].decode("utf-8", "replace")
        for start, end in PARTS[self.rule.parts](text):
            first = match.start + len(text[:start].encode())
            yield Match(first, first + len(text[start:end].encode()), match.rule, match.binding)

    def _stands_alone(self, data: bytes, found: re.Match[bytes], last: int) -> bool:
        start, end = found.span()
        if not self.rule.edges or start == end:
            return True
        before = start > 0 and data[start] in _WORD and data[start - 1] in _WORD and not _escaped(data, start)
        return not before and not (end < last and data[end - 1] in _WORD and data[end] in _WORD)

    def _judged(self, data: bytes, found: re.Match[bytes], name: str) -> Match | None:
        rule = self.rule
        start, end = found.span("value") if "value" in found.re.groupindex else found.span()
        if start < 0 or start == end:
            return None
        value = data[start:end].decode("utf-8", "replace")
        if value.lower() in self.stop or (rule.entropy and entropy(value) < rule.entropy):
            return None
        if self.rule.near and not self._is_near(data, found):
            return None
        if not all(check(value) for check in self.checks):
            return None
        if rule.parts and next(PARTS[rule.parts](value), None) is None:
            return None
        return self._placed(data, start, end, name)

    def _is_near(self, data: bytes, found: re.Match[bytes]) -> bool:
        reach = self.rule.reach
        around = data[max(0, found.start() - reach) : found.end() + reach]
        small = around.lower()
        for word in self.near:
            if word in small:
                return True
        return bool(self.far) and self._is_near_far(around.decode("utf-8", "ignore").lower())

    def _is_near_far(self, around: str) -> bool:
        return any(word in around for word in self.far)

    def _placed(self, data: bytes, start: int, end: int, name: str) -> Match | None:
        rule = self.rule
        if rule.drop_in and self._stands_in(rule.drop_in, data, start, end):
            return None
        if rule.drop_name and self._is_named(rule.drop_name, name.rpartition("/")[2]):
            return None
        if rule.drop_before and self._stands_before(rule.drop_before, data, start):
            return None
        binding = rule.binding
        if binding and rule.demote_in:
            binding = not (self._stands_in(rule.demote_in, data, start, end) or self._is_named(rule.demote_in, name))
        return Match(start, end, rule, binding)

    def _stands_before(self, place: str, data: bytes, start: int) -> bool:
        first = data.rfind(b"\n", max(0, start - _LINE), start) + 1 or max(0, start - _LINE)
        return compiled(place + r"\Z", self.rule.id).search(data, first, start) is not None

    def _stands_in(self, place: str, data: bytes, start: int, end: int) -> bool:
        pattern = compiled(place, self.rule.id)
        first = data.rfind(b"\n", max(0, start - _LINE), start) + 1 or max(0, start - _LINE)
        last = data.find(b"\n", end, end + _LINE)
        return pattern.search(data, first, min(len(data), end + _LINE) if last < 0 else last) is not None

    def _is_named(self, place: str, name: str) -> bool:
        return bool(name) and compiled(place, self.rule.id).search(name.encode("utf-8", "replace")) is not None


_ESCAPE = re.compile(rb"(?:%[0-9A-Fa-f]{2}|\\(?:[nrtfv0]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[0-3][0-7]{2}))\Z")


def _escaped(data: bytes, start: int) -> bool:
    """The letter before belongs to a sign that is written as `\\n`, `%20` or `\\u0022`."""
    return _ESCAPE.search(data, max(0, start - 6), start) is not None


def make_matchers(rules: tuple[Rule, ...], checks: Mapping[str, Callable[[str], bool]]) -> tuple[Matcher, ...]:
    """Raises RulesBroken for a check that does not exist."""
    return tuple(Matcher(rule, tuple(_check(rule, name, checks) for name in rule.check)) for rule in rules)


def _check(rule: Rule, name: str, checks: Mapping[str, Callable[[str], bool]]) -> Callable[[str], bool]:
    if name not in checks:
        raise RulesBroken(f"The privacy rule “{rule.id}” names a check “{name}” that does not exist.")
    return checks[name]
