"""Text selection across messages: two places, of which the head moves; it holds whether or not a page is laid out."""

from __future__ import annotations

from dataclasses import dataclass

from aqe_desktop.ui.widgets.clean import utf16_slice
from aqe_desktop.ui.widgets.transcript.column import Column
from aqe_desktop.ui.widgets.transcript.item import Item
from aqe_desktop.ui.widgets.transcript.pieces import CodePiece


@dataclass(slots=True, eq=False)
class Place:
    """A position in the text: message, unit, and offset as Qt counts."""

    item: Item
    unit: int = 0
    position: int = 0

    def key(self, column: Column) -> tuple[int, int, int]:
        return column.index(self.item), self.unit, self.position

    def clamped(self) -> Place:
        """The nearest place that exists; an answer may have been rendered anew."""
        units = self.item.units
        if not units:
            return Place(self.item)
        unit = min(self.unit, len(units) - 1)
        position = units[unit].length if self.unit > unit else min(self.position, units[unit].length)
        return Place(self.item, unit, position)


class Selection:
    """What is selected, and where the caret is (`head`)."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self.anchor: Place | None = None
        self.head: Place | None = None

    def clear(self) -> None:
        self.anchor = self.head = None

    def forget(self) -> None:
        """Drop places in messages that are gone."""
        alive = {id(item) for item in self._column.items}
        if any(place and id(place.item) not in alive for place in (self.anchor, self.head)):
            self.clear()

    def shift(self, item: Item, at: int, by: int) -> None:
        """Units came or went above unit `at` of a message; what was selected among those that went is dropped."""
        places = [place for place in (self.anchor, self.head) if place is not None and place.item is item]
        if by < 0 and any(place.unit < at for place in places):
            self.clear()
            return
        for place in {id(place): place for place in places}.values():
            place.unit += by if place.unit >= at else 0

    def set(self, anchor: Place, head: Place) -> None:
        self.anchor, self.head = anchor, head

    def all(self) -> None:
        """Everything, from the first message to the last."""
        items = self._column.items
        if not items:
            return
        for item in items:
            item.split()
            self._column.touch(item)
        last = items[-1]
        self.anchor = Place(items[0])
        self.head = Place(last, max(0, len(last.units) - 1), last.units[-1].length if last.units else 0)

    @property
    def ends(self) -> tuple[Place, Place] | None:
        """The two ends in reading order, or None if nothing is selected."""
        if self.anchor is None or self.head is None:
            return None
        first, last = self.anchor.clamped(), self.head.clamped()
        if first.key(self._column) > last.key(self._column):
            first, last = last, first
        return (first, last) if first.key(self._column) < last.key(self._column) else None

    def spans(self, item: Item) -> dict[int, tuple[int, int]]:
        """The selected stretch of each unit of a message."""
        ends = self.ends
        if ends is None:
            return {}
        index = self._column.index(item)
        first, last = (end.key(self._column) for end in ends)
        if not first[0] <= index <= last[0] or not item.units:
            return {}
        start = first[1] if index == first[0] else 0
        stop = last[1] if index == last[0] else len(item.units) - 1
        found = {}
        for unit in range(start, stop + 1):
            low = first[2] if (index, unit) == first[:2] else 0
            high = last[2] if (index, unit) == last[:2] else item.units[unit].length
            found[unit] = (low, high)
        return found

    def items(self) -> list[Item]:
        """The messages it touches, in order."""
        ends = self.ends
        if ends is None:
            return []
        return self._column.items[self._column.index(ends[0].item) : self._column.index(ends[1].item) + 1]

    def text(self) -> str:
        """The selected text as plain text: one line end between units of one block, an empty line between blocks."""
        parts: list[str] = []
        for item in self.items():
            before = None
            for number, (low, high) in self.spans(item).items():
                unit = item.units[number]
                if low == high and unit.length:
                    continue
                follows = isinstance(unit.piece, CodePiece) and not unit.piece.first
                if parts:
                    glued = before is not None and (follows or getattr(unit.piece, "glued", False))
                    parts.append(_joint(unit.flat) if glued else "\n\n")
                parts.append(unit.copied(utf16_slice(unit.flat, low, high)))
                before = unit
        return "".join(parts)

    def markdown(self) -> str:
        """The source of every message the selection touches."""
        return "\n\n".join(item.source for item in self.items())


def _joint(flat: str) -> str:
    """Between glued units: nothing where an overlong line was cut, else a line end."""
    return "" if flat.startswith("\u2028") else "\n"


def whole_block(item: Item, number: int) -> str:
    """The code of the block that unit `number` begins, exactly as it came."""
    parts: list[str] = []
    for unit in item.units[number:]:
        piece = unit.piece
        if not isinstance(piece, CodePiece) or (parts and piece.first):
            break
        parts.append((_joint(piece.text) if parts else "") + unit.copied(piece.text))
        if piece.last:
            break
    return "".join(parts)


def moved(place: Place, column: Column, step: int) -> Place:
    """One character on or back, through units and messages."""
    place = place.clamped()
    position = place.position + step
    if place.item.units and 0 <= position <= place.item.units[place.unit].length:
        return Place(place.item, place.unit, position)
    return _next_unit(place, column, step)


def _next_unit(place: Place, column: Column, step: int) -> Place:
    unit = place.unit + step
    item = place.item
    if not 0 <= unit < len(item.units):
        index = column.index(item) + step
        if not 0 <= index < len(column.items):
            return place
        item = column.items[index]
        item.split()
        column.touch(item)
        unit = 0 if step > 0 else max(0, len(item.units) - 1)
    length = item.units[unit].length if item.units else 0
    return Place(item, unit, 0 if step > 0 else length)
