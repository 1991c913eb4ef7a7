"""What a screen reader gets: the conversation as a list, each message an item with text, caret and selection.

Offsets of a message's text count as Qt counts, over its units' texts joined by line ends. Qt's cache keeps bare
pointers to these interfaces, so one is made per place in the list and lives as long as the transcript.
PySide 6.11 cannot answer `selection` and `attributes` of a text interface (they are not passed on to Python), so a
reader is told of no selection that it could ask about; what is selected is announced instead."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, QRectF
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QAccessibleInterface,
    QAccessibleTextCursorEvent,
    QAccessibleTextInterface,
)
from PySide6.QtWidgets import QAccessibleWidget
from shiboken6 import Shiboken

from aqe_desktop.ui.widgets.clean import utf16_slice
from aqe_desktop.ui.widgets.transcript.item import Item
from aqe_desktop.ui.widgets.transcript.selection import Place

if TYPE_CHECKING:
    from aqe_desktop.ui.widgets.transcript.view import Transcript

# The only "no" that can be returned here: None or 0 from Python kills the process inside PySide 6.11.
_NO_INTERFACE = Shiboken.VoidPtr(0)
_PREVIEW = 120  # characters of a message in its name
_STATES = {"streaming": "still answering", "failed": "failed", "stopped": "stopped", "cut": "cut off"}


class TranscriptAccessible(QAccessibleWidget):
    """The list of messages. Children are made when asked for."""

    def __init__(self, view: Transcript) -> None:
        super().__init__(view, QAccessible.Role.List, "Conversation")
        self._view = view
        self._messages: list[MessageAccessible] = []

    def childCount(self) -> int:
        return len(self._view.column.items)

    def child(self, index: int) -> Any:
        if not 0 <= index < self.childCount():
            return None
        while len(self._messages) <= index:
            self._messages.append(MessageAccessible(self, self._view, len(self._messages)))
        return self._messages[index]

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return next((number for number, made in enumerate(self._messages) if made is child), -1)

    def childAt(self, x: int, y: int) -> Any:
        viewport = self._view.viewport()
        point = viewport.mapFromGlobal(QPoint(x, y))
        item = self._view.item_under(QPointF(point)) if viewport.rect().contains(point) else None
        return self.child(self._view.column.index(item)) if item else None

    def focusChild(self) -> Any:
        current = self._view.current
        return self.child(self._view.column.index(current)) if current and self._view.hasFocus() else None


class MessageAccessible(QAccessibleInterface):
    """One message: who speaks and where it ran is its name, what it says is its text."""

    def __init__(self, parent: TranscriptAccessible, view: Transcript, index: int) -> None:
        super().__init__()
        self._parent, self._view, self._index = parent, view, index
        self._text = MessageText(view, index)

    @property
    def item(self) -> Item:
        return self._view.column.items[self._index]

    def isValid(self) -> bool:
        return self._index < len(self._view.column.items)

    def object(self) -> Any:
        return None

    def parent(self) -> Any:
        return self._parent

    def window(self) -> Any:
        return self._view.window().windowHandle()

    def childCount(self) -> int:
        return 0

    def child(self, index: int) -> Any:
        del index
        return None

    def childAt(self, x: int, y: int) -> Any:
        del x, y
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        del child
        return -1

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def rect(self) -> QRect:
        if not self.isValid():
            return QRect()
        origin = self._view.origin(self.item)
        area = QRectF(origin.x(), origin.y(), self.item.column_width, self.item.height).toAlignedRect()
        return QRect(self._view.viewport().mapToGlobal(area.topLeft()), area.size())

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        if not self.isValid():
            state.invalid = 1
            return state
        focused = self._view.hasFocus() and self._view.current is self.item
        state.focusable = state.selectable = state.readOnly = 1
        state.multiLine = state.selectableText = 1
        state.focused = state.selected = state.active = int(focused)
        state.busy = int(self.item.streaming)
        state.expandable = int(self.item.has_reasoning)
        state.expanded = int(self.item.unfolded)
        state.collapsed = int(self.item.has_reasoning and not self.item.unfolded)
        visible = self._view.viewport().rect().intersects(self._local())
        state.offscreen = int(not visible)
        return state

    def _local(self) -> QRect:
        origin = self._view.origin(self.item)
        return QRectF(origin.x(), origin.y(), self.item.column_width, self.item.height).toAlignedRect()

    def text(self, kind: QAccessible.Text) -> str:
        if not self.isValid():
            return ""
        if kind == QAccessible.Text.Name:
            return spoken_name(self.item)
        if kind == QAccessible.Text.Description:
            return spoken_details(self.item)
        if kind == QAccessible.Text.Value:
            return self._text.text(0, self._text.characterCount())
        return ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Messages are read only."""

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        return self._text if kind == QAccessible.InterfaceType.TextInterface else _NO_INTERFACE


