"""A notice goes when its cause does: who tells of a cause seldom learns that it is over."""

from __future__ import annotations

from PySide6.QtCore import QObject

from aqe_desktop.ui.screens.chat.composer import EMPTY, STILL_ANSWERING, Composer
from aqe_desktop.ui.screens.chat.composer_state import ComposerViewModel
from aqe_desktop.ui.screens.chat.notices import Notices
from aqe_desktop.ui.screens.chat.view_model import ChatViewModel

# How files came here, and that a draft is too long: each has one notice, however it is worded.
FILES, FIT = "files", "fit"


class Causes(QObject):
    """Watches the open chat and its composer, and says to `notices` what is over."""

    def __init__(
        self, notices: Notices, chat: ChatViewModel, composer: Composer, state: ComposerViewModel, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._notices, self._chat, self._state = notices, chat, state
        chat.progressed.connect(self._answered)
        self._noted: list[str] = []
        chat.noted.connect(self._note)
        chat.saved.connect(self._saved)
        composer.editor.textChanged.connect(self._written)
        state.files_changed.connect(self._written)

    def _note(self, text: str) -> None:
        """What a reply says on its way, e.g. that the disk is full."""
        self._noted.append(text)
        self._notices.tell(text)

    def _saved(self) -> None:
        while self._noted:
            self._notices.over(self._noted.pop())

    def _answered(self) -> None:
        if self._chat.exchange is None:
            self._notices.over(STILL_ANSWERING)

    def _written(self) -> None:
        if not self._state.empty:
            self._notices.over(EMPTY)
        if not self._state.files:
            self._notices.over(FILES)
