"""Yes or no: a switch for what takes effect at once, a check box for what is sent with a form."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent, Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.widgets.control import Control
from aqe_desktop.ui.widgets.paint import Box, box, elided, ring, text_width, word

_WIDTH, _HEIGHT, _BOX, _GAP = 30, 18, 16, 8


class Toggle(Control):
    """A switch; `name` is what it switches, for screen readers. The word beside it is the caller's."""

    def __init__(self, name: str, checked: bool = False, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName(name)
        self.setCheckable(True)
        self.setChecked(checked)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(theme().dp(_WIDTH) + 4, theme().dp(_HEIGHT) + 4)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setOpacity(1.0 if self.isEnabled() else 0.5)
        track = self.rect().adjusted(2, 2, -2, -2)
        on = self.isChecked()
        box(painter, track, Box("accent" if on else "sunken", "" if on else "line_strong", radius=track.height() / 2))
        at_end = on != (self.layoutDirection() == Qt.LayoutDirection.RightToLeft)
        radius = track.height() / 2 - 3
        x = track.right() - radius - 2 if at_end else track.left() + radius + 3
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("on_accent" if on else "line_strong"))
        painter.drawEllipse(QPointF(x, track.center().y() + 0.5), radius, radius)
        if self.ringed:
            ring(painter, self.rect(), self.height() / 2)


class Checkbox(Control):
    """A box and its words; the whole line is the target."""

    def __init__(self, text: str, checked: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setCheckable(True)
        self.setChecked(checked)

    def sizeHint(self) -> QSize:
        return QSize(self._start() + text_width(self.text(), theme().font()) + 4, theme().dp(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setOpacity(1.0 if self.isEnabled() else 0.5)
        side, on = theme().dp(_BOX), self.isChecked()
        square = self.mirrored(QRect(3, (self.height() - side) // 2, side, side))
        box(painter, square, Box("accent" if on else "raised", "accent" if on else "line_strong", radius=4))
        if on:
            icons.draw(painter, "check", "on_accent", square, side - 3)
        room = self.width() - self._start()
        shown = elided(self.text(), theme().font(), room)
        self.cut = shown != self.text()
        area = QRect(self._start(), 0, text_width(shown, theme().font()), self.height())
        word(painter, self.mirrored(area), shown, theme().font(), theme().color("text"))
        if self.ringed:
            ring(painter, square.adjusted(-3, -3, 3, 3), 6)

    def _start(self) -> int:
        return 3 + theme().dp(_BOX) + _GAP
