"""The keyboard in the transcript: arrows walk and unfold, Shift selects text, Enter opens the menu, C copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from aqe_desktop.ui.widgets.transcript import menu
from aqe_desktop.ui.widgets.transcript.selection import Place, moved
from aqe_desktop.ui.widgets.transcript.styles import styles

if TYPE_CHECKING:
    from aqe_desktop.ui.widgets.transcript.view import Transcript

_SHIFT, _CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


class Keys:
    """Answers key presses; `press` says whether it knew the key."""

    def __init__(self, view: Transcript) -> None:
        self._view = view

    def press(self, event: QKeyEvent) -> bool:
        view = self._view
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            menu.select_all(view)
        elif event.modifiers() & _SHIFT:
            return self._extend(event)
        elif event.modifiers() & ~(_SHIFT | Qt.KeyboardModifier.KeypadModifier):
            return False
        else:
            return self._walk(event.key())
        return True

    def _copy(self) -> None:
        view = self._view
        if view.selection.ends:
            view.copy_requested.emit(view.selection.text())
        elif view.current is not None:
            menu.act(view, view.current, "copy")

    def _walk(self, key: int) -> bool:
        view = self._view
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Space):
            page = view.viewport().height() - 48
            view.scroll_by(-page if key == Qt.Key.Key_PageUp else page)
        elif key == Qt.Key.Key_Home:
            view.verticalScrollBar().setValue(0)
            self._select(0)
        elif key == Qt.Key.Key_End:
            view.scroll_to_end()
            self._select(len(view.column.items) - 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Menu) and view.current:
            menu.open_for(view, view.current)
        elif key == Qt.Key.Key_C and view.current:
            self._copy()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and view.current and view.current.has_reasoning:
            unfold = (key == Qt.Key.Key_Right) != styles().mirrored
            if unfold != view.current.unfolded:
                view.fold_reasoning(view.current)
        elif key == Qt.Key.Key_Escape and view.selection.ends:
            view.selection.clear()
            view.viewport().update()
        else:
            return False
        return True

    def _select(self, index: int) -> None:
        items = self._view.column.items
        if 0 <= index < len(items):
            self._view.select_item(items[index], ringed=True)

    def _step(self, by: int) -> None:
        """To the next message; first scrolls on where the current one reaches beyond the view."""
        view = self._view
        items = view.column.items
        if not items:
            return
        if view.current is None:
            self._select(len(items) - 1)
            return
        index = view.column.index(view.current)
        top, height = view.origin(view.current).y(), view.viewport().height()
        bottom = top + view.current.height
        if (by > 0 and bottom > height + 2) or (by < 0 and top < -2):
            rest = bottom - height if by > 0 else top
            view.scroll_by(max(-height * 0.6, min(height * 0.6, rest)))
            return
        if 0 <= index + by < len(items):
            self._select(index + by)
            item = items[index + by]
            start = view.column.tops[index + by]
            end = start + min(item.height, height - 40.0)
            view.reveal(
                *((start, end) if by > 0 else (start + max(0.0, item.height - height + 40), start + item.height))
            )

    def _extend(self, event: QKeyEvent) -> bool:
        view = self._view
        head = view.selection.head or self._first_place()
        if head is None:
            return False
        target = self._target(head.clamped(), event)
        if target is None:
            return False
        view.selection.set(view.selection.anchor or head, target)
        view.reveal_place(target)
        view.viewport().update()
        view.caret_moved.emit()
        return True

    def _first_place(self) -> Place | None:
        item = self._view.current
        if item is None:
            return None
        item.split()
        self._view.column.touch(item)
        return Place(item)

    def _target(self, head: Place, event: QKeyEvent) -> Place | None:
        key, control = event.key(), bool(event.modifiers() & _CONTROL)
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = -1 if key == Qt.Key.Key_Left else 1
            return self._word(head, step) if control else moved(head, self._view.column, step)
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            return self._line(head, -1 if key == Qt.Key.Key_Up else 1)
        if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            return self._edge(head, end=key == Qt.Key.Key_End, everything=control)
        return None

    def _word(self, head: Place, step: int) -> Place:
        """To the next border between a word and what is none."""
        column = self._view.column
        here = moved(head, column, step)
        while here.item is head.item and here.unit == head.unit and not _at_border(here):
            after = moved(here, column, step)
            if after.key(column) == here.key(column):
                break
            here = after
        return here

    def _line(self, head: Place, step: int) -> Place:
        """A line up or down, at the same distance from the left."""
        view = self._view
        view.reveal_place(head)
        rect = view.place_rect(head)
        if rect is None:
            return head
        x = rect.left() + view.column_left
        y = rect.center().y()
        for distance in (1.0, 1.8, 2.6, 4.0, 6.0):
            target = view.place_at(QPointF(x, y + step * rect.height() * distance - view.top))
            if target is not None and target.key(view.column) != head.key(view.column):
                return target
        return moved(head, view.column, step)

    def _edge(self, head: Place, *, end: bool, everything: bool) -> Place:
        view = self._view
        if everything:
            item = view.column.items[-1 if end else 0]
            item.split()
            view.column.touch(item)
            unit = max(0, len(item.units) - 1) if end else 0
            return Place(item, unit, item.units[unit].length if end and item.units else 0)
        if not head.item.units:
            return head
        first, last = head.item.units[head.unit].block_at(head.position)
        return Place(head.item, head.unit, last if end else first)


def _at_border(place: Place) -> bool:
    units = place.item.units
    if not units:
        return True
    text = units[place.unit].flat
    at = place.position
    if at <= 0 or at >= len(text):
        return True
    return text[at].isalnum() and not text[at - 1].isalnum()