class MessageText(QAccessibleTextInterface):
    """Text, caret and selection of one message."""

    def __init__(self, view: Transcript, index: int) -> None:
        super().__init__()
        self._view, self._index = view, index

    @property
    def _item(self) -> Item:
        return self._view.column.items[self._index]

    def _starts(self) -> list[int]:
        """The offset of each unit, and one past the last."""
        if not self._item.known:
            self._item.split()
            self._view.column.touch(self._item)
        return list(accumulate((unit.length + 1 for unit in self._item.units), initial=0))

    def place(self, offset: int) -> Place:
        """Where an offset lies."""
        starts = self._starts()
        if len(starts) < 2:
            return Place(self._item)
        unit = max(0, min(bisect_right(starts, max(0, offset)) - 1, len(self._item.units) - 1))
        return Place(self._item, unit, min(max(0, offset) - starts[unit], self._item.units[unit].length))

    def offset(self, place: Place) -> int:
        place = place.clamped()
        return self._starts()[place.unit] + place.position if self._item.units else 0

    def characterCount(self) -> int:
        return max(0, self._starts()[-1] - 1)

    def text(self, start: int, end: int) -> str:
        count = self.characterCount()
        end = count if end < 0 else min(end, count)
        first, last = self.place(start), self.place(end)
        parts = []
        for number in range(first.unit, last.unit + 1):
            if number >= len(self._item.units):
                break
            unit = self._item.units[number]
            low = first.position if number == first.unit else 0
            high = last.position if number == last.unit else unit.length
            parts.append(utf16_slice(unit.flat, low, high).replace("\u2028", "\n"))
        return "\n".join(parts)

    def cursorPosition(self) -> int:
        head = self._view.selection.head
        return self.offset(head) if head is not None and head.item is self._item else 0

    def setCursorPosition(self, position: int) -> None:
        place = self.place(position)
        self._view.selection.set(place, place)
        self._view.select_item(self._item, ringed=self._view.hasFocus())
        self._view.reveal_place(place)
        self._view.viewport().update()
        self._view.caret_moved.emit()

    def selectionCount(self) -> int:
        """None: asked for its ends, PySide would answer with whatever lay in memory."""
        return 0

    def setSelection(self, index: int, start: int, end: int) -> None:
        if index == 0:
            self._view.selection.set(self.place(start), self.place(end))
            self._view.viewport().update()

    def addSelection(self, start: int, end: int) -> None:
        self.setSelection(0, start, end)

    def removeSelection(self, index: int) -> None:
        if index == 0:
            self._view.selection.clear()
            self._view.viewport().update()

    def characterRect(self, offset: int) -> QRect:
        place = self.place(offset)
        units = self._item.units
        if not units or units[place.unit].page is None:
            return QRect()
        unit = units[place.unit]
        areas = unit.rects(place.position, min(place.position + 1, unit.length)) or [unit.caret(place.position)]
        start = self._view.column.tops[self._view.column.index(self._item)] + self._item.tops[place.unit]
        area = areas[0].translated(self._item.text_left + self._view.column_left, start - self._view.top)
        box = area.toAlignedRect()
        return QRect(self._view.viewport().mapToGlobal(box.topLeft()), box.size())

    def offsetAtPoint(self, point: QPoint) -> int:
        place = self._view.place_at(QPointF(self._view.viewport().mapFromGlobal(point)))
        return self.offset(place) if place is not None and place.item is self._item else -1

    def scrollToSubstring(self, start: int, end: int) -> None:
        del end
        self._view.reveal_place(self.place(start))


def spoken_name(item: Item) -> str:
    """Who speaks, where it ran, and how it begins."""
    message = item.message
    chip = message.chip
    who = "You" if message.own else "Answer"
    where = f", {chip.word}, {chip.proof}" if chip else ""
    text = " ".join(message.text[: 4 * _PREVIEW].split()) or message.progress
    if len(text) > _PREVIEW:
        text = text[: _PREVIEW - 1] + "\u2026"
    return f"{who}{where}: {text}"


def spoken_details(item: Item) -> str:
    """Everything the view draws around the text."""
    return ", ".join(part for part in _details(item) if part)


def _details(item: Item) -> Iterator[str]:
    message = item.message
    yield message.chip.model if message.chip else ""
    yield message.meta
    yield _STATES.get(message.state, "")
    yield item.waits
    yield item.notice
    yield message.hint
    yield "" if not item.has_reasoning else "reasoning shown" if item.unfolded else "reasoning folded"
    yield ", ".join(f"image {file.name}" if file.is_image else file.name for file in message.attachments)
    number, count = message.versions
    yield f"version {number} of {count}" if count > 1 else ""
    yield from dict.fromkeys(link.href for unit in item.units if unit.page for link in unit.page.links)


_made: dict[int, TranscriptAccessible] = {}
_installed = False


def _factory(key: str, target: QObject) -> QAccessibleInterface | None:
    del key
    from aqe_desktop.ui.widgets.transcript.view import Transcript

    if not isinstance(target, Transcript):
        return None
    made = _made[id(target)] = TranscriptAccessible(target)
    return made


def install() -> None:
    """Let Qt ask us for the interface of every transcript; once per process."""
    global _installed
    if not _installed:
        QAccessible.installFactory(_factory)
        _installed = True


def forget(number: int) -> None:
    """The transcript with this id() is gone."""
    _made.pop(number, None)


def tell_current(view: Transcript) -> None:
    """A message has become the current one."""
    if QAccessible.isActive() and view.current is not None:
        event = QAccessibleEvent(view, QAccessible.Event.Focus)
        event.setChild(view.column.index(view.current))
        QAccessible.updateAccessibility(event)


def tell_caret(view: Transcript) -> None:
    """The caret has moved within a message; what it selected is said, as it cannot be asked for."""
    head = view.selection.head
    if not QAccessible.isActive() or head is None or not view.holds(head.item):
        return
    index = view.column.index(head.item)
    event = QAccessibleTextCursorEvent(view, MessageText(view, index).offset(head))
    event.setChild(index)
    QAccessible.updateAccessibility(event)
    selected = view.selection.text()
    announce(view, f"{selected[:_PREVIEW]} selected" if selected else "")


def tell_folded(view: Transcript, item: Item) -> None:
    """The reasoning of a message was shown or put away."""
    announce(view, "Reasoning shown" if item.unfolded else "Reasoning hidden")


def tell_messages(view: Transcript) -> None:
    """The list of messages is another one."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleEvent(view, QAccessible.Event.ObjectReorder))


def announce(view: Transcript, text: str) -> None:
    """Say this when the reader is free."""
    if QAccessible.isActive() and text:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(view, text))
