"""The list of conversations: 34 px rows with their zone left and lock or pin right, ten thousand of them if need be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.widgets.row import ENTRY, OPEN, Entry, Row
from aqe_desktop.ui.widgets.row_paint import RowDelegate

Index = QModelIndex | QPersistentModelIndex


class RowModel(QAbstractListModel):
    """The entries in their order, and which one is open."""

    renamed = Signal(int, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.entries: Sequence[Entry] = ()
        self.open_id: int | None = None

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.entries):
            return None
        entry = self.entries[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return entry.title
        if role == ENTRY:
            return entry
        if role == OPEN:
            return isinstance(entry, Row) and entry.id == self.open_id
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return entry.spoken() if isinstance(entry, Row) else entry.title
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        entry = self.data(index, ENTRY)
        title = str(value).strip()
        if isinstance(entry, Row) and title != entry.title:
            self.renamed.emit(entry.id, title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        if isinstance(self.data(index, ENTRY), Row):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
        return Qt.ItemFlag.NoItemFlags

    def replace(self, entries: Sequence[Entry]) -> None:
        self.beginResetModel()
        self.entries = tuple(entries)
        self.endResetModel()

    def index_of(self, row_id: int | None) -> QModelIndex:
        """The place of a row; an invalid index if it is not listed."""
        for at, entry in enumerate(self.entries):
            if isinstance(entry, Row) and entry.id == row_id:
                return self.index(at)
        return QModelIndex()


def _is_writing(event: QKeyEvent) -> bool:
    """A letter, and no command; a space at the start of a text would be nothing."""
    command = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    return not event.modifiers() & command and event.text().isprintable() and bool(event.text().strip())


class RowList(QListView):
    """Click or Enter opens, F2 renames in place, Delete asks, the menu key or a right click asks for a menu.

    A click leaves the keyboard here; `left` follows an Enter, and `typed` brings letters that are meant for another
    field. A new name may be empty: then the owner finds one."""

    opened = Signal(int)
    left = Signal()
    typed = Signal(str)
    renamed = Signal(int, str)
    delete_asked = Signal(int)
    menu_asked = Signal(int, QPoint)

    def __init__(self, name: str = "Conversations", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.ringed = False
        self._waiting: tuple[Sequence[Entry], int | None] | None = None
        self._rows = RowModel(self)
        self._rows.renamed.connect(self.renamed)
        self.setModel(self._rows)
        self._delegate = RowDelegate(self)
        self._delegate.closeEditor.connect(self._edited)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme().changed.connect(self.restyle)

    def restyle(self) -> None:
        self.scheduleDelayedItemsLayout()
        self.viewport().update()

    def set_rows(self, entries: Sequence[Entry], current: int | None = None) -> None:
        """Show these entries, `current` as the open one; scroll position and keyboard place are kept.

        While a title is being edited the list waits, so that nothing typed is lost."""
        if self.state() == QAbstractItemView.State.EditingState:
            self._waiting = (entries, current)
            return
        top, place = self.verticalScrollBar().value(), self._current_id()
        self._rows.open_id = current
        self._replace(entries)
        self.setCurrentIndex(self._rows.index_of(place if place is not None else current))
        self.verticalScrollBar().setValue(top)

    def rows(self) -> Iterator[Row]:
        """The rows as they are shown, without the headings."""
        return (entry for entry in self._rows.entries if isinstance(entry, Row))

    def select(self, row_id: int | None) -> None:
        """Mark the row as the open one and bring it into view; no signal."""
        self._rows.open_id = row_id
        index = self._rows.index_of(row_id)
        self.setCurrentIndex(index)
        if index.isValid():
            self.scrollTo(index)
        self.viewport().update()

    def edit_row(self, row_id: int) -> None:
        """Start to rename in place."""
        index = self._rows.index_of(row_id)
        if index.isValid():
            self.setCurrentIndex(index)
            self.edit(index)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().dp(120), theme().dp(68))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.state() == QAbstractItemView.State.EditingState:
            # The Enter that ends a rename passes through the editor. Opening would take the focus from that before it
            # has given its text, and it would give it twice.
            event.accept()
            return
        self.ringed = True
        row_id = self._current_id()
        if row_id is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(row_id)
            self.left.emit()
        elif row_id is not None and event.key() == Qt.Key.Key_Delete:
            self.delete_asked.emit(row_id)
        elif _is_writing(event):
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        entry = self.indexAt(event.position().toPoint()).data(ENTRY)
        if event.button() == Qt.MouseButton.LeftButton and isinstance(entry, Row):
            self.opened.emit(entry.id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        entry = index.data(ENTRY)
        if isinstance(entry, Row):
            point = self.visualRect(index).center() if by_key else event.pos()
            self.menu_asked.emit(entry.id, self.viewport().mapToGlobal(point))

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.ringed = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.viewport().update()

    def _current_id(self) -> int | None:
        entry = self.currentIndex().data(ENTRY)
        return entry.id if isinstance(entry, Row) else None

    def _edited(self) -> None:
        if self._waiting is not None:
            entries, current = self._waiting
            self._waiting = None
            self._rows.open_id = current
            self._replace(entries)

    def _replace(self, entries: Sequence[Entry]) -> None:
        # All rows are equally tall, so that ten thousand need no layout: two lines as soon as one has a snippet.
        self._delegate.tall = any(isinstance(entry, Row) and entry.snippet for entry in entries)
        self._rows.replace(entries)
