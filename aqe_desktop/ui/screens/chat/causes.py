"""A notice goes when its cause does: who tells of a cause seldom learns that it is over."""

from __future__ import annotations

from PySide6.QtCore import QObject

from aqe_desktop.ui.screens.chat.composer import EMPTY, STILL_ANSWERING, Composer
from aqe_desktop.ui.screens.chat.composer_state import ComposerViewModel
from aqe_desktop.ui.screens.chat.notices import Notices
from aqe_desktop.ui.screens.chat.view_model import ChatViewModel

# What a reply noted on its way, how files came here, that a draft is too long: each has one notice, however worded.
REPLY, FILES, FIT = "reply", "files", "fit"


class Causes(QObject):
    """Watches the open chat and its composer, and says to `notices` what is over."""

    def __init__(
        self, notices: Notices, chat: ChatViewModel, composer: Composer, state: ComposerViewModel, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._notices, self._chat, self._state = notices, chat, state
        chat.progressed.connect(self._answered)
        chat.saved.connect(lambda: notices.over(REPLY))
        composer.editor.textChanged.connect(self._written)
        state.files_changed.connect(self._written)

    def _answered(self) -> None:
        if self._chat.exchange is None:
            self._notices.over(STILL_ANSWERING)

    def _written(self) -> None:
        if not self._state.empty:
            self._notices.over(EMPTY)
        if not self._state.files:
            self._notices.over(FILES)
