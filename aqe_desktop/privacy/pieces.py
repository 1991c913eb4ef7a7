"""Text that was written in another form, and where each of its bytes stood, so that a finding has its place."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

GAP = b"\n\n"
"""Between two pieces, so that nothing is found across them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """`data` was read from the source's bytes `start` to `end`.

    `marks`: pairs (offset in data, offset in source) from which on both run alike; without any, the whole is one."""

    start: int
    end: int
    data: bytes
    marks: tuple[tuple[int, int], ...] = ()

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The source's span for a span of `data`."""
        if not self.marks:
            return self.start, self.end
        return self._at(start), self._until(end)

    def _at(self, offset: int) -> int:
        here, there = self.marks[max(0, bisect_right(self.marks, (offset, 1 << 62)) - 1)]
        return min(self.end - 1, there + offset - here)

    def _until(self, offset: int) -> int:
        """The end of what was read before `offset`: of a whole escape, and without a seam that follows."""
        place = bisect_left(self.marks, (offset, 0))
        if place < len(self.marks) and self.marks[place][0] == offset:
            return self.marks[place][1]
        here, there = self.marks[place - 1]
        return min(self.end, there + offset - here)


@dataclass(frozen=True, slots=True)
class Joined:
    """All pieces in one buffer, so that the fast engine is started once."""

    data: bytes
    starts: tuple[int, ...]
    pieces: tuple[Piece, ...]

    def source(self, start: int, end: int) -> tuple[int, int] | None:
        """The span in the source; None where it lies in no single piece."""
        index = bisect_right(self.starts, start) - 1
        piece, first = self.pieces[index], self.starts[index]
        if end > first + len(piece.data):
            return None
        return piece.source(start - first, end - first)


def join(pieces: Sequence[Piece]) -> Joined:
    starts, at = [], 0
    for piece in pieces:
        starts.append(at)
        at += len(piece.data) + len(GAP)
    return Joined(GAP.join(piece.data for piece in pieces), tuple(starts), tuple(pieces))
