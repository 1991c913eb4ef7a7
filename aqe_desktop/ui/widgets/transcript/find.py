"""Find in the conversation: in the text as it is read, in what was never laid out and in folded reasoning as well."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aqe_desktop.ui.widgets.clean import utf16_length
from aqe_desktop.ui.widgets.transcript.column import Column
from aqe_desktop.ui.widgets.transcript.item import Item
from aqe_desktop.ui.widgets.transcript.paint_unit import Marks
from aqe_desktop.ui.widgets.transcript.selection import Place
from aqe_desktop.ui.widgets.transcript.unit import Unit

_MOST = 10_000  # places that are marked; nobody steps through more


@dataclass(frozen=True, slots=True)
class Found:
    """One place: message, unit of its reasoning or of its answer, and the stretch as Qt counts."""

    item: Item
    thought: bool
    unit: int
    start: int
    end: int

    @property
    def shown(self) -> bool:
        return self.item.unfolded or not self.thought

    @property
    def number(self) -> int:
        """Of the unit in its message, as that is shown now."""
        return self.unit if self.thought else self.unit + self.item.lead


class Finder:
    """Holds what is searched for and where it was found. `stale` is set when the text has changed since."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._text = ""
        self._match_case = False
        self._found: list[Found] = []
        self._by_item: dict[int, list[Found]] = {}
        self._current = -1
        self.stale = False

    def clear(self) -> None:
        """Nothing is searched for any more."""
        self._forget()
        for item in self._column.items:
            item.forget_folded()

    def _forget(self) -> None:
        self._text, self._found, self._by_item, self._current = "", [], {}, -1

    def find(self, text: str, *, match_case: bool, near: float) -> int:
        """How often `text` is there; the current place is the first at or below `near`."""
        self._forget()
        if not text:
            return 0
        self._text, self._match_case = text, match_case
        self._search()
        index = self._column.item_at(near)
        places = [self._column.index(found.item) for found in self._found]
        self._current = bisect_left(places, index) % len(places) if places else -1
        return len(self._found)

    def step(self, by: int) -> int:
        """The number, from 1, of the next or previous place, round and round."""
        if self.stale and self._text:
            self._search()
        if not self._found:
            return 0
        self._current = (self._current + by) % len(self._found)
        return self._current + 1

    def place(self) -> Place | None:
        """Where the current place is; in reasoning that must be unfolded first where `folded` says so."""
        found = self._now
        return Place(found.item, found.number, found.start) if found else None

    @property
    def folded(self) -> Item | None:
        """The message whose reasoning hides the current place."""
        found = self._now
        return found.item if found and not found.shown else None

    @property
    def _now(self) -> Found | None:
        return self._found[self._current] if 0 <= self._current < len(self._found) else None

    @property
    def count(self) -> int:
        return len(self._found)

    @property
    def number(self) -> int:
        """Which of them is current, from 1; 0 without any."""
        return self._current + 1

    def mark(self, item: Item, marks: dict[int, Marks]) -> None:
        """Add the finds of a message to what is painted."""
        for found in self._by_item.get(id(item), ()):
            if not found.shown:
                continue
            mark = marks.setdefault(found.number, Marks())
            mark.finds.append((found.start, found.end))
            if found is self._now:
                mark.current = (found.start, found.end)

    def _search(self) -> None:
        self.stale = False
        self._found, self._by_item = [], {}
        for item in self._column.items:
            if not item.known:
                item.split()
                self._column.touch(item)
            here = self._in_item(item)
            if here:
                self._by_item[id(item)] = here
                self._found.extend(here)
            if len(self._found) >= _MOST:
                break

    def _in_item(self, item: Item) -> list[Found]:
        found = [Found(item, True, *span) for span in self._spans(item.thoughts)] if item.has_reasoning else []
        return found + [Found(item, False, *span) for span in self._spans(item.units[item.lead :])]

    def _spans(self, units: Sequence[Unit]) -> Iterator[tuple[int, int, int]]:
        """Unit, start and end of each place."""
        needle = self._text if self._match_case else self._text.lower()
        for number, unit in enumerate(units):
            flat = unit.flat
            hay = flat if self._match_case else _lowered(flat)
            start = hay.find(needle)
            while start >= 0:
                begin = utf16_length(flat[:start])
                yield number, begin, begin + utf16_length(flat[start : start + len(needle)])
                start = hay.find(needle, start + len(needle))


def _lowered(text: str) -> str:
    """Lower case of the same length, for the few letters whose lower case is longer."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
