"""The conversation on screen: a virtualised column that streams, scrolls and selects without moving what is read."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QTimer, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import MESSAGE_COLUMN
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.transcript.code import Highlighter
from aqe_desktop.ui.widgets.transcript.column import Column
from aqe_desktop.ui.widgets.transcript.find import Finder
from aqe_desktop.ui.widgets.transcript.item import Item
from aqe_desktop.ui.widgets.transcript.keys import Keys
from aqe_desktop.ui.widgets.transcript.model import MessageId, TranscriptMessage
from aqe_desktop.ui.widgets.transcript.mouse import Mouse
from aqe_desktop.ui.widgets.transcript.paint import Marks, Shown, paint_item
from aqe_desktop.ui.widgets.transcript.selection import Place, Selection
from aqe_desktop.ui.widgets.transcript.spots import Spot
from aqe_desktop.ui.widgets.transcript.styles import forget_styles, styles
from aqe_desktop.ui.widgets.transcript.unit import Unit

TICK, SLOWEST = 33, 250  # milliseconds between two repaints of a streaming answer
SIDE = 24  # pixels beside the column
_SHARE = 3  # a repaint may take at most one part in this many of the time


class Transcript(QAbstractScrollArea):
    """Shows messages and takes deltas; asks for everything else by signals, and opens, sends or copies nothing."""

    copy_requested = Signal(str)
    link_activated = Signal(str)
    link_hovered = Signal(str)
    action_requested = Signal(object, str)
    reached_end_changed = Signal(bool)
    current_changed = Signal(object)
    caret_moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = Column()
        self.selection = Selection(self.column)
        self.finder = Finder(self.column)
        self.current: Item | None = None
        self.hovered: Item | None = None
        self.spot: Spot | None = None
        self._pending: dict[MessageId, list[str]] = {}
        self._at_end = True
        self._setting = False
        self._ringed = False
        self._new_lines = 0.0
        self._copied: Unit | None = None
        self._mouse, self._keys = Mouse(self), Keys(self)
        self._build()

    def _build(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Conversation")
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._timer = QTimer(self, singleShot=True, interval=TICK)
        self._timer.timeout.connect(self._tick)
        self._idle = QTimer(self, singleShot=True, interval=400)
        self._idle.timeout.connect(self._colour_code)
        self._copied_timer = QTimer(self, singleShot=True, interval=1500)
        self._copied_timer.timeout.connect(self._forget_copied)
        self._to_end = Button("", icon="chevron-down", small=True, parent=self)
        self._to_end.hide()
        self._to_end.clicked.connect(self.scroll_to_end)
        self._highlighter = Highlighter()
        self._highlighter.coloured.connect(self._take_colours)
        self.destroyed.connect(self._highlighter.end)
        theme().changed.connect(self._restyle)

    # Content

    def set_messages(self, messages: Iterable[TranscriptMessage]) -> None:
        """Show this conversation, at its end."""
        self._pending.clear()
        self.selection.clear()
        self.finder.clear()
        self.current = self.hovered = None
        self.column.reset([Item(message) for message in messages])
        self._at_end = True
        self._new_lines = 0.0
        self.relayout()
        self._idle.start()

    def append(self, message: TranscriptMessage) -> None:
        """Add a message below; the view goes along if the reader is at the end."""
        self.column.add(Item(message))
        self.finder.stale = True
        self._grown(self.column.items[-1].height)
        self.relayout()
        self._idle.start()

    def update_message(self, message_id: MessageId, **values: Any) -> None:
        """Change fields of a message by name. KeyError if there is no such message."""
        self._flush(message_id)
        item = self._item(message_id)
        before = item.height
        item.change(replace(item.message, **{"text": item.source, **values}))
        self.column.touch(item)
        self.finder.stale = True
        self._grown(item.height - before)
        self.relayout()
        self._idle.start()

    def stream(self, message_id: MessageId, delta: str) -> None:
        """More text of a streaming answer: only gathered here, shown at the next tick."""
        self._pending.setdefault(message_id, []).append(delta)
        if not self._timer.isActive():
            self._timer.start()

    def finish(self, message_id: MessageId, **values: Any) -> None:
        """The answer has ended: `state` complete unless said otherwise, with the meta line, reason and offers."""
        self.update_message(message_id, **{"state": "complete", "progress": "", **values})

    def remove_after(self, message_id: MessageId | None) -> None:
        """Take away every message below this one; all of them with None."""
        index = 0 if message_id is None else self.column.index(self._item(message_id)) + 1
        for item in self.column.items[index:]:
            self._pending.pop(item.message.id, None)
        self.column.cut(index)
        self.selection.forget()
        self.finder.stale = True
        if self.current not in self.column.items:
            self.current = None
        if self.hovered not in self.column.items:
            self.hovered = None
        self.relayout()

    def message(self, message_id: MessageId) -> TranscriptMessage:
        """The message as it stands, streamed text included. KeyError if there is none."""
        self._flush(message_id)
        item = self._item(message_id)
        return replace(item.message, text=item.source)

    def ids(self) -> list[MessageId]:
        return [item.message.id for item in self.column.items]

    @property
    def at_end(self) -> bool:
        return self._at_end

    def _item(self, message_id: MessageId) -> Item:
        item = self.column.get(message_id)
        if item is None:
            raise KeyError(message_id)
        return item

    # Streaming

    def _flush(self, message_id: MessageId) -> None:
        parts = self._pending.pop(message_id, None)
        item = self.column.get(message_id)
        if parts and item is not None:
            item.append("".join(parts))
            self.column.touch(item)

    def _tick(self) -> None:
        """Show what has come; if that takes long, the next one waits longer."""
        started = time.perf_counter()
        dirty = float("inf")
        for message_id in list(self._pending):
            item = self.column.get(message_id)
            if item is not None:
                before = item.height
                dirty = min(dirty, self.column.tops[self.column.index(item)] + item.open_top)
                self._flush(message_id)
                self._grown(item.height - before)
            self._pending.pop(message_id, None)
        self.finder.stale = True
        self.relayout(dirty)
        if not self._idle.isActive():
            self._idle.start()
        spent = (time.perf_counter() - started) * 1000
        self._timer.setInterval(round(min(SLOWEST, max(TICK, spent * _SHARE))))

    def _grown(self, height: float) -> None:
        if not self._at_end and height > 0:
            self._new_lines += height / styles().line

    # Layout and scrolling

    def relayout(self, dirty: float = 0.0) -> None:
        """Measure what is on show again. Nothing above `dirty` (in the column's coordinates) has changed."""
        self.column.set_width(float(self._column_width()))
        height = self.viewport().height()
        top = self.column.settle_end(height) if self._at_end else self.column.hold(height)
        self._set_top(top, dirty)

    def _set_top(self, top: float, dirty: float = 0.0) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        self._setting = True
        bar.setRange(0, max(0, round(self.column.total - height)))
        bar.setPageStep(height)
        bar.setSingleStep(round(styles().line * 2))
        bar.setValue(round(top))
        self._setting = False
        if dirty <= 0:
            self.viewport().update()
        elif dirty < self.top + height:
            y = max(0, int(dirty) - self.top - 2)
            self.viewport().update(0, y, self.viewport().width(), height - y)
        self._after_scroll()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        if not self._setting:
            wanted = self.verticalScrollBar().value()
            top = self.column.settle(wanted, self.viewport().height())
            shift = round(top) - wanted
            self._setting = True
            bar = self.verticalScrollBar()
            bar.setRange(0, max(0, round(self.column.total - self.viewport().height())))
            if shift:
                bar.setValue(round(top))
            self._setting = False
            self.viewport().update()
            self._note_end(wanted)
            self._idle.start()
        else:
            self.viewport().scroll(0, dy)

    def _note_end(self, wanted: int) -> None:
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 2
        if at_end != self._at_end:
            self._at_end = at_end
            self.reached_end_changed.emit(at_end)
        if at_end:
            self._new_lines = 0.0
        self._after_scroll()

    def _after_scroll(self) -> None:
        count = int(self._new_lines)
        self._to_end.setVisible(not self._at_end and count > 0)
        if not self._to_end.isHidden():
            self._to_end.setText("1 new line" if count == 1 else f"{count} new lines")
            self._to_end.setAccessibleName(f"{self._to_end.text()}, go to the end")
            size = self._to_end.sizeHint()
            area = self.viewport().geometry()
            self._to_end.setGeometry(
                QRect(QPoint(area.center().x() - size.width() // 2, area.bottom() - size.height() - 8), size)
            )
            self._to_end.raise_()

    @property
    def top(self) -> int:
        """The column's coordinate at the upper edge of the viewport."""
        return self.verticalScrollBar().value()

    def scroll_to_end(self) -> None:
        """Go to the end and stay there while text comes."""
        was = self._at_end
        self._at_end = True
        self._new_lines = 0.0
        self.relayout()
        if not was:
            self.reached_end_changed.emit(True)

    def scroll_by(self, pixels: float) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(round(bar.value() + pixels))

    def reveal(self, top: float, bottom: float) -> None:
        """Scroll as little as needed for this stretch of the column to be seen."""
        height = self.viewport().height()
        if top < self.top or bottom - top > height - 32:
            self.scroll_by(top - self.top - 16)
        elif bottom > self.top + height:
            self.scroll_by(bottom - self.top - height + 16)

    def reveal_place(self, place: Place) -> None:
        """Scroll to a place in the text, laying it out on the way."""
        for _ in range(3):
            rect = self.place_rect(place)
            if rect is not None and self.top <= rect.top() and rect.bottom() <= self.top + self.viewport().height():
                return
            place = place.clamped()
            item = place.item
            start = self.column.tops[self.column.index(item)] + (item.tops[place.unit] if item.units else 0)
            if rect is not None:
                self.reveal(rect.top(), rect.bottom())
            else:
                self.scroll_by(start - self.top - self.viewport().height() / 3)

    def place_rect(self, place: Place) -> Any:
        """The caret's rectangle in the column's coordinates, None while the unit is not laid out."""
        place = place.clamped()
        item = place.item
        if not item.units or item.units[place.unit].page is None:
            return None
        start = self.column.tops[self.column.index(item)] + item.tops[place.unit]
        return item.units[place.unit].caret(place.position).translated(item.text_left(), start)

    def _column_width(self) -> int:
        return max(120, min(styles().dp(MESSAGE_COLUMN), self.viewport().width() - 2 * SIDE))

    @property
    def column_left(self) -> int:
        return (self.viewport().width() - self._column_width()) // 2

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.relayout()

    def _restyle(self) -> None:
        forget_styles()
        self.column.restyle()
        self.relayout()

    # Places

    def item_under(self, point: QPointF) -> Item | None:
        index = self.column.item_at(point.y() + self.top)
        return self.column.items[index] if index >= 0 else None

    def origin(self, item: Item) -> QPointF:
        """The upper left of a message in the viewport."""
        return QPointF(self.column_left, round(self.column.tops[self.column.index(item)] - self.top))

    def place_at(self, point: QPointF) -> Place | None:
        """The text position nearest to a point of the viewport."""
        item = self.item_under(point)
        if item is None:
            return None
        inside = point - self.origin(item)
        if not item.units:
            return Place(item)
        number = item.unit_at(inside.y())
        unit = item.units[number]
        local = inside - QPointF(item.text_left(), item.tops[number])
        if local.y() > unit.height and number + 1 < len(item.units):
            local.setY(unit.height)
        return Place(item, number, unit.position_at(local))

    def link_under(self, point: QPointF) -> str:
        item = self.item_under(point)
        if item is None or not item.units:
            return ""
        inside = point - self.origin(item)
        number = item.unit_at(inside.y())
        return item.units[number].link_at(inside - QPointF(item.text_left(), item.tops[number]))

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme().color("surface"))
        top, bottom = event.rect().top() + self.top, event.rect().bottom() + 1 + self.top
        index = self.column.item_at(top)
        while 0 <= index < len(self.column.items) and self.column.tops[index] < bottom:
            item = self.column.items[index]
            origin = self.origin(item)
            painter.save()
            painter.translate(origin)
            start = self.column.tops[index]
            paint_item(painter, item, self._shown(item, top - start, bottom - start))
            painter.restore()
            index += 1

    def _shown(self, item: Item, top: float, bottom: float) -> Shown:
        ringed = self._ringed and item is self.current
        shown = Shown(
            top, bottom, item is self.hovered, ringed, self.spot if item is self.hovered else None, self._copied
        )
        for unit, span in self.selection.spans(item).items():
            shown.marks.setdefault(unit, Marks()).selection = span
        self.finder.mark(item, shown.marks)
        return shown

    def update_item(self, item: Item | None) -> None:
        """Repaint one message."""
        if item is not None and item in self.column.items:
            y = int(self.origin(item).y())
            self.viewport().update(0, y - 6, self.viewport().width(), round(item.height) + 12)

    # Code colours

    def _colour_code(self) -> None:
        """Ask for the colours of finished code near the eye."""
        height = self.viewport().height()
        index = self.column.item_at(self.top - height)
        while 0 <= index < len(self.column.items) and self.column.tops[index] < self.top + 2 * height:
            item = self.column.items[index]
            for block in item.blocks_of_code():
                if block[0].colours is None:
                    for unit in block:
                        unit.colours = ()
                    pieces = [unit.piece for unit in block]
                    self._highlighter.request(tuple(block), pieces[0].language, [piece.text for piece in pieces])  # type: ignore[union-attr]
            index += 1

    def _take_colours(self, key: tuple[Unit, ...], colours: list[Any]) -> None:
        for unit, part in zip(key, colours, strict=True):
            unit.colours = part
            unit.recolour()
        self.viewport().update()

    # Copying and actions

    def copied(self, unit: Unit | None) -> None:
        """Say for a moment that a block was copied."""
        self._copied = unit
        self._copied_timer.start()
        self.viewport().update()

    def _forget_copied(self) -> None:
        self._copied = None
        self.viewport().update()

    def select_item(self, item: Item | None, *, ringed: bool = False) -> None:
        """Make a message the current one, for keys and screen readers."""
        self._ringed = ringed
        if item is not self.current:
            old, self.current = self.current, item
            self.update_item(old)
            self.current_changed.emit(item.message.id if item else None)
        self.update_item(item)

    # Find

    def find(self, text: str, *, match_case: bool = False) -> int:
        """Mark every place of `text` in the conversation, go to the nearest below, and say how many there are."""
        return self._go(self.finder.find(text, match_case=match_case, near=self.top))

    def find_next(self) -> int:
        """Go to the next place; the number of the one shown, from 1; 0 without any."""
        return self._go(self.finder.step(1))

    def find_previous(self) -> int:
        return self._go(self.finder.step(-1))

    def clear_find(self) -> None:
        self.finder.clear()
        self.viewport().update()

    def _go(self, number: int) -> int:
        place = self.finder.place()
        if place is not None:
            self.reveal_place(place)
        self.viewport().update()
        return number

    # Events, handed on

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._mouse.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._mouse.double_click(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._mouse.menu(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._keys.press(event):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        keyboard = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if keyboard and self.column.items:
            self.select_item(self.current or self.column.items[-1], ringed=True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._ringed = False
            self.update_item(self.current)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._mouse.leave()
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._mouse.tip(event)
            return True
        return super().viewportEvent(event)
