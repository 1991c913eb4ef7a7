"""A key beside what it does."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SMALL
from aqe_desktop.ui.widgets.paint import Box, box, text_width, word


class KeyHint(QWidget):
    """`keys` as Qt writes them ("Ctrl+K"); shown as this platform writes them."""

    def __init__(self, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) or keys
        self.setAccessibleName(self._text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(text_width(self._text, theme().font(SMALL, mono=True)) + 12, theme().dp(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box(painter, self.rect(), Box("sunken", "line", radius=4))
        font = theme().font(SMALL, mono=True)
        word(painter, self.rect(), self._text, font, theme().color("muted"), Qt.AlignmentFlag.AlignHCenter)
