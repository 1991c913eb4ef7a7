"""Spans: from bytes to code points, and one finding where several rules found the same place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from aqe_desktop.core.findings import Finding

_MILDER = frozenset(
    {"pii-name", "pii-email", "pii-address", "phone", "ssn", "national-id", "iban", "credit-card"}
    | {"internal-host", "private-ip", "confidential-header"}
)
"""Kinds that are no secrets."""
_CONTINUED = bytes(range(0x80, 0xC0))
"""Bytes of UTF-8 that begin no code point."""


def code_points(data: bytes, offsets: Iterable[int]) -> dict[int, int]:
    """The code point at each byte offset of UTF-8 data; each stretch between two offsets is read once."""
    places = sorted(offsets)
    if not places:
        return {}
    if data.isascii():
        return {offset: offset for offset in places}
    points: dict[int, int] = {}
    at = count = 0
    for offset in places:
        count += len(data[at:offset].translate(None, _CONTINUED))
        points[offset] = count
        at = offset
    return points


def merged(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Where findings overlap the best stands for all, over the span of all that decide: nothing found is left bare.

    What binds for another reason at the very same place is kept with it: an encoded text holds many things in one."""
    result: list[Finding] = []
    for each in sorted(found, key=lambda finding: (finding.start, -finding.end)):
        if result and each.start < result[-1].end:
            result[-1] = _one(result[-1], each)
        else:
            result.append(each)
    return tuple(result)


def _one(first: Finding, second: Finding) -> Finding:
    best, other = (first, second) if _rank(first) >= _rank(second) else (second, first)
    also = _also(best, other)
    if other.binding or not best.binding or best is first:
        return _over(best, min(first.start, second.start), max(first.end, second.end), also)
    return _over(best, first.start, max(first.end, second.end), also)


def _also(best: Finding, other: Finding) -> tuple[Finding, ...]:
    """One of each kind but the best one's."""
    kept = {each.kind: each for each in (*best.also, *other.also)}
    if other.binding and (other.start, other.end) == (best.start, best.end):
        kept[other.kind] = replace(other, also=())
    kept.pop(best.kind, None)
    return tuple(kept.values())


def _over(best: Finding, start: int, end: int, also: tuple[Finding, ...]) -> Finding:
    return replace(best, start=start, end=end, also=tuple(replace(each, start=start, end=end) for each in also))


def _rank(finding: Finding) -> tuple[bool, bool, float, int]:
    """A secret comes before a person's data: who takes the shown one away has seen the graver one."""
    return finding.binding, finding.kind not in _MILDER, finding.confidence, finding.end - finding.start
