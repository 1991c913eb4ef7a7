"""The rail: icon and word for every screen, and the way to a sidebar that is folded."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from aqe_desktop.ui.shell.screens import Entry
from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import ICON_LARGE, R_BLOCK, RAIL, REGULAR, SEMIBOLD, SMALL, XS, S
from aqe_desktop.ui.widgets.button import IconButton
from aqe_desktop.ui.widgets.card import Ground
from aqe_desktop.ui.widgets.control import Control
from aqe_desktop.ui.widgets.paint import Box, box, elided, ring, word
from aqe_desktop.ui.widgets.tip import plain_tip

_HEIGHT = 46


class RailButton(Control):
    """One screen's place in the rail."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.word)
        self.entry = entry
        self.setCheckable(True)
        self.setToolTip(plain_tip(f"{entry.word} ({entry.shortcut})"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(theme().dp(RAIL) - 2 * XS - 1, theme().dp(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        on = self.isChecked()
        if on or self.hovered:
            box(painter, self.rect(), Box("accent_soft" if on else "hover", radius=R_BLOCK))
        token = "accent" if on else ("text" if self.hovered else "muted")
        glyph = theme().dp(ICON_LARGE)
        icons.draw(painter, self.entry.icon, token, QRect(0, theme().dp(6), self.width(), glyph), glyph)
        font = theme().font(SMALL, SEMIBOLD if on else REGULAR)
        shown = elided(self.text(), font, self.width() - 2)
        self.cut = shown != self.text()
        foot = QRect(0, theme().dp(27), self.width(), theme().dp(16))
        word(painter, foot, shown, font, theme().color(token), Qt.AlignmentFlag.AlignHCenter)
        if self.ringed:
            ring(painter, self.rect(), R_BLOCK)

    def nextCheckState(self) -> None:
        """A press asks; the rail marks what is shown. In a button group Tab would pass over all but the marked one."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
            return
        super().keyPressEvent(event)


class Rail(Ground):
    """`chosen` brings the key of the screen that the user wants."""

    chosen = Signal(str)
    sidebar_asked = Signal()

    def __init__(self, entries: Sequence[Entry], parent: QWidget | None = None) -> None:
        super().__init__("app", "right", parent=parent)
        self.setAccessibleName("Screens")
        self._buttons: list[RailButton] = []
        self._unfold = IconButton("panel-left", "Show the sidebar (Ctrl+B)", size=36)
        self._unfold.clicked.connect(self.sidebar_asked)
        self._unfold.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(XS, S, XS + 1, S)
        column.setSpacing(2)
        column.addWidget(self._unfold, 0, Qt.AlignmentFlag.AlignHCenter)
        self._add(column, [entry for entry in entries if not entry.bottom])
        column.addStretch(1)
        self._add(column, [entry for entry in entries if entry.bottom])
        theme().changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        self.setFixedWidth(theme().dp(RAIL))

    def set_current(self, key: str) -> None:
        """Mark the screen on show; no signal."""
        for button in self._buttons:
            button.setChecked(button.entry.key == key)

    def set_folded(self, folded: bool) -> None:
        """Offer the sidebar while it has no place of its own."""
        self._unfold.setVisible(folded)

    def _add(self, column: QVBoxLayout, entries: Sequence[Entry]) -> None:
        for entry in entries:
            button = RailButton(entry)
            button.clicked.connect(lambda _=False, key=entry.key: self.chosen.emit(key))
            self._buttons.append(button)
            column.addWidget(button)
