"""Find in the open chat: a field above the transcript, the count, and the way to the next place."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from aqe_desktop.ui.theme.tokens import SECONDARY, S
from aqe_desktop.ui.widgets.button import IconButton
from aqe_desktop.ui.widgets.card import Ground
from aqe_desktop.ui.widgets.field import SearchField
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.transcript.view import Transcript

_DELAY_MS = 120


class FindBar(Ground):
    """Enter goes on, Shift+Enter back, Esc closes and gives the keyboard back."""

    closed = Signal()

    def __init__(self, transcript: Transcript, parent: QWidget | None = None) -> None:
        super().__init__("surface", edge="bottom", parent=parent)
        self._transcript = transcript
        self.field = SearchField("Find in this chat", "Find in this chat")
        self.field.setMaximumWidth(320)
        self.count = Label("", SECONDARY, token="muted")
        self.count.reserve("10000 of 10000")
        previous = IconButton("chevron-up", "Previous place (Shift+Enter)")
        following = IconButton("chevron-down", "Next place (Enter)")
        close = IconButton("close", "Close (Esc)")
        row = QHBoxLayout(self)
        row.setContentsMargins(S * 2, S - 2, S, S - 2)
        row.setSpacing(S)
        for part in (self.field, self.count, previous, following):
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(close)
        self._soon = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._soon.timeout.connect(self._find)
        self.field.textChanged.connect(lambda _text: self._soon.start())
        self.field.escaped.connect(self.leave)
        previous.clicked.connect(lambda: self._step(back=True))
        following.clicked.connect(lambda: self._step(back=False))
        close.clicked.connect(self.leave)
        self.hide()

    def enter(self) -> None:
        """Open it, or go back to its field with the text marked."""
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._find()

    def leave(self) -> None:
        self._transcript.clear_find()
        self.hide()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._step(back=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)

    def _step(self, *, back: bool) -> None:
        if self._soon.isActive():
            self._find()
            return
        (self._transcript.find_previous if back else self._transcript.find_next)()
        self._show()

    def _find(self) -> None:
        self._soon.stop()
        self._transcript.find_text(self.field.text())
        self._show()

    def _show(self) -> None:
        """Which place is shown: the search begins at what is read, and an answer that still comes adds places."""
        finder = self._transcript.finder
        words = f"{finder.number} of {finder.count}" if finder.count else "not found"
        self.count.set_text(words if self.field.text() else "")
