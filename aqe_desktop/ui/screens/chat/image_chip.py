"""The chip of an attached image: what it shows, how large it is, and why it stays here."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import ICON_SMALL, MEDIUM, R_CONTROL, SECONDARY, SMALL
from aqe_desktop.ui.widgets.chip import Chip
from aqe_desktop.ui.widgets.paint import Box, box, elided, ring, text_width, word
from aqe_desktop.ui.widgets.pictures import draw, pictures

_HEIGHT, _SIDE, _EDGE, _GAP, _CROSS, _WIDEST = 48, 40, 4, 8, 24, 260


class ImageChip(Chip):
    """A small picture, and beside it the name above one more line. A click opens it."""

    def __init__(self, name: str, data: bytes, parent: QWidget | None = None) -> None:
        super().__init__(name, removable=True, parent=parent)
        self._data = data
        self._below = ""
        self._binds = False
        pictures().ready.connect(self.update)

    def show_below(self, text: str, *, binds: bool) -> None:
        """What stands under the name; `binds`: it says why the image may not leave."""
        self._below, self._binds = text, binds
        self.setAccessibleName(f"Image {self.text()}, {text}")
        self.restyle()

    def sizeHint(self) -> QSize:
        words = max(text_width(self.text(), self._font()), text_width(self._below, theme().font(SMALL)))
        return QSize(min(theme().dp(_WIDEST), words) + self._beside(), theme().dp(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box(painter, self.rect(), Box("sunken", "line_strong" if self.hovered else "line", R_CONTROL))
        self._paint_picture(painter)
        self._paint_words(painter)
        icons.draw(painter, "close", "muted", self._cross(), theme().dp(12))
        if self.ringed:
            ring(painter, self.rect())

    def _paint_picture(self, painter: QPainter) -> None:
        side, edge = theme().dp(_SIDE), theme().dp(_EDGE)
        place = self.mirrored(QRect(edge, (self.height() - side) // 2, side, side))
        if not draw(painter, self._data, place, R_CONTROL - 2):
            icons.draw(painter, "file", "muted", place, theme().dp(ICON_SMALL))

    def _paint_words(self, painter: QPainter) -> None:
        dp, room = theme().dp, self.width() - self._beside()
        left, line = dp(_EDGE + _SIDE + _GAP), self.height() // 2
        below = theme().font(SMALL)
        name = elided(self.text(), self._font(), room, Qt.TextElideMode.ElideMiddle)
        self.cut = name != self.text()
        rows = (
            (name, self._font(), "text", dp(4)),
            (self._below, below, "danger" if self._binds else "muted", line - 1),
        )
        for text, font, token, top in rows:
            word(painter, self.mirrored(QRect(left, top, room, line - dp(3))), text, font, theme().color(token))

    def _cross(self) -> QRect:
        side = theme().dp(_CROSS)
        return self.mirrored(QRect(self.width() - side, 0, side, self.height()))

    def _beside(self) -> int:
        return theme().dp(_EDGE + _SIDE + _GAP + _CROSS)

    def _font(self) -> QFont:
        return theme().font(SECONDARY, MEDIUM)
