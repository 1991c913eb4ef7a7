"""Spans: from bytes to code points, and one finding where several rules found the same place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from aqe_desktop.core.findings import Finding

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
    """Where findings overlap the best stands for all, over the span of all that decide: nothing found is left bare."""
    result: list[Finding] = []
    for each in sorted(found, key=lambda finding: (finding.start, -finding.end)):
        if result and each.start < result[-1].end:
            result[-1] = _one(result[-1], each)
        else:
            result.append(each)
    return tuple(result)


def _one(first: Finding, second: Finding) -> Finding:
    best, other = (first, second) if _rank(first) >= _rank(second) else (second, first)
    if other.binding or not best.binding or best is first:
        return replace(best, start=min(first.start, second.start), end=max(first.end, second.end))
    return replace(best, start=first.start, end=max(first.end, second.end))


def _rank(finding: Finding) -> tuple[bool, float, int]:
    return finding.binding, finding.confidence, finding.end - finding.start
