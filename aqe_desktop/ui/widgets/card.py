"""Grounds: a card around what belongs together, and the one-pixel line between what does not."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import HEADER, MESSAGE_COLUMN, R_CARD, L, M, S
from aqe_desktop.ui.widgets.paint import Box, box


class Card(QWidget):
    """Put what belongs together into `body`."""

    def __init__(self, padding: int = M, ground: str = "surface", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ground = ground
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(padding, padding, padding, padding)
        self.body.setSpacing(S)
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        box(QPainter(self), self.rect(), Box(self._ground, "line", radius=R_CARD))


class Ground(QWidget):
    """A plain area in a token's colour, with at most one line at an edge: left | right | top | bottom."""

    def __init__(self, token: str = "app", edge: str = "", line: str = "line", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._token, self._edge, self._line = token, edge, line
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color(self._token))
        if not self._edge:
            return
        area = self.rect()
        edge = self._edge
        if self.isRightToLeft() and edge in ("left", "right"):
            edge = "left" if edge == "right" else "right"
        if edge in ("left", "right"):
            area.setWidth(1)
        else:
            area.setHeight(1)
        if edge == "right":
            area.moveRight(self.width() - 1)
        if edge == "bottom":
            area.moveBottom(self.height() - 1)
        painter.fillRect(area, theme().color(self._line))


class HeaderBar(Ground):
    """The line above a work area, as high in every screen; put its parts into `row`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("surface", edge="bottom", parent=parent)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(L, 0, L, 0)
        self.row.setSpacing(S)
        theme().changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        self.setFixedHeight(theme().dp(HEADER))


class TextColumn(QWidget):
    """No wider than the messages, at every size of the text: a longer line is hard to read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme().changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        self.setMaximumWidth(theme().dp(MESSAGE_COLUMN))


class Line(QWidget):
    """One pixel between two groups."""

    def __init__(self, token: str = "line_soft", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._token = token
        self.setFixedHeight(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme().color(self._token))
