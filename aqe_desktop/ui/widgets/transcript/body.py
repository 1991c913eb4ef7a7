"""A message's sources and the units it is shown by: the answer, and above it, where it is unfolded, the reasoning."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace

from aqe_desktop.ui.widgets.transcript.model import Offer, TranscriptMessage
from aqe_desktop.ui.widgets.transcript.part import Part, quiet
from aqe_desktop.ui.widgets.transcript.styles import styles
from aqe_desktop.ui.widgets.transcript.unit import Unit

AT_ONCE = 1_000_000  # characters of one message that are shown before the reader asks for more
SHOW_MORE = "show_more"
LEAD_GAP = 16  # pixels between the reasoning and the answer


class Body(ABC):
    """Turns the texts into units; whoever lays them out is told by `_moved` from which unit on they are others.

    The first `lead` units are the reasoning's while it is unfolded; folded it is cut only to look for something."""

    def __init__(self, message: TranscriptMessage) -> None:
        self.message = message
        self.units: list[Unit] = []
        self._parts: list[str] = []
        self._thoughts: list[str] = []
        self._answer: Part | None = None
        self._reasoning: Part | None = None
        self._open = False

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
    def reasoning(self) -> str:
        """The whole of the reasoning as it came."""
        if self._thoughts:
            self.message = replace(self.message, reasoning=self.message.reasoning + "".join(self._thoughts))
            self._thoughts.clear()
        return self.message.reasoning

    @property
    def has_reasoning(self) -> bool:
        return bool(self._thoughts or self.message.reasoning)

    @property
    def unfolded(self) -> bool:
        """Whether the reasoning is on show."""
        return self._open

    @property
    def lead(self) -> int:
        """How many of the units are reasoning."""
        return len(self._reasoning.units) if self._reasoning and self._open else 0

    @property
    def thoughts(self) -> list[Unit]:
        """The units of the reasoning, on show or not."""
        self._cut_reasoning()
        return self._reasoning.units if self._reasoning else []

    @property
    def streaming(self) -> bool:
        return self.message.state == "streaming"

    @property
    def known(self) -> bool:
        """Whether the source has been cut."""
        return self._answer is not None

    @property
    def hidden(self) -> int:
        """Characters of a very long message that are not shown yet."""
        return len(self.source) - self._answer.fed if self._answer is not None else 0

    @property
    def notice(self) -> str:
        """The line below the text: why the message ended, or how much of it is shown."""
        if self.message.reason or not self.hidden:
            return self.message.reason
        assert self._answer is not None
        return f"Shown: the first {self._answer.fed / 1e6:.1f} of {len(self.source) / 1e6:.1f} million characters."

    @property
    def offers(self) -> tuple[Offer, ...]:
        """The buttons beside it."""
        more = (Offer(SHOW_MORE, "Show more"),) if self.hidden else ()
        return (*self.message.offers, *more)

    def change(self, message: TranscriptMessage) -> None:
        """Take new values; a text that only differs at its end keeps its finished units."""
        text, reasoning = self.source, self.reasoning
        self.message = message
        if self._reasoning is not None and not _goes_on(self._reasoning, reasoning, message.reasoning):
            self._reasoning = Part(dress=quiet) if message.reasoning and self._open else None
            self._open = self._reasoning is not None
        if self._answer is not None:
            self._change_answer(self._answer, text)
        if self._open:
            self._think()
        self._compose(0)

    def _change_answer(self, answer: Part, before: str) -> None:
        text = self.message.text
        if not _goes_on(answer, before, text):
            self._answer = None
        elif not answer.finished and answer.fed >= len(before):
            self._feed(text[len(before) :])

    def append(self, text: str) -> None:
        """More of a streaming answer."""
        self._parts.append(text)
        if self._answer is not None:
            self._feed(text)

    def think(self, text: str) -> None:
        """More of the reasoning before it."""
        self._thoughts.append(text)
        if self._open:
            self._compose(self._think())

    def fold(self) -> None:
        """Show the reasoning, or put it away."""
        self._open = not self._open and self.has_reasoning
        self.forget_folded()
        if self._open:
            self._cut_reasoning()
        self._compose(0)

    def _cut_reasoning(self) -> None:
        if self._reasoning is None and self.has_reasoning:
            self._reasoning = Part(dress=quiet)
        self._think()

    def forget_folded(self) -> None:
        """Reasoning that is not on show need not be kept as units."""
        if not self._open:
            self._reasoning = None

    def split(self) -> None:
        """Cut the source into units, if that has not been done."""
        if self._answer is None:
            self._answer = Part(plain=self.message.own, inner=self.message.inner)
            source = self.source
            self._feed(source if self.streaming else source[:AT_ONCE])

    def show_more(self) -> None:
        """Cut the next part of a very long message."""
        assert self._answer is not None
        self._feed(self.source[self._answer.fed : self._answer.fed + AT_ONCE])

    def _feed(self, text: str) -> None:
        assert self._answer is not None
        last = not self.streaming and self._answer.fed + len(text) >= len(self.source)
        self._compose(self.lead + self._answer.feed(text, self.text_width, last=last))

    def _think(self) -> int:
        """Bring the cut reasoning up to date; the first unit that is another one now."""
        part = self._reasoning
        if part is None or (part.fed == len(self.reasoning) and (self.streaming or part.finished)):
            return len(self.units)
        return part.feed(self.reasoning[part.fed :], self.text_width, last=not self.streaming)

    def _compose(self, moved: int) -> None:
        """The units in reading order, after some of them changed from `moved` on."""
        answer = self._answer.units if self._answer else []
        if answer:
            answer[0].gap = styles().dp(LEAD_GAP) if self.lead else 0
        self.units = [*self._reasoning.units, *answer] if self._reasoning and self._open else answer
        self._moved(moved)

    @property
    def fixed(self) -> int:
        """How many units more text of the answer cannot change."""
        return self.lead + (self._answer.fixed if self._answer else 0)

    @property
    def flat(self) -> str:
        """The message as it is read: the units' texts, one below the other."""
        return "\n".join(unit.flat for unit in self.units)

    def blocks_of_code(self) -> Iterator[list[Unit]]:
        """The slices of each finished code block."""
        for part in (self._reasoning if self._open else None, self._answer):
            if part is not None:
                yield from part.blocks_of_code()


def _goes_on(part: Part, before: str, now: str) -> bool:
    """Whether what is cut already stays right when the text becomes another."""
    return now == before or (now.startswith(before) and not part.finished)
