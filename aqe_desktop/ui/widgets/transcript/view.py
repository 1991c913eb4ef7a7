"""The conversation on screen: a virtualised column that streams, scrolls and selects without moving what is read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from aqe_desktop.ui.widgets.transcript import accessible
from aqe_desktop.ui.widgets.transcript.area import ColumnArea
from aqe_desktop.ui.widgets.transcript.code import Highlighter
from aqe_desktop.ui.widgets.transcript.item import Item
from aqe_desktop.ui.widgets.transcript.keys import Keys
from aqe_desktop.ui.widgets.transcript.model import MessageId, TranscriptMessage
from aqe_desktop.ui.widgets.transcript.mouse import Mouse
from aqe_desktop.ui.widgets.transcript.pieces import CodePiece
from aqe_desktop.ui.widgets.transcript.unit import Unit

TICK, SLOWEST = 33, 250  # milliseconds between two repaints of a streaming answer
READ_EVERY, READ_FOR = 40, 0.003  # milliseconds between two breaths of reading ahead, and seconds of one
_SHARE = 3  # a repaint may take at most one part in this many of the time


class Transcript(ColumnArea):
    """Shows messages and takes deltas; asks for everything else by signals, and opens, sends or copies nothing."""

    copy_requested = Signal(str)
    link_activated = Signal(str)
    link_hovered = Signal(str)
    action_requested = Signal(object, str)
    current_changed = Signal(object)
    caret_moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        accessible.install()
        self._pending: dict[MessageId, tuple[list[str], list[str]]] = {}  # of the answer, of the reasoning
        self._opened: list[Item] = []  # messages whose reasoning was unfolded to show what was found in it
        self._mouse, self._keys = Mouse(self), Keys(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Conversation")
        self._timer = self._after(TICK, self._tick)
        self._idle = self._after(400, self._colour_code)
        self._reader = self._after(READ_EVERY, self._read_on)
        self._copied_timer = self._after(1500, lambda: self.copied(None))
        self._highlighter = Highlighter()
        self._highlighter.coloured.connect(self._take_colours)
        self.scrolled.connect(self._idle.start)
        self.current_changed.connect(lambda: accessible.tell_current(self))
        self.caret_moved.connect(lambda: accessible.tell_caret(self))
        self.destroyed.connect(self._highlighter.end)
        self.destroyed.connect(partial(accessible.forget, id(self)))

    def _after(self, milliseconds: int, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(act)
        return timer

    # Content

    def set_messages(self, messages: Iterable[TranscriptMessage]) -> None:
        """Show this conversation, at its end."""
        self._pending.clear()
        self._opened.clear()
        self.selection.clear()
        self.finder.clear()
        self.current = self.hovered = None
        self.column.reset([Item(message) for message in messages])
        self.start_at_end()
        self.relayout()
        accessible.tell_messages(self)
        self._idle.start()
        self._reader.start()

    def append(self, message: TranscriptMessage) -> None:
        """Add a message below; the view goes along if the reader is at the end."""
        self.column.add(Item(message))
        self.finder.stale = True
        self.grown(self.column.items[-1].height)
        self.relayout()
        accessible.tell_messages(self)
        self._idle.start()

    def update_message(self, message_id: MessageId, **values: Any) -> None:
        """Change fields of a message by name. KeyError if there is no such message."""
        self._flush(message_id)
        item = self._item(message_id)
        before = item.height
        lead = item.lead
        item.change(replace(item.message, **{"text": item.source, "reasoning": item.reasoning, **values}))
        self._shift(item, lead)
        self.column.touch(item)
        self.finder.stale = True
        self.grown(item.height - before)
        self.relayout()
        self._idle.start()

    def stream(self, message_id: MessageId, delta: str, *, reasoning: bool = False) -> None:
        """More text of a streaming answer, or of its reasoning: only gathered here, shown at the next tick."""
        self._pending.setdefault(message_id, ([], []))[reasoning].append(delta)
        if not self._timer.isActive():
            self._timer.start()

    def _read_on(self) -> None:
        """Read what nobody has scrolled to yet, in short breaths: the first find is then as fast as the second."""
        if self._pending or self.column.read_some(READ_FOR):
            self._reader.start()
        self.relayout()

    def finish(self, message_id: MessageId, **values: Any) -> None:
        """The answer has ended: `state` complete unless said otherwise, with the meta line, reason and offers."""
        self.update_message(message_id, **{"state": "complete", "progress": "", **values})
        message = self._item(message_id).message
        accessible.announce(self, message.reason or f"Answer finished. {message.meta}")

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
        accessible.tell_messages(self)

    def message(self, message_id: MessageId) -> TranscriptMessage:
        """The message as it stands, streamed text included. KeyError if there is none."""
        self._flush(message_id)
        item = self._item(message_id)
        return replace(item.message, text=item.source, reasoning=item.reasoning)

    def ids(self) -> list[MessageId]:
        return [item.message.id for item in self.column.items]

    def show_more(self, item: Item) -> None:
        """The next part of a very long message, below what is read."""
        self.leave_end()
        item.show_more()
        self.column.touch(item)
        self.finder.stale = True
        self.relayout()

    def fold_reasoning(self, item: Item) -> None:
        """Show the reasoning of a message or put it away; the line that was clicked stays where it is."""
        self._opened = [each for each in self._opened if each is not item]
        self.leave_end()
        self.column.stay(item, self.top)
        self._fold(item)
        self.relayout()
        self._note_end()

    def _fold(self, item: Item) -> None:
        lead = item.lead
        item.fold()
        self.selection.shift(item, lead, item.lead - lead)
        self.column.touch(item)
        accessible.tell_folded(self, item)

    def _fold_back(self) -> None:
        """What was unfolded for a find is put away; who reads in it is left at its head, others where they are."""
        opened = [item for item in self._opened if self.holds(item) and item.unfolded]
        self._opened.clear()
        for item in opened:
            start = self.column.tops[self.column.index(item)]
            if item.tops[0] < self.top - start < item.tops[item.lead]:
                self.column.stay(item, start)
            else:
                self.column.shift(item, item.lead, -item.lead)
        for item in opened:
            self._fold(item)
        if opened:
            self.relayout()
            self._note_end()

    def _shift(self, item: Item, lead: int) -> None:
        """Reasoning came above the answer: what is selected and read there moves with it."""
        self.selection.shift(item, lead, item.lead - lead)
        self.column.shift(item, lead, item.lead - lead)

    def _item(self, message_id: MessageId) -> Item:
        item = self.column.get(message_id)
        if item is None:
            raise KeyError(message_id)
        return item

    # Streaming

    def _flush(self, message_id: MessageId) -> None:
        words, thoughts = self._pending.pop(message_id, ([], []))
        item = self.column.get(message_id)
        if item is None:
            return
        if thoughts:
            lead = item.lead
            item.think("".join(thoughts))
            self._shift(item, lead)
        if words:
            item.append("".join(words))
        self.column.touch(item)

    def _tick(self) -> None:
        """Show what has come; if that takes long, the next one waits longer."""
        started = time.perf_counter()
        dirty = float("inf")
        for message_id in list(self._pending):
            item = self.column.get(message_id)
            if item is not None:
                before = item.height
                changed = item.fold_top if self._pending[message_id][True] else item.open_top
                dirty = min(dirty, self.column.tops[self.column.index(item)] + changed)
                self._flush(message_id)
                self.grown(item.height - before)
            self._pending.pop(message_id, None)
        self.finder.stale = True
        self.relayout(dirty)
        if not self._idle.isActive():
            self._idle.start()
        spent = (time.perf_counter() - started) * 1000
        self._timer.setInterval(round(min(SLOWEST, max(TICK, spent * _SHARE))))

    # Code colours

    def _colour_code(self) -> None:
        """Ask for the colours of finished code near the eye."""
        height = self.viewport().height()
        index = self.column.item_at(self.top - height)
        while 0 <= index < len(self.column.items) and self.column.tops[index] < self.top + 2 * height:
            item = self.column.items[index]
            for block in item.blocks_of_code():
                self._ask_colours(block)
            index += 1

    def _ask_colours(self, block: list[Unit]) -> None:
        pieces = [unit.piece for unit in block if isinstance(unit.piece, CodePiece)]
        if block[0].colours is None:
            for unit in block:
                unit.colours = ()
            self._highlighter.request(tuple(block), pieces[0].language, [piece.text for piece in pieces])

    def _take_colours(self, key: tuple[Unit, ...], colours: list[Any]) -> None:
        for unit, part in zip(key, colours, strict=True):
            unit.colours = part
            unit.drop()  # only what is on show is laid out again; the heights are known
        self.relayout()

    # Copying and actions

    def copied(self, unit: Unit | None) -> None:
        """Say for a moment that a block was copied."""
        self.copied_unit = unit
        if unit is not None:
            self._copied_timer.start()
        self.viewport().update()

    def select_item(self, item: Item | None, *, ringed: bool = False) -> None:
        """Make a message the current one, for keys and screen readers."""
        self.ringed = ringed
        if item is not self.current:
            old, self.current = self.current, item
            self.update_item(old)
            self.current_changed.emit(item.message.id if item else None)
        self.update_item(item)

    # Find

    def find_text(self, text: str, *, match_case: bool = False) -> int:
        """Mark every place of `text` in the conversation, go to the nearest below, and say how many there are."""
        return self._go(self.finder.find(text, match_case=match_case, near=self.top))

    def find_next(self) -> int:
        """Go to the next place; the number of the one shown, from 1; 0 without any."""
        return self._go(self.finder.step(1))

    def find_previous(self) -> int:
        return self._go(self.finder.step(-1))

    def clear_find(self) -> None:
        self.finder.clear()
        self._fold_back()
        self.viewport().update()

    def _go(self, number: int) -> int:
        if (folded := self.finder.folded) is not None:
            self.fold_reasoning(folded)
            self._opened.append(folded)
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

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._mouse.slider.wheel(event):
            event.accept()
        else:
            super().wheelEvent(event)

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
            self.ringed = False
            self.update_item(self.current)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._mouse.leave()
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._mouse.tip(event)
            return True
        return super().viewportEvent(event)
