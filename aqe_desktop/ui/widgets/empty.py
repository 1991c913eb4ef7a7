"""What stands where nothing is yet: what this is, and the next step as one button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import EMPTY_TITLE, INTERFACE, LIST_ROW, SEMIBOLD, L, S
from aqe_desktop.ui.widgets.banner import Glyph
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.paint import Box, box

_WIDTH = 520


class EmptyState(QWidget):
    """Centred in whatever room it is given. `acted` and `second_acted` are the buttons' clicks."""

    acted = Signal()
    second_acted = Signal()

    def __init__(
        self,
        title: str,
        text: str = "",
        action: str = "",
        icon: str = "",
        second: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        inner = QWidget()
        inner.setMaximumWidth(_WIDTH)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S)
        column.addStretch(1)
        if icon:
            column.addWidget(Glyph(icon, "faint", 28), 0, Qt.AlignmentFlag.AlignHCenter)
        if title:
            column.addWidget(_line(title, EMPTY_TITLE, SEMIBOLD, "text"))
        if text:
            column.addWidget(_line(text, INTERFACE, 400, "muted"))
        if action or second:
            column.addSpacing(L - S)
            column.addLayout(self._buttons(action, second))
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.addStretch(1)
        row.addWidget(inner, 1000)
        row.addStretch(1)
        self.setAccessibleName(title or text)

    def _buttons(self, action: str, second: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(S)
        row.addStretch(1)
        for text, kind, signal in ((action, "primary", self.acted), (second, "plain", self.second_acted)):
            if text:
                button = Button(text, kind)
                button.clicked.connect(signal)
                row.addWidget(button)
        row.addStretch(1)
        return row


def _line(text: str, size: float, weight: int, token: str) -> Label:
    label = Label(text, size, weight, token, wrap=True)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return label


class Skeleton(QWidget):
    """Grey bars in the place of rows that are on their way; it does not move."""

    def __init__(self, rows: int = 4, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self.setAccessibleName("Loading")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        self.setFixedHeight(self._rows * theme().dp(LIST_ROW))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        row, bar = theme().dp(LIST_ROW), theme().dp(10)
        for at in range(self._rows):
            width = int(self.width() * (0.82, 0.64, 0.74, 0.5)[at % 4])
            area = self.rect().adjusted(0, at * row + (row - bar) // 2, width - self.width(), 0)
            area.setHeight(bar)
            if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
                area.moveRight(self.width() - 1)
            box(painter, area, Box("hover", radius=4))
