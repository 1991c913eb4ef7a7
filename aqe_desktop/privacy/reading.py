"""Another reading of a text, and where its parts stand in the text itself: what is found in it needs a place there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from aqe_desktop.core.findings import Finding

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """`text`, and by `place` the span of the original for a span of it, both in code points; None where it has none."""

    text: str
    place: Callable[[int, int], Span | None]

    def placed(self, found: Iterable[Finding]) -> Iterator[Finding]:
        """Findings in `text`, where they stand in the original."""
        for each in found:
            span = self.place(each.start, each.end)
            if span is not None:
                yield replace(each, start=span[0], end=span[1])

    def through(self, inner: Reading) -> Reading:
        """A reading of this reading, as one of the original."""

        def place(start: int, end: int) -> Span | None:
            span = inner.place(start, end)
            return None if span is None else self.place(*span)

        return Reading(inner.text, place)
