"""The facts behind the route chip, one click away: why the window may say where a text goes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.ui.screens.chat.route_card import breakable
from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import ICON_SMALL, SECONDARY, SEMIBOLD, M, S
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.popover import Popover

_WIDTH = 360


class FactsPopover(Popover):
    """Opens over the chip."""

    def __init__(self, title: str, facts: Sequence[str], parent: QWidget) -> None:
        super().__init__(f"{title}. {' '.join(facts)}", parent)
        self.setObjectName("facts")
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
        self.open_above(anchor)
        self.setFocus()


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
