"""The facts behind the route chip, one click away: why the window may say where a text goes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.ui.screens.chat.route_card import breakable
from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import ICON_SMALL, R_BLOCK, SECONDARY, SEMIBOLD, M, S
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.paint import Box, box

_WIDTH = 360


class FactsPopover(QWidget):
    """Floats above the chip; any click elsewhere or Esc closes and deletes it."""

    def __init__(self, title: str, facts: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setObjectName("facts")
        self.setAccessibleName(f"{title}. {' '.join(facts)}")
        self.setFixedWidth(theme().dp(_WIDTH))
        column = QVBoxLayout(self)
        column.setContentsMargins(M, M, M, M)
        column.setSpacing(S)
        column.addWidget(Label(title, weight=SEMIBOLD))
        for fact in facts:
            column.addLayout(_row(fact))

    def show_above(self, anchor: QWidget) -> None:
        """Open over `anchor`, aligned with its start."""
        layout = self.layout()
        assert layout is not None
        self.setFixedHeight(layout.totalHeightForWidth(self.width()))
        self.move(anchor.mapToGlobal(QPoint(0, -self.height() - 6)))
        self.show()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.close()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box(painter, self.rect(), Box("raised", "line_strong", radius=R_BLOCK))


def _row(fact: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(S)
    row.addWidget(_Tick(), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(Label(breakable(fact), SECONDARY, token="muted", wrap=True), 1)
    return row


class _Tick(QWidget):
    def __init__(self) -> None:
        super().__init__()
        side = theme().dp(ICON_SMALL)
        self.setFixedSize(side, side + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        icons.draw(QPainter(self), "check", "muted", self.rect(), theme().dp(ICON_SMALL))
