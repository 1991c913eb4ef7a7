"""How one row of the conversation list is painted and renamed; apart from the list, which knows about keys and ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QHelpEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import ICON_SMALL, LIST_ROW, R_BLOCK, SECONDARY, SEMIBOLD, SMALL
from aqe_desktop.ui.widgets.field import Field
from aqe_desktop.ui.widgets.paint import Box, box, dot, elided, ring, word
from aqe_desktop.ui.widgets.row import ANSWERING, DOT, ENTRY, OPEN, Entry, Row
from aqe_desktop.ui.widgets.tip import plain_tip

if TYPE_CHECKING:
    from aqe_desktop.ui.widgets.rows import RowList

_PADDING, _GAP, _TALL = 10, 8, 48
Index = QModelIndex | QPersistentModelIndex


class RowDelegate(QStyledItemDelegate):
    """Paints rows and headings in the reading direction of the list."""

    def __init__(self, view: RowList) -> None:
        super().__init__(view)
        self._view = view
        self.tall = False

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(theme().dp(80), theme().dp(_TALL if self.tall else LIST_ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area = option.rect.adjusted(0, 1, 0, -1)
        entry = _entry(index)
        if not isinstance(entry, Row):
            text = elided(entry.title, _heading_font(), area.width() - 2 * _PADDING)
            place = area.adjusted(_PADDING, 8, -_PADDING, 0)
            word(painter, place, text, _heading_font(), theme().color("muted"), self._start())
            return
        self._paint_ground(painter, area, option, index)
        self._paint_marks(painter, area, entry)
        self._paint_words(painter, area, entry)

    def _paint_ground(self, painter: QPainter, area: QRect, option: QStyleOptionViewItem, index: Index) -> None:
        is_open = bool(index.data(OPEN))
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if is_open or hovered:
            painter.setOpacity(1.0 if is_open else 0.55)
            box(painter, area, Box("hover", radius=R_BLOCK))
            painter.setOpacity(1.0)
        if self._view.ringed and self._view.hasFocus() and index == self._view.currentIndex():
            ring(painter, area, R_BLOCK)

    def _paint_marks(self, painter: QPainter, area: QRect, row: Row) -> None:
        size = theme().dp(ICON_SMALL)
        zone = {"device": "screen", "lan": "lan", "cloud": "cloud"}.get(row.zone, "chat")
        start = self._mirror(area, QRect(area.x() + _PADDING, area.y(), size, area.height()))
        icons.draw(painter, zone, row.zone or "muted", start, size)
        right = area.right() - _PADDING - size + 1
        for name in row.marks():
            place = self._mirror(area, QRect(right, area.y(), size, area.height()))
            if name == DOT:
                dot(painter, QRectF(place).center(), theme().dp(4), "muted", filled=True)
            else:
                icons.draw(painter, name, "muted", place, size)
            right -= size + 4

    def _paint_words(self, painter: QPainter, area: QRect, row: Row) -> None:
        place = self._mirror(area, self._text_rect(area, row))
        title = elided(row.title, theme().font(), place.width())
        if not row.snippet:
            word(painter, place, title, theme().font(), theme().color("text"), self._start())
            return
        half = place.height() // 2
        upper = QRect(place.x(), place.y() + 4, place.width(), half - 2)
        lower = QRect(place.x(), place.y() + half, place.width(), half - 5)
        word(painter, upper, title, theme().font(), theme().color("text"), self._start())
        font = theme().font(SMALL)
        word(painter, lower, elided(row.snippet, font, place.width()), font, theme().color("muted"), self._start())

    def _text_rect(self, area: QRect, row: Row) -> QRect:
        size = theme().dp(ICON_SMALL)
        start = area.x() + _PADDING + size + _GAP
        marks = len(row.marks()) * (size + 4)
        return QRect(start, area.y(), area.right() - start - _PADDING - marks, area.height())

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        entry = _entry(index)
        if event.type() == QEvent.Type.ToolTip and isinstance(entry, Row):
            room = self._text_rect(option.rect, entry).width()
            long = elided(entry.title, theme().font(), room) != entry.title
            at_work = ANSWERING.capitalize() if entry.answering else ""
            text = "\n".join(part for part in (entry.title if long else "", entry.snippet, at_work) if part)
            QToolTip.showText(event.globalPos(), plain_tip(text), view)
            return True
        return super().helpEvent(event, view, option, index)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        return Field(name="Title", parent=parent)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        assert isinstance(editor, QLineEdit)
        editor.setText(str(index.data(Qt.ItemDataRole.EditRole)))
        editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        assert isinstance(editor, QLineEdit)
        model.setData(index, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        editor.setGeometry(option.rect.adjusted(2, 2, -2, -2))

    def _mirror(self, area: QRect, rect: QRect) -> QRect:
        return QStyle.visualRect(self._view.layoutDirection(), area, rect)

    def _start(self) -> Qt.AlignmentFlag:
        mirrored = self._view.layoutDirection() == Qt.LayoutDirection.RightToLeft
        return Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft


def _entry(index: Index) -> Entry:
    entry: Entry = index.data(ENTRY)
    return entry


def _heading_font() -> QFont:
    return theme().font(SECONDARY - 0.5, SEMIBOLD)
