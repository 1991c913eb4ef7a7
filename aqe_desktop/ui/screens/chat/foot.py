"""What stands below the messages and is as wide as they are; made for the first frame, and kept by the chat."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.ui.screens.chat.composer import Composer
from aqe_desktop.ui.theme.tokens import MESSAGE_COLUMN, M, S

_SIDE = 24


class Foot(QWidget):
    """The composer at the lower edge, so that what is put above it later moves nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.composer = Composer()
        inside = QWidget()
        inside.setMaximumWidth(MESSAGE_COLUMN)
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, S, 0, M + S)
        self._column.setSpacing(S - 2)
        self._column.addWidget(self.composer)
        self._row = QHBoxLayout(self)
        self._row.addStretch(1)
        self._row.addWidget(inside, 1000)
        self._row.addStretch(1)
        self.leave_room(0)

    def put_above(self, *parts: QWidget) -> None:
        """Stack them above the composer, the first one highest."""
        for place, part in enumerate(parts):
            self._column.insertWidget(place, part)

    def leave_room(self, bar: int) -> None:
        """At the end for a scroll bar beside the messages, `bar` pixels wide: the edges are those of the messages."""
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        start, end = (_SIDE + bar, _SIDE) if mirrored else (_SIDE, _SIDE + bar)
        self._row.setContentsMargins(start, 0, end, 0)
