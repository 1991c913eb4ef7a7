"""What the ledger shows while nothing has left: the zero, since when, and beside it what it does not see."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.core.ledger import Totals
from aqe_desktop.ui.screens.ledger.words import SEEN, SINCE, UNSEEN, ZERO, day
from aqe_desktop.ui.theme.tokens import FIGURE, MESSAGE, SECONDARY, SEMIBOLD, XS, M, S
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.label import Label


class Poster(QWidget):
    """Centred in whatever room it is given."""

    verify_asked = Signal()
    how_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(ZERO)
        self.zero = Label(ZERO, FIGURE, SEMIBOLD)
        self.since = Label("", MESSAGE, wrap=True)
        self.seen = Label(SEEN, SECONDARY, token="muted", wrap=True)
        self.unseen = Label(UNSEEN, SECONDARY, token="muted", wrap=True)
        self.verify = Button("Verify the chain", "primary", "check")
        self.how = Button("How to check this without us")
        self.verify.clicked.connect(self.verify_asked)
        self.how.clicked.connect(self.how_asked)
        column = QVBoxLayout(self)
        column.setSpacing(XS)
        column.addStretch(1)
        for label, gap in ((self.zero, S), (self.since, S), (self.seen, 0), (self.unseen, M)):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
            column.addSpacing(gap)
        column.addLayout(self._buttons())
        column.addStretch(1)

    def show_totals(self, totals: Totals) -> None:
        self.since.set_text(SINCE.format(day(totals.begun)))

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(S)
        row.addStretch(1)
        row.addWidget(self.verify)
        row.addWidget(self.how)
        row.addStretch(1)
        return row
