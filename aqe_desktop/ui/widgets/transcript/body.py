"""A message's source and the units it is shown by: cut when needed, finished ones kept while more text comes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace

from aqe_desktop.ui.widgets.transcript.blocks import Splitter
from aqe_desktop.ui.widgets.transcript.markdown import pieces
from aqe_desktop.ui.widgets.transcript.model import Offer, TranscriptMessage
from aqe_desktop.ui.widgets.transcript.pieces import CodePiece, Piece
from aqe_desktop.ui.widgets.transcript.unit import Unit, gap_above

AT_ONCE = 1_000_000  # characters of one message that are shown before the reader asks for more
SHOW_MORE = "show_more"


class Body(ABC):
    """Turns the text into units; whoever lays them out is told by `_moved` from which unit on they are others."""

    def __init__(self, message: TranscriptMessage) -> None:
        self.message = message
        self.units: list[Unit] = []
        self._parts: list[str] = []
        self._splitter: Splitter | None = None
        self._finished = False
        self._closed = 0  # segments already turned into units
        self._fixed = 0  # units that will not change any more
        self._fed = 0  # characters of the source given to the splitter

    @property
    @abstractmethod
    def text_width(self) -> float:
        """Pixels that the text may take."""

    @abstractmethod
    def _moved(self, index: int = 0) -> None:
        """The units from this one on are others, or lie elsewhere."""

    @property
    def source(self) -> str:
        """The whole markdown as it came."""
        if self._parts:
            self.message = replace(self.message, text=self.message.text + "".join(self._parts))
            self._parts.clear()
        return self.message.text

    @property
    def streaming(self) -> bool:
        return self.message.state == "streaming"

    @property
    def known(self) -> bool:
        """Whether the source has been cut."""
        return self._splitter is not None

    @property
    def hidden(self) -> int:
        """Characters of a very long message that are not shown yet."""
        return len(self.source) - self._fed if self._splitter is not None else 0

    @property
    def notice(self) -> str:
        """The line below the text: why the message ended, or how much of it is shown."""
        if self.message.reason or not self.hidden:
            return self.message.reason
        return f"Shown: the first {self._fed / 1e6:.1f} of {len(self.source) / 1e6:.1f} million characters."

    @property
    def offers(self) -> tuple[Offer, ...]:
        """The buttons beside it."""
        more = (Offer(SHOW_MORE, "Show more"),) if self.hidden else ()
        return (*self.message.offers, *more)

    def change(self, message: TranscriptMessage) -> None:
        """Take new values; a text that only differs at its end keeps its finished units."""
        text = self.source
        self.message = message
        self._moved()
        if self._splitter is None:
            return
        if not message.text.startswith(text) or (self._finished and message.text != text):
            self.units, self._splitter, self._finished = [], None, False
            self._closed = self._fixed = self._fed = 0
        elif not self._finished and not self.hidden_before(text):
            self._feed(message.text[len(text) :])

    def hidden_before(self, text: str) -> bool:
        """Whether part of this earlier text is still to be shown."""
        return self._fed < len(text)

    def append(self, text: str) -> None:
        """More of a streaming answer."""
        self._parts.append(text)
        if self._splitter is not None:
            self._feed(text)

    def split(self) -> None:
        """Cut the source into units, if that has not been done."""
        if self._splitter is None:
            self._splitter = Splitter(plain=self.message.own)
            source = self.source
            self._feed(source if self.streaming else source[:AT_ONCE])

    def show_more(self) -> None:
        """Cut the next part of a very long message."""
        self._feed(self.source[self._fed : self._fed + AT_ONCE])

    def _feed(self, text: str) -> None:
        assert self._splitter is not None
        self._splitter.feed(text)
        self._fed += len(text)
        if not self.streaming and not self.hidden:
            self._splitter.finish()
            self._finished = True
        self._refresh()

    @property
    def fixed(self) -> int:
        """How many units more text cannot change."""
        return self._fixed

    def _refresh(self) -> None:
        """Bring the units up to date with the splitter: finished ones stay, the open ones are rendered again."""
        assert self._splitter is not None
        kept = self.units[self._fixed :]
        del self.units[self._fixed :]
        new = self._splitter.closed[self._closed :]
        self._closed = len(self._splitter.closed)
        for segment in new:
            for piece in pieces(segment):
                self._place(piece, kept)
        fixed, self._fixed = self._fixed, len(self.units)
        for segment in self._splitter.preview():
            for piece in pieces(segment):
                self._place(piece, kept)
        self._moved(fixed)

    def _place(self, piece: Piece, kept: list[Unit]) -> None:
        unit = kept.pop(0) if kept else None
        if unit is None or not unit.take(piece):
            unit = Unit(piece)
            unit.estimate(self.text_width)
        unit.gap = gap_above(piece, self.units[-1].piece if self.units else None)
        self.units.append(unit)

    @property
    def flat(self) -> str:
        """The message as it is read: the units' texts, one below the other."""
        return "\n".join(unit.flat for unit in self.units)

    def blocks_of_code(self) -> Iterator[list[Unit]]:
        """The slices of each finished code block."""
        block: list[Unit] = []
        for unit in self.units[: self._fixed]:
            if not isinstance(unit.piece, CodePiece):
                continue
            if unit.piece.first:
                block = []
            block.append(unit)
            if unit.piece.last:
                yield block
