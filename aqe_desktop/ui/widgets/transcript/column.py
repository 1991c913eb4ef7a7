"""The messages one below the other: estimated heights, measured where the eye is, and an anchor that never moves."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

from aqe_desktop.ui.widgets.transcript.item import Item
from aqe_desktop.ui.widgets.transcript.model import MessageId
from aqe_desktop.ui.widgets.transcript.unit import Unit

_KEPT = 240  # documents kept laid out
_ROUNDS = 50  # measuring ends by itself long before; the limit is for a layout that would never agree
EDGE = 16  # pixels above the first and below the last message


@dataclass(slots=True)
class Anchor:
    """What stands at the upper edge of the view: a place inside a unit, which no change elsewhere may move."""

    item: Item
    unit: int
    delta: float


class Column:
    """Items in order, their tops, and the documents that are kept."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self._unread: list[Item] = []
        self._by_id: dict[MessageId, Item] = {}
        self._places: dict[int, int] = {}
        self._heights: list[float] = []
        self._tops: list[float] | None = None
        self._anchor: Anchor | None = None
        self._kept: OrderedDict[int, Unit] = OrderedDict()
        self._width = 0.0
        self.jumped = False  # the last settling moved by other than what was asked for

    def reset(self, items: list[Item]) -> None:
        self.items = items
        self._unread = list(items)
        self._by_id = {item.message.id: item for item in items}
        self._kept.clear()
        self._anchor = None
        self._reindex()

    def add(self, item: Item) -> None:
        self._places[id(item)] = len(self.items)
        self.items.append(item)
        self._by_id[item.message.id] = item
        item.set_width(self._width)
        self._heights.append(item.height)
        self._tops = None

    def cut(self, index: int) -> None:
        """Remove the items from `index` on."""
        for item in self.items[index:]:
            self._by_id.pop(item.message.id, None)
        del self.items[index:]
        if self._anchor and self._anchor.item not in self.items:
            self._anchor = None
        self._reindex()

    def _reindex(self) -> None:
        self._places = {id(item): number for number, item in enumerate(self.items)}
        self._resize()

    def _resize(self) -> None:
        for item in self.items:
            item.set_width(self._width)
        self._heights = [item.height for item in self.items]
        self._tops = None

    def get(self, message: MessageId) -> Item | None:
        return self._by_id.get(message)

    def index(self, item: Item) -> int:
        return self._places[id(item)]

    def set_width(self, width: float) -> None:
        """A new column width; heights stay as estimates until they are seen."""
        if width != self._width:
            self._width = width
            self._resize()

    @property
    def width(self) -> float:
        return self._width

    def restyle(self) -> None:
        self._kept.clear()
        for item in self.items:
            item.restyle()
        self._resize()

    def touch(self, item: Item) -> None:
        """This item's height has changed."""
        self._heights[self.index(item)] = item.height
        self._tops = None

    @property
    def tops(self) -> list[float]:
        if self._tops is None:
            self._tops = list(accumulate(self._heights, initial=float(EDGE)))
        return self._tops

    @property
    def total(self) -> float:
        return self.tops[-1] + EDGE

    def item_at(self, y: float) -> int:
        """The message at a height; the nearest where there is none, -1 without any."""
        return max(0, min(len(self.items), bisect_right(self.tops, y)) - 1) if self.items else -1

    def read_some(self, seconds: float) -> bool:
        """Cut some messages that nobody has seen yet, the last first; False when all are."""
        until = time.perf_counter() + seconds
        while self._unread and time.perf_counter() < until:
            item = self._unread.pop()
            if not item.known and id(item) in self._places:
                item.split()
                self.touch(item)
        return bool(self._unread)

    def settle(self, wanted: float, height: float) -> float:
        """Measure what a view of this height shows from `wanted` on; the top that keeps what is read in its place."""
        anchor, self.jumped = self._anchor, False
        if anchor is None or abs(wanted - self._y(anchor)) > 2 * height:
            anchor, self.jumped = self._locate(wanted), True
        if anchor is None:
            return 0.0
        step = wanted - self._y(anchor)
        top = wanted
        for _ in range(_ROUNDS):
            top = max(0.0, min(self._y(anchor) + step, self.total - height))
            if not self._measure(top, top + height):
                break
        self.jumped = self.jumped or abs(top - self._y(anchor) - step) > 1
        return self._rest(top)

    def settle_end(self, height: float) -> float:
        """Measure upwards from the end; the top that shows the end."""
        top, self.jumped = 0.0, False
        for _ in range(_ROUNDS):
            top = max(0.0, self.total - height)
            if not self._measure(top, top + height):
                break
        return self._rest(top)

    def hold(self, height: float) -> float:
        """Something has changed: measure again, and say where the view must be for nothing to have moved."""
        return self.settle(self._y(self._anchor), height) if self._anchor else self.settle(0.0, height)

    def shift(self, item: Item, at: int, by: int) -> None:
        """Units came or went above unit `at` of a message."""
        anchor = self._anchor
        if anchor is not None and anchor.item is item and anchor.unit >= at:
            anchor.unit += by

    def stay(self, item: Item, top: float) -> None:
        """The upper edge of the view is `top`: whatever changes in this message, its head must not move."""
        self._anchor = Anchor(item, -1, top - self.tops[self.index(item)])

    def landmark(self) -> Callable[[], float] | None:
        """Tells where what now stands at the upper edge is, whenever asked again."""
        anchor = self._anchor
        return (lambda: self._y(anchor)) if anchor is not None else None

    def _rest(self, top: float) -> float:
        self._anchor = self._locate(top)
        self._evict()
        return top

    def _y(self, anchor: Anchor) -> float:
        tops = anchor.item.tops
        unit = min(anchor.unit, len(tops) - 1)
        return self.tops[self.index(anchor.item)] + (tops[unit] if anchor.unit >= 0 else 0.0) + anchor.delta

    def _locate(self, y: float) -> Anchor | None:
        index = self.item_at(y)
        if index < 0:
            return None
        item = self.items[index]
        if not item.known:
            item.split()
            self.touch(item)
        inside = y - self.tops[index]
        if not item.units or inside < item.tops[0]:
            return Anchor(item, -1, inside)
        unit = item.unit_at(inside)
        return Anchor(item, unit, inside - item.tops[unit])

    def _measure(self, top: float, bottom: float) -> bool:
        moved = False
        index = self.item_at(top)
        while 0 <= index < len(self.items) and self.tops[index] < bottom:
            item = self.items[index]
            if not item.known:
                item.split()
                self.touch(item)
                moved = True
            start = self.tops[index]
            changed, shown = item.measure(top - start, bottom - start)
            if changed:
                self.touch(item)
                moved = True
            self._keep(shown)
            index += 1
        return moved

    def _keep(self, shown: list[Unit]) -> None:
        for unit in shown:
            self._kept[id(unit)] = unit
            self._kept.move_to_end(id(unit))

    def _evict(self) -> None:
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)[1].drop()
