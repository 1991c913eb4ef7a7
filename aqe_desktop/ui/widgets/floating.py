"""What floats above the window without being one: a soft shadow, a place that follows the window's size."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

_DEPTH = 18


def shadow(painter: QPainter, rect: QRect, radius: float, depth: int = _DEPTH) -> None:
    """A soft shadow around `rect`, in layers: a graphics effect would render the whole widget twice."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for step in range(depth, 0, -1):
        painter.setBrush(QColor(0, 0, 0, 2))
        painter.drawRoundedRect(rect.adjusted(-step, -step + 3, step, step + 3), radius + step, radius + step)
    painter.restore()


class Overlay(QWidget):
    """Covers its parent, wherever that goes; `place` is called after every change of size."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.covered = parent
        parent.installEventFilter(self)
        self.setGeometry(parent.rect())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.covered and event.type() == QEvent.Type.Resize:
            self.place()
        return super().eventFilter(watched, event)

    def place(self) -> None:
        """Follow the parent."""
        self.setGeometry(self.covered.rect())
