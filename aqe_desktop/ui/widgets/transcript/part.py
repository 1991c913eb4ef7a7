"""One markdown source as units: cut as it comes, finished units kept, only the open ones rendered again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from aqe_desktop.ui.widgets.transcript.blocks import Splitter
from aqe_desktop.ui.widgets.transcript.markdown import pieces
from aqe_desktop.ui.widgets.transcript.pieces import CodePiece, Look, Para, Piece, Run, TablePiece, TextPiece
from aqe_desktop.ui.widgets.transcript.unit import Unit, gap_above

Dress = Callable[[Piece], Piece]


class Part:
    """`fed` counts the characters taken, `fixed` the units that more text cannot change.

    `dress` changes how every piece looks; `inner` lets links to pages of our own guide be links."""

    def __init__(self, *, plain: bool = False, inner: bool = False, dress: Dress | None = None) -> None:
        self.units: list[Unit] = []
        self.fixed = 0
        self.fed = 0
        self.finished = False
        self._inner, self._dress = inner, dress
        self._splitter = Splitter(plain=plain)
        self._closed = 0  # segments already turned into units

    def feed(self, text: str, width: float, *, last: bool) -> int:
        """Take more text, to be laid out at this width; the first unit that is another one now."""
        self._splitter.feed(text)
        self.fed += len(text)
        if last:
            self._splitter.finish()
            self.finished = True
        return self._refresh(width)

    def _refresh(self, width: float) -> int:
        kept = self.units[self.fixed :]
        del self.units[self.fixed :]
        new = self._splitter.closed[self._closed :]
        self._closed = len(self._splitter.closed)
        for segment in new:
            for piece in pieces(segment, inner=self._inner):
                self._place(piece, kept, width)
        before, self.fixed = self.fixed, len(self.units)
        for segment in self._splitter.preview():
            for piece in pieces(segment, inner=self._inner):
                self._place(piece, kept, width)
        return before

    def _place(self, piece: Piece, kept: list[Unit], width: float) -> None:
        piece = self._dress(piece) if self._dress else piece
        unit = kept.pop(0) if kept else None
        if unit is None or not unit.take(piece):
            slid = unit.slid if unit else 0.0  # the table goes on: it stays where the reader scrolled it
            unit = Unit(piece)
            unit.slid = slid if isinstance(piece, TablePiece) else 0.0
            unit.estimate(width)
        unit.gap = gap_above(piece, self.units[-1].piece if self.units else None)
        self.units.append(unit)

    def blocks_of_code(self) -> Iterator[list[Unit]]:
        """The slices of each finished code block."""
        block: list[Unit] = []
        for unit in self.units[: self.fixed]:
            if not isinstance(unit.piece, CodePiece):
                continue
            if unit.piece.first:
                block = []
            block.append(unit)
            if unit.piece.last:
                yield block


def quiet(piece: Piece) -> Piece:
    """A piece of reasoning: fainter than the answer, and a step in from the edge."""
    if isinstance(piece, TextPiece):
        return replace(piece, paras=tuple(_quiet_para(para) for para in piece.paras))
    if isinstance(piece, TablePiece):
        rows = tuple(tuple(_faint(cell) for cell in row) for row in piece.rows)
        return replace(piece, rows=rows, indent=piece.indent + 1)
    return replace(piece, indent=piece.indent + 1)


def _quiet_para(para: Para) -> Para:
    return replace(para, runs=_faint(para.runs), indent=para.indent + 1)


def _faint(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    return tuple(replace(run, look=run.look | Look.FAINT) for run in runs)
