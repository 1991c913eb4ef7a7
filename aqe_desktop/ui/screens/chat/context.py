"""How much of the model's context the open chat fills: as the engine said it, else counted in the background."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.models import ModelRef
from aqe_desktop.ui.screens.chat.engine import EngineViewModel
from aqe_desktop.ui.screens.chat.figures import context_used
from aqe_desktop.ui.screens.chat.view_model import ChatViewModel, Where
from aqe_desktop.ui.tasks import Tasks

# What was counted: the chat, its last message with its state, and by which model.
_Key = tuple[Where, int, str, ModelRef]


class ContextViewModel(QObject):
    """`used` in tokens; None while nobody knows. Nothing is started for it: it waits until the engine is up."""

    changed = Signal()

    def __init__(self, chat: ChatViewModel, engine: EngineViewModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.used: int | None = 0
        self._chat, self._engine = chat, engine
        self._tasks = Tasks(self)
        self._counted: _Key | None = None
        chat.opened.connect(self._forget)
        chat.loaded.connect(self._look)
        chat.progressed.connect(self._look)
        engine.changed.connect(self._look)

    def _forget(self) -> None:
        """Another chat is open: what was counted was another's."""
        self._tasks.cancel()
        self._counted = None
        self._tell(context_used(self._chat.messages))
        self._look()

    def _look(self) -> None:
        messages, model = self._chat.messages, self._engine.model
        told = context_used(messages)
        if told is not None:
            self._counted = None
            self._tell(told)
        elif self._chat.exchange is None and model is not None and self._engine.ready:
            last = messages[-1]
            self._count((self._chat.where, last.id, last.state.value, model.ref))

    def _count(self, key: _Key) -> None:
        if key != self._counted:
            self._counted = key
            self._tasks.cancel()
            self._tasks.start(self._count_branch(key), name="count the chat")

    async def _count_branch(self, key: _Key) -> None:
        where, _, _, model = key
        assert where.conversation is not None
        try:
            tokens = await self._chat.space.chat.filled(where.conversation, model=model)
        except AqeError:
            # A figure beside the chat; what is wrong is said where it matters, at Send.
            return
        if key == self._counted:
            self._tell(tokens)

    def _tell(self, used: int | None) -> None:
        if used != self.used:
            self.used = used
            self.changed.emit()
