"""A message that stays: what happened, what was kept, and the one next step as a button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import ICON, R_BLOCK, SECONDARY, SEMIBOLD, XS, L, M, S
from aqe_desktop.ui.widgets.button import Button, IconButton
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.paint import Box, box

_ICONS = {"info": "info", "warning": "warning", "failed": "warning"}
_NARROW = 440


class Glyph(QWidget):
    """An icon that only says something; a screen reader passes it over."""

    def __init__(self, icon: str, token: str = "muted", size: int = ICON, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._token, self._size = icon, token, size
        theme().changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        self.setFixedSize(theme().dp(self._size) + 2, theme().dp(self._size) + 2)
        self.update()

    def show_icon(self, icon: str, token: str) -> None:
        self._icon, self._token = icon, token
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        icons.draw(QPainter(self), self._icon, self._token, self.rect(), theme().dp(self._size))


class Banner(QWidget):
    """`kind` is info | warning | failed. Only a failure is red; a warning is its icon and its words."""

    acted = Signal()
    closed = Signal()

    def __init__(
        self,
        kind: str = "info",
        title: str = "",
        message: str = "",
        hint: str = "",
        action: str = "",
        closable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._failed = kind == "failed"
        self.glyph = Glyph(_ICONS[kind], self._strong())
        self.title = Label(title, weight=SEMIBOLD, token=self._strong(), wrap=True)
        self.message = Label(message, SECONDARY + 0.5, wrap=True, selectable=True)
        self.hint = Label(hint, SECONDARY, token="muted", wrap=True)
        self.action = Button(action)
        self.action.clicked.connect(self.acted)
        self._close = IconButton("close", "Close", size=24)
        if not closable:
            self._close.hide()
        self._close.clicked.connect(self.closed)
        self._arrange()
        self._show_parts()
        theme().changed.connect(self.update)

    def show_error(self, message: str, hint: str = "", action: str = "") -> None:
        """Say another failure: the message is what happened and what was kept, the hint the one next step."""
        self.message.set_text(message)
        self.hint.set_text(hint)
        self.action.setText(action)
        self.action.setAccessibleName(action)
        self._show_parts()
        self.announce()

    def announce(self) -> None:
        """Let a screen reader say it, because the eye may be elsewhere."""
        parts = (self.title.text(), self.message.text(), self.hint.text())
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, " ".join(part for part in parts if part)))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = Box("danger_soft", "danger_line", R_BLOCK) if self._failed else Box("raised", "line", R_BLOCK)
        box(QPainter(self), self.rect(), look)

    def _arrange(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(XS)
        for label in (self.title, self.message, self.hint):
            words.addWidget(label)
        self._flow = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._flow.setSpacing(L)
        self._flow.addLayout(words, 1)
        self._flow.addWidget(self.action, 0, Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(M, M - 2, M, M - 2)
        row.setSpacing(S + 2)
        row.addWidget(self.glyph, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(self._flow, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)

    def resizeEvent(self, event: QResizeEvent) -> None:
        narrow = self.width() < theme().dp(_NARROW)
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if direction != self._flow.direction():
            self._flow.setDirection(direction)
            side = Qt.AlignmentFlag.AlignLeading if narrow else Qt.AlignmentFlag.AlignVCenter
            self._flow.setAlignment(self.action, side)
            self._flow.setSpacing(S if narrow else L)
            # The layout keeps the button's old widest size in a cache that only the button itself can clear.
            self.action.updateGeometry()
        super().resizeEvent(event)

    def _show_parts(self) -> None:
        for part in (self.title, self.message, self.hint, self.action):
            part.setVisible(bool(part.text()))
        self.setAccessibleName(self.title.text() or self.message.text())
        self.updateGeometry()

    def _strong(self) -> str:
        return "danger" if self._failed else "text"
