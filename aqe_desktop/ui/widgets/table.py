"""Tables: 40 px rows with one line between them; the model says text and alignment, the table gives it our look."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QFont, QHelpEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
    QWidget,
)

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import TABLE_ROW
from aqe_desktop.ui.widgets.paint import elided, word
from aqe_desktop.ui.widgets.tip import plain_tip

_PADDING = 10
Index = QModelIndex | QPersistentModelIndex


class TableDelegate(QStyledItemDelegate):
    """Paints one cell; a model may give a font (FontRole), a token's name (ForegroundRole) and AlignTrailing."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, theme().color("accent_soft"))
        line = QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1)
        painter.fillRect(line, theme().color("line_soft"))
        font = _font(index)
        text = elided(_text(index), font, option.rect.width() - 2 * _PADDING)
        token = index.data(Qt.ItemDataRole.ForegroundRole) or "text"
        area = option.rect.adjusted(_PADDING, 0, -_PADDING, -1)
        word(painter, area, text, font, theme().color(token), _side(option, index))

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        if event.type() != QEvent.Type.ToolTip:
            return super().helpEvent(event, view, option, index)
        text, room = _text(index), option.rect.width() - 2 * _PADDING
        tip = "" if elided(text, _font(index), room) == text else plain_tip(text)
        QToolTip.showText(event.globalPos(), tip, view)
        return True


class Table(QTableView):
    """Whole rows are selected; Tab leaves the table, arrows move in it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setItemDelegate(TableDelegate(self))
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        theme().changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme().dp(TABLE_ROW))
        self.viewport().update()


def _text(index: Index) -> str:
    value = index.data(Qt.ItemDataRole.DisplayRole)
    return "" if value is None else str(value)


def _font(index: Index) -> QFont:
    font = index.data(Qt.ItemDataRole.FontRole)
    return font if isinstance(font, QFont) else theme().font()


def _side(option: QStyleOptionViewItem, index: Index) -> Qt.AlignmentFlag:
    ends = index.data(Qt.ItemDataRole.TextAlignmentRole) == Qt.AlignmentFlag.AlignTrailing
    mirrored = option.direction == Qt.LayoutDirection.RightToLeft
    return Qt.AlignmentFlag.AlignRight if ends != mirrored else Qt.AlignmentFlag.AlignLeft
