"""What stands below the messages and is as wide as they are; made for the first frame, and kept by the chat."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.ui.screens.chat.composer import Composer
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import MESSAGE_COLUMN, M, S

_SIDE = 24


class Foot(QWidget):
    """The composer at the lower edge, so that what is put above it later moves nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.composer = Composer()
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, S, 0, M + S)
        self._column.setSpacing(S - 2)
        self._column.addWidget(self.composer)
        self._row = QHBoxLayout(self)
        self._row.addStretch(0)
        self._row.addWidget(self._inside, 1)
        self._row.addStretch(0)
        self._row.setContentsMargins(_SIDE, 0, _SIDE, 0)
        theme().changed.connect(self._resize)
        self._resize()

    def put_above(self, *parts: QWidget) -> None:
        """Stack them above the composer, the first one highest."""
        for place, part in enumerate(parts):
            self._column.insertWidget(place, part)

    def _resize(self) -> None:
        self._inside.setMaximumWidth(theme().dp(MESSAGE_COLUMN))
