"""A short word about what was done, with the way back: undone rather than confirmed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QEnterEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QShortcut,
)
from PySide6.QtWidgets import QHBoxLayout, QWidget

from aqe_desktop.ui.theme.tokens import R_CARD, M, S
from aqe_desktop.ui.widgets.button import Button, IconButton
from aqe_desktop.ui.widgets.floating import shadow
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.paint import Box, box

_MARGIN = 12
_MOST = 3
REACH_KEY = "F8"


class Toast(QWidget):
    """One message. Its time stands still while the pointer or the keyboard is on it; Esc sends it away."""

    acted = Signal()
    expired = Signal()

    def __init__(self, text: str, action: str, seconds: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(text)
        self.label = Label(text)
        self.button = Button(action, "link")
        self.button.clicked.connect(self._act)
        self.button.installEventFilter(self)
        self._close = IconButton("close", "Dismiss", size=24)
        self._close.clicked.connect(self.dismiss)
        self._close.installEventFilter(self)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN + M, _MARGIN + S, _MARGIN + S, _MARGIN + S)
        row.setSpacing(M)
        row.addWidget(self.label, 1)
        row.addWidget(self.button)
        row.addWidget(self._close)
        # Only now: a part without its place would be a window for a moment, and take the keyboard.
        self.button.setVisible(bool(action))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        self._left = round(seconds * 1000)
        self._timer.start(self._left)

    def is_paused(self) -> bool:
        """Whether its time stands still."""
        return not self._timer.isActive()

    def fit(self, room: int) -> QSize:
        """Its size in so much width: a text too long for one line takes several, because nothing else says it."""
        self.label.set_wrap(False)
        size = self.sizeHint()
        if size.width() <= room:
            return size
        self.label.set_wrap(True)
        return QSize(room, self._row.totalHeightForWidth(room))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = self.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        shadow(painter, area, R_CARD, _MARGIN - 3)
        box(painter, area, Box("raised", "line", R_CARD))

    def enterEvent(self, event: QEnterEvent) -> None:
        self._pause()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._go_on()
        super().leaveEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:
            self._pause()
        if event.type() == QEvent.Type.FocusOut:
            self._go_on()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
            return
        super().keyPressEvent(event)

    def _pause(self) -> None:
        if self._timer.isActive():
            self._left = self._timer.remainingTime()
            self._timer.stop()

    def _go_on(self) -> None:
        if not self.underMouse() and not self.button.hasFocus() and not self._close.hasFocus():
            self._timer.start(max(self._left, 1000))

    def _act(self) -> None:
        self._timer.stop()
        self.acted.emit()
        self._leave()

    def dismiss(self) -> None:
        """End it as if its time were over."""
        self._timer.stop()
        self.expired.emit()
        self._leave()

    def _leave(self) -> None:
        self.hide()
        self.deleteLater()


class ToastHost(QObject):
    """Keeps the toasts of one window at the lower edge of its free room, newest lowest; F8 brings the keyboard to the
    newest. `room` says where they cover nothing that is used; call `place` when it is another."""

    def __init__(self, window: QWidget, room: Callable[[], QRect] | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._room = room or window.rect
        self._toasts: list[Toast] = []
        window.installEventFilter(self)
        QShortcut(QKeySequence(REACH_KEY), window, self.focus_newest)

    def offer(self, text: str, action: str = "Undo", seconds: float = 10) -> Toast:
        """Say it; connect to the toast's `acted` (and to `expired`, if its end matters)."""
        while len(self._toasts) >= _MOST:
            self._toasts[0].dismiss()
        toast = Toast(text, action, seconds, self._window)
        toast.acted.connect(lambda: self._forget(toast))
        toast.expired.connect(lambda: self._forget(toast))
        self._toasts.append(toast)
        # Placed first: shown at the corner and then moved, it would take the pointer there for a reader's.
        self.place()
        toast.show()
        spoken = f"{text} {action}: {REACH_KEY}" if action else text
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(toast, spoken))
        return toast

    def focus_newest(self) -> None:
        """The keyboard's way to the newest toast."""
        if self._toasts:
            self._toasts[-1].button.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.place()
        return super().eventFilter(watched, event)

    def _forget(self, toast: Toast) -> None:
        self._toasts.remove(toast)
        self.place()

    def place(self) -> None:
        """Where the free room is now."""
        room = self._room()
        bottom = room.bottom() - S
        for toast in reversed(self._toasts):
            size = toast.fit(room.width() - 2 * S)
            bottom -= size.height() - 2 * _MARGIN
            toast.setGeometry(
                room.x() + (room.width() - size.width()) // 2, bottom - _MARGIN, size.width(), size.height()
            )
            bottom -= _MARGIN
            toast.raise_()
