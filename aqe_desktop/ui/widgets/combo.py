"""One choice out of a few, opened as our own menu."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import FIELD, ICON_SMALL, MEDIUM
from aqe_desktop.ui.widgets.control import Control
from aqe_desktop.ui.widgets.paint import Box, box, elided, ring, text_width, word

_PADDING, _GAP = 10, 8


class Combo(Control):
    """`options` are (text, value) pairs; `chosen` is emitted for a choice of the user's, not by `select`.

    `quiet` draws no box, for a line of controls inside one."""

    chosen = Signal(object)

    def __init__(
        self,
        options: Sequence[tuple[str, Any]] = (),
        name: str = "",
        icon: str = "",
        quiet: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", parent)
        self._options: list[tuple[str, Any]] = []
        self._value: Any = None
        self._name, self._icon, self._quiet = name, icon, quiet
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self.open_menu)
        self.set_options(options)

    @property
    def value(self) -> Any:
        return self._value

    def set_options(self, options: Sequence[tuple[str, Any]]) -> None:
        """Other choices; the value stays if it is among them, else the first is taken, without a signal."""
        self._options = list(options)
        values = [value for _, value in self._options]
        if self._value not in values:
            self._value = values[0] if values else None
        self._show()

    def select(self, value: Any) -> None:
        self._value = value
        self._show()

    def open_menu(self) -> None:
        """Show the choices; returns at once."""
        if not self._options:
            return
        from aqe_desktop.ui.widgets.menu import Menu  # not on the way to the first frame

        menu = Menu(self)
        for text, value in self._options:
            menu.add(text, partial(self._choose, value), checked=value == self._value)
        menu.popup_under(self)

    def sizeHint(self) -> QSize:
        widest = max((text_width(text, self._font()) for text, _ in self._options), default=40)
        return QSize(widest + self._around(), theme().dp(FIELD))

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), theme().dp(80)), theme().dp(FIELD))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if not self._quiet:
            box(painter, self.rect(), Box("raised", "line_strong"))
        elif self.hovered:
            box(painter, self.rect(), Box("sunken"))
        token = "faint" if not self.isEnabled() else ("muted" if self._quiet else "text")
        size, x = theme().dp(ICON_SMALL), _PADDING
        if self._icon:
            icons.draw(painter, self._icon, token, self.mirrored(QRect(x, 0, size, self.height())), size)
            x += size + 6
        shown = elided(self.text(), self._font(), self.width() - self._around())
        self.cut = shown != self.text()
        width = text_width(shown, self._font())
        word(painter, self.mirrored(QRect(x, 0, width, self.height())), shown, self._font(), theme().color(token))
        x = x + width + _GAP if self._quiet else self.width() - _PADDING - size
        icons.draw(painter, "chevron-down", token, self.mirrored(QRect(x, 0, size, self.height())), size)
        if self.ringed:
            ring(painter, self.rect())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_F4):
            self.open_menu()
            return
        super().keyPressEvent(event)

    def _choose(self, value: Any) -> None:
        if value != self._value:
            self.select(value)
            self.chosen.emit(value)

    def _show(self) -> None:
        text = next((text for text, value in self._options if value == self._value), "")
        self.setText(text)
        self.setAccessibleName(self._name or text)
        self.setAccessibleDescription(text)
        self.restyle()

    def _around(self) -> int:
        size = theme().dp(ICON_SMALL)
        return 2 * _PADDING + _GAP + size + (size + 6 if self._icon else 0)

    def _font(self) -> QFont:
        return theme().font(weight=MEDIUM if self._quiet else 400)
