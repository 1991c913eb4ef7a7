"""A row that wraps: file chips keep their own width and take as many lines as they need."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from aqe_desktop.ui.theme.tokens import S
from aqe_desktop.ui.widgets.paint import mirrored


class FlowLayout(QLayout):
    """Left to right (mirrored where the language is), then the next line; a wide one is made as wide as the row.

    All lines are as high as the highest item, and each item stands in the middle of its line."""

    def __init__(self, parent: QWidget | None = None, gap: int = S) -> None:
        super().__init__(parent)
        self._gap = gap
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        heights = [item.sizeHint().height() for item in self._items]
        return QSize(60, max(heights, default=0))

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        """Place the items, or only measure; returns the height used."""
        x, y, line = rect.x(), rect.y(), 0
        tallest = self.minimumSize().height()
        for item in self._items:
            size = item.sizeHint().boundedTo(QSize(rect.width(), 10_000))
            if x > rect.x() and x + size.width() > rect.right() + 1:
                x, y, line = rect.x(), y + line + self._gap, 0
            if move:
                self._put(item, rect, QRect(QPoint(x, y + (tallest - size.height()) // 2), size))
            x, line = x + size.width() + self._gap, tallest
        return y + line - rect.y()

    def _put(self, item: QLayoutItem, rect: QRect, place: QRect) -> None:
        owner = self.parentWidget()
        direction = owner.layoutDirection() if owner else Qt.LayoutDirection.LeftToRight
        item.setGeometry(mirrored(place, rect, direction))
