"""Send, and Stop in its place: one button of one size, so that the hand finds either where it is."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import ICON, ICON_SMALL
from aqe_desktop.ui.widgets.control import Control
from aqe_desktop.ui.widgets.paint import Box, box, ring
from aqe_desktop.ui.widgets.tip import plain_tip

_SIDE = 32


class SendButton(Control):
    """An arrow on accent, or a square in a frame while `stops`; the name says which, and the key for it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.stops = False
        self._key = "Enter"
        self.setObjectName("send")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._say()

    def set_stops(self, stops: bool) -> None:
        """Stop while a reply is under way, Send otherwise."""
        if stops != self.stops:
            self.stops = stops
            self._say()
            self.update()

    def set_key(self, key: str) -> None:
        """The key that sends, for the tooltip."""
        self._key = key
        self._say()

    def sizeHint(self) -> QSize:
        return QSize(theme().dp(_SIDE), theme().dp(_SIDE))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.stops:
            box(painter, self.rect(), Box("sunken" if self.hovered else "raised", "text", radius=8))
            icons.draw(painter, "stop", "text", self._glyph(), theme().dp(ICON_SMALL))
        else:
            painter.setOpacity(0.45 if not self.isEnabled() else (0.9 if self.hovered else 1.0))
            box(painter, self.rect(), Box("accent", radius=8))
            painter.setOpacity(1.0)
            icons.draw(painter, "send", "on_accent", self._glyph(), theme().dp(ICON))
        if self.ringed:
            ring(painter, self.rect(), 8)

    def _glyph(self) -> QRect:
        return self.rect()

    def _say(self) -> None:
        name, key = ("Stop", "Esc") if self.stops else ("Send", self._key)
        self.setAccessibleName(name)
        self.setToolTip(plain_tip(f"{name} ({key})"))
