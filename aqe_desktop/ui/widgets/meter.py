"""Bars: how much of something is used. The accent in steps, because the other colours mean where it runs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.widgets.figures import share_text

STEPS = (1.0, 0.62, 0.36, 0.2)
"""How strongly each part is painted, for bars and their legends."""
_HEIGHT = 6


class ContextBar(QWidget):
    """Parts of a whole, side by side, strongest first; a screen reader hears the sum in per cent."""

    def __init__(self, name: str, height: int = 8, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._height = name, height
        self._shares: list[float] = []
        self._colour = "accent"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        theme().changed.connect(self.update)

    def set_parts(self, parts: Sequence[float], total: float) -> None:
        """At most four parts; what goes beyond `total` is said and not drawn."""
        self._shares = [max(0.0, part / total) for part in parts] if total > 0 else []
        self.setAccessibleDescription(share_text(sum(self._shares)))
        self.update()

    def set_full(self, full: bool) -> None:
        """Nothing more goes in, and that is a problem: the one case in which a bar is red."""
        self._colour = "danger" if full else "accent"
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self._height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = QPainterPath()
        radius = self.height() / 2
        path.addRoundedRect(QRectF(self.rect()), radius, radius)
        painter.setClipPath(path)
        painter.fillRect(self.rect(), theme().color("hover"))
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        at = 0.0
        for share, strength in zip(self._shares, STEPS, strict=False):
            width = min(share, 1.0 - at) * self.width()
            x = at * self.width() if not mirrored else self.width() - at * self.width() - width
            painter.fillRect(QRectF(x, 0, width, self.height()), theme().color(self._colour, strength))
            at = min(1.0, at + share)


class MeterBar(ContextBar):
    """One fraction; None draws the whole bar faintly: something is being done, and nobody knows how much of it."""

    def __init__(self, name: str, height: int = _HEIGHT, parent: QWidget | None = None) -> None:
        super().__init__(name, height, parent)

    def set_fraction(self, fraction: float | None) -> None:
        self.set_parts([fraction] if fraction is not None else [0.0, 0.0, 1.0], 1.0)
        if fraction is None:
            self.setAccessibleDescription("")
