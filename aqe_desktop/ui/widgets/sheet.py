"""A modal sheet inside the window: it never waits in a nested loop, keeps the keyboard, and gives it back."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import FADE, HEADER, R_SHEET, SEMIBOLD, TITLE, L, M, S
from aqe_desktop.ui.widgets.button import Button, IconButton
from aqe_desktop.ui.widgets.card import Line
from aqe_desktop.ui.widgets.floating import Overlay, shadow
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.paint import Box, box

_EDGE = 24
_SCRIM = 0.46


class Sheet(Overlay):
    """Fill `body`, add buttons, `open()`; `finished` brings the key of the button, or "" when it was dismissed.

    Enter presses the default button only, and there is one only where the caller has said so."""

    finished = Signal(str)

    def __init__(self, window: QWidget, title: str, width: int = 560) -> None:
        super().__init__(window)
        self.setAccessibleName(title)
        self.hide()
        self._width = width
        self._alpha = 1.0
        self._before: QWidget | None = None
        self._default: Button | None = None
        self._done = False
        self.panel = _Panel(self)
        self._column = QVBoxLayout(self.panel)
        self.title = Label(title, TITLE, SEMIBOLD)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(L, L, L, L)
        self.body.setSpacing(M)
        self._footer = QWidget()
        self._foot_line = Line("line")
        self._buttons = QHBoxLayout(self._footer)
        self._buttons.setContentsMargins(L, M, L, M)
        self._buttons.setSpacing(S)
        self._buttons.addStretch(1)
        self._arrange()
        theme().changed.connect(self.place)

    @staticmethod
    def open_in(window: QWidget) -> bool:
        """Whether a sheet covers the window now, so that its shortcuts must rest."""
        return any(sheet.isVisible() for sheet in window.findChildren(Sheet))

    def add_button(self, text: str, kind: str = "plain", key: str = "", default: bool = False) -> Button:
        """A button of the footer, from the end on; it closes the sheet with `key`. An empty key closes nothing."""
        button = Button(text, kind)
        if key:
            button.clicked.connect(lambda: self.close_with(key))
        if kind == "danger":
            self._buttons.insertWidget(0, button)
        else:
            self._buttons.addWidget(button)
        if default:
            self._default = button
        return button

    def open(self) -> None:
        """Show it and take the keyboard; returns at once."""
        self._before = QApplication.focusWidget()
        has_buttons = self._buttons.count() > 1
        self._footer.setVisible(has_buttons)
        self._foot_line.setVisible(has_buttons)
        self.place()
        self.show()
        self.raise_()
        self._focus_first()
        self._fade()

    def close_with(self, key: str) -> None:
        """End it; the keyboard goes back to where it was."""
        if self._done:
            return
        self._done = True
        self.hide()
        if self._before is not None and isValid(self._before) and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.finished.emit(key)
        self.deleteLater()

    def place(self) -> None:
        super().place()
        width = min(theme().dp(self._width), self.width() - 2 * _EDGE)
        self.panel.setFixedWidth(width)
        wanted = max(self._column.totalHeightForWidth(width), self._column.totalSizeHint().height())
        height = min(wanted, self.height() - 2 * _EDGE)
        top = max(_EDGE, (self.height() - height) // 3)
        self.panel.setGeometry(QRect((self.width() - width) // 2, top, width, height))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(0, 0, 0, round(255 * _SCRIM * self._alpha)))
        shadow(painter, self.panel.geometry(), R_SHEET)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_with("")
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._default is not None:
            self._default.click()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # A click beside the sheet does nothing: what was typed into it must not vanish by a slip.
        event.accept()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes round inside the sheet."""
        stops = self._stops()
        current = QApplication.focusWidget()
        at = stops.index(current) if current in stops else -1
        if stops:
            reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
            stops[(at + (1 if forward else -1)) % len(stops)].setFocus(reason)
        return True

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(L, 0, S + 2, 0)
        head.addWidget(self.title, 1)
        close = IconButton("close", "Close")
        close.clicked.connect(lambda: self.close_with(""))
        head.addWidget(close)
        holder = QWidget()
        holder.setLayout(head)
        holder.setFixedHeight(theme().dp(HEADER))
        column = self._column
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(holder)
        column.addWidget(Line("line"))
        column.addLayout(self.body, 1)
        column.addWidget(self._foot_line)
        column.addWidget(self._footer)
        self._close = close

    def _stops(self) -> list[QWidget]:
        """What Tab can reach, in the order of the focus chain."""
        found, widget = [], self.panel.nextInFocusChain()
        while widget is not self.panel and widget is not None:
            takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            if takes and widget.isEnabled() and widget.isVisible() and self.panel.isAncestorOf(widget):
                found.append(widget)
            widget = widget.nextInFocusChain()
        return found

    def _focus_first(self) -> None:
        stops = self._stops()
        typed = next((stop for stop in stops if isinstance(stop, QLineEdit | QPlainTextEdit)), None)
        first = typed or self._default or next((stop for stop in stops if stop is not self._close), self._close)
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fade(self) -> None:
        if theme().reduced_motion:
            return
        fade = QVariantAnimation(self)
        fade.setDuration(FADE)
        fade.setStartValue(0.0)
        fade.setEndValue(1.0)
        fade.valueChanged.connect(self._set_alpha)
        fade.start(QVariantAnimation.DeletionPolicy.DeleteWhenStopped)

    def _set_alpha(self, value: float) -> None:
        self._alpha = value
        self.update()


class _Panel(QWidget):
    def paintEvent(self, event: QPaintEvent) -> None:
        box(QPainter(self), self.rect(), Box("surface", "line", R_SHEET))
