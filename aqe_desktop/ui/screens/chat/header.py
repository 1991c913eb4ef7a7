"""The line above the transcript: the title of the chat, what is special about it, and the way to find and facts."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from aqe_desktop.ui.theme.tokens import SEMIBOLD, TITLE
from aqe_desktop.ui.widgets.button import IconButton
from aqe_desktop.ui.widgets.card import HeaderBar
from aqe_desktop.ui.widgets.chip import Chip
from aqe_desktop.ui.widgets.label import Label

TEMPORARY = "Kept in memory only; gone when the app ends."

BOUND = "Something private stands in this chat, so every later message of it stays as near."


class ChatHeader(HeaderBar):
    """Says and asks; decides nothing."""

    find_asked = Signal()
    temporary_asked = Signal()
    panel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Label("", TITLE, SEMIBOLD)
        self.title.setObjectName("chat-title")
        self.temporary = Chip("temporary", icon="eye-off")
        self.temporary.set_facts((TEMPORARY,))
        self.bound = Chip("bound to this device", icon="lock")
        self.bound.set_facts((BOUND,))
        self.bound.hide()
        self.begin_temporary = IconButton("eye-off", "New temporary chat (Ctrl+Shift+N)")
        self.search = IconButton("search", "Find in this chat (Ctrl+F)")
        self.panel = IconButton("panel-right", "Show or hide the facts (Ctrl+Shift+B)")
        self.row.addWidget(self.title)
        self.row.addWidget(self.temporary)
        self.row.addWidget(self.bound)
        self.row.addStretch(1)
        self.row.addWidget(self.begin_temporary)
        self.row.addWidget(self.search)
        self.row.addWidget(self.panel)
        self.begin_temporary.clicked.connect(self.temporary_asked)
        self.search.clicked.connect(self.find_asked)
        self.panel.clicked.connect(self.panel_asked)

    def set_bound(self, bound: bool) -> None:
        """Something private stands in the chat, so all of it stays where that may be."""
        self.bound.setVisible(bound)

    def show_chat(self, title: str, *, temporary: bool) -> None:
        """An empty title is a chat that has not begun: then nothing but the ways to find and facts stand here."""
        self.title.set_text(title)
        self.temporary.setVisible(temporary)
        # A chat that has begun is kept already; there the way to a temporary one is a new chat.
        self.begin_temporary.setVisible(not title and not temporary)
        self._edge = "bottom" if title or temporary else ""
        self.update()
