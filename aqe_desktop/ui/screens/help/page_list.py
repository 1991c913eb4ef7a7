"""The list of pages beside the text: one is chosen, and the arrow keys go through them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import LIST_ROW, S
from aqe_desktop.ui.widgets.control import Control
from aqe_desktop.ui.widgets.label import SectionLabel
from aqe_desktop.ui.widgets.paint import Box, box, elided, ring, word

_PADDING = 10


class PageList(QWidget):
    """`pages` are (title, number) pairs."""

    opened = Signal(int)

    def __init__(self, pages: Sequence[tuple[str, int]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = {number: _PageRow(title, self) for title, number in pages}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, S, 0, 0)
        column.setSpacing(2)
        heading = SectionLabel("Help")
        heading.setContentsMargins(_PADDING, 0, 0, S - 4)
        column.addWidget(heading)
        for number, row in self.rows.items():
            row.clicked.connect(partial(self.opened.emit, number))
            row.stepped.connect(partial(self._step, number))
            column.addWidget(row)
        column.addStretch(1)

    def select(self, number: int) -> None:
        """Mark the page on show."""
        for each, row in self.rows.items():
            row.setChecked(each == number)

    def _step(self, number: int, by: int) -> None:
        row = self.rows.get(number + by)
        if row is not None:
            row.setFocus(Qt.FocusReason.TabFocusReason)
            row.click()


class _PageRow(Control):
    stepped = Signal(int)

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(title, parent)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(theme().dp(120), theme().dp(LIST_ROW) - 2)

    def nextCheckState(self) -> None:
        """Only `select` marks a row: a click on the page on show must not unmark it."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.isChecked() or self.hovered:
            box(painter, self.rect(), Box("hover" if self.isChecked() else "sunken", radius=8))
        room = QRect(_PADDING, 0, self.width() - 2 * _PADDING, self.height())
        shown = elided(self.text(), theme().font(), room.width())
        self.cut = shown != self.text()
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        align = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        word(painter, room, shown, theme().font(), theme().color("text"), align)
        if self.ringed:
            ring(painter, self.rect())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.stepped.emit(1 if event.key() == Qt.Key.Key_Down else -1)
            return
        super().keyPressEvent(event)
