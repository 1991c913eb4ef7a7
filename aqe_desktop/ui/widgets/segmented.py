"""One of a few, all in view: for a choice that changes what is shown beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import CONTROL, MEDIUM, SEMIBOLD
from aqe_desktop.ui.widgets.control import Control
from aqe_desktop.ui.widgets.paint import Box, box, elided, ring, text_width, word

_PADDING = 12


class _Segment(Control):
    def __init__(self, text: str, value: Any) -> None:
        super().__init__(text)
        self.value = value
        self.setCheckable(True)

    def sizeHint(self) -> QSize:
        return QSize(text_width(self.text(), self._font(SEMIBOLD)) + 2 * _PADDING, theme().dp(CONTROL) - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        on = self.isChecked()
        if on or self.hovered:
            box(painter, self.rect(), Box("sunken" if on else "", radius=5))
        font = self._font(SEMIBOLD if on else MEDIUM)
        shown = elided(self.text(), font, self.width() - 8)
        self.cut = shown != self.text()
        token = "text" if on or self.hovered else "muted"
        word(painter, self.rect(), shown, font, theme().color(token), Qt.AlignmentFlag.AlignHCenter)
        if self.ringed:
            ring(painter, self.rect(), 5)

    def _font(self, weight: int) -> QFont:
        return theme().font(weight=weight)


class Segmented(QWidget):
    """`options` are (text, value) pairs; `chosen` is emitted for a choice of the user's, not by `select`."""

    chosen = Signal(object)

    def __init__(self, options: Sequence[tuple[str, Any]], name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._segments = [_Segment(text, value) for text, value in options]
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(1)
        for segment in self._segments:
            row.addWidget(segment)
            self._group.addButton(segment)
        self._segments[0].setChecked(True)
        self._group.buttonClicked.connect(lambda segment: self.chosen.emit(segment.value))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    @property
    def value(self) -> Any:
        return next(segment.value for segment in self._segments if segment.isChecked())

    def select(self, value: Any) -> None:
        """KeyError if `value` is none of the options."""
        for segment in self._segments:
            if segment.value == value:
                segment.setChecked(True)
                return
        raise KeyError(value)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box(painter, self.rect(), Box("", "line"))
        for segment in self._segments[1:]:
            edge = segment.geometry().right() + 1 if self._mirrored() else segment.geometry().left() - 1
            painter.fillRect(edge, 1, 1, self.height() - 2, theme().color("line"))

    def _mirrored(self) -> bool:
        return self.layoutDirection() == Qt.LayoutDirection.RightToLeft
