"""What opens beside a control and goes by itself: rounded on every screen, also where nobody blends windows."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPixmap, QShowEvent
from PySide6.QtWidgets import QWidget

from aqe_desktop.ui.theme.tokens import R_BLOCK
from aqe_desktop.ui.widgets.paint import Box, box

_CLOSING = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_GAP, _EDGE = 6, 8


class Popover(QWidget):
    """Floats above its anchor and within the anchor's window; a click elsewhere or Esc closes and deletes it.

    Not see-through: without a compositor its corners would be black. They show what lay under them at the opening."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(name)
        self._window = parent.window()
        self._under = QPixmap()

    def open_above(self, anchor: QWidget, *, at_end: bool = False) -> None:
        """Over `anchor`, aligned with its start or end in the reading direction."""
        right = at_end != self.isRightToLeft()
        corner = anchor.mapTo(anchor.window(), QPoint(anchor.width() - self.width() if right else 0, 0))
        most = anchor.window().width() - self.width() - _EDGE
        place = QPoint(max(_EDGE, min(corner.x(), most)), max(_EDGE, corner.y() - self.height() - _GAP))
        self.move(anchor.window().mapToGlobal(place))
        self.show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._under = self._window.grab(self.geometry().translated(-self._window.mapToGlobal(QPoint())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Space and Enter come here only where no button of the popover has them.
        if event.key() in _CLOSING:
            self.close()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(QPoint(), self._under)
        box(painter, self.rect(), Box("raised", "line_strong", radius=R_BLOCK))
