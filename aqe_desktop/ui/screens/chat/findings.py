"""What is private in what is being written: looked for after each pause in typing, off the loop, each text once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import aclosing
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from aqe_desktop.core.chat import Attachment, Message, Role
from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.findings import UNREAD, Dismissal, Found
from aqe_desktop.services.privacy import PrivacyService
from aqe_desktop.ui.screens.chat.composer_state import ComposerViewModel
from aqe_desktop.ui.screens.chat.view_model import ChatViewModel
from aqe_desktop.ui.tasks import Tasks

DELAY_MS = 150
# Seconds after which the scanner is made ready though nobody has typed: the engine begins first.
_READY_AFTER = 3.0


class FindingsViewModel(QObject):
    """`found` is about the draft as it was when it was last looked at: `text` and `files`; `earlier` about the chat
    before it. Nothing dismissed is among them. `checking`: the draft is another by now.

    `dismissed(Found, undo)`: the user has said that a value is not private. `judged`: what counts as private is
    another, so other chats may be bound or free now. `failed(AqeError)`: an act failed."""

    changed = Signal()
    judged = Signal()
    dismissed = Signal(object, object)
    failed = Signal(object)

    def __init__(
        self, privacy: PrivacyService, chat: ChatViewModel, state: ComposerViewModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.text = ""
        self.files: tuple[Attachment, ...] = ()
        self.found: tuple[Found, ...] = ()
        self.earlier: tuple[Found, ...] = ()
        self.checking = False
        self.trouble: AqeError | None = None
        self._privacy, self._chat, self._state = privacy, chat, state
        self._looking, self._before, self._tasks = Tasks(self), Tasks(self), Tasks(self)
        self._tasks.failed.connect(self.failed)
        self._soon = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._soon.timeout.connect(self.look)
        state.touched.connect(self.touch)
        for signal in (chat.opened, chat.loaded):
            signal.connect(self._look_before)

    @property
    def project(self) -> str | None:
        """The folder whose words and dismissals count: the open chat's own, or the one a new chat will have."""
        conversation = self._chat.conversation
        return conversation.project if conversation is not None else self._chat.project

    @property
    def unread(self) -> bool:
        """The scanner could not read some of it yet."""
        return any(each.finding.kind == UNREAD for each in self.found)

    def begin(self) -> None:
        """Once the window is on screen."""
        self._tasks.start(self._get_ready(), name="get the scanner ready")
        self._tasks.start(self._follow_ready(), name="follow the scanner")

    def touch(self) -> None:
        """The draft is another: it is looked at after a pause."""
        if not self.checking:
            self.checking = True
            self.changed.emit()
        self._soon.start()

    def look(self) -> None:
        """Look at the draft now; an older look that is under way is given up."""
        self._soon.stop()
        self._looking.cancel()
        self._looking.start(self._look(), name="look for what is private")

    def look_again(self) -> None:
        """What counts as private is another, e.g. an own word was added."""
        self.look()
        self._look_before()
        self.judged.emit()

    def dismiss(self, found: Found) -> None:
        """Not private: from now on, everywhere in this project."""
        self._do(self._dismiss(found), "call a finding not private")

    async def aclose(self) -> None:
        self._soon.stop()
        for tasks in (self._looking, self._before, self._tasks):
            await tasks.aclose()

    async def _look(self) -> None:
        text, files = self._state.text, tuple(each.attachment for each in self._state.files)
        found: tuple[Found, ...] = ()
        trouble: AqeError | None = None
        try:
            if text or files:
                found = await self._privacy.scan([Message(Role.USER, text, files)], self.project)
        except AqeError as error:
            trouble = error
        self.text, self.files, self.trouble = text, files, trouble
        self.found = tuple(each for each in found if not each.dismissed)
        self.checking = self._soon.isActive()
        self.changed.emit()

    def _look_before(self) -> None:
        self._before.cancel()
        self._before.start(self._look_at_chat(), name="look for what is private before")

    async def _look_at_chat(self) -> None:
        number = self._chat.where.conversation
        found: tuple[Found, ...] = ()
        if number is not None and self._chat.messages:
            try:
                found = await self._chat.space.chat.findings(number, "")
            except AqeError:
                # A chat that is gone meanwhile has nothing to say; a store that fails says so where it is read.
                found = ()
        earlier = tuple(each for each in found if not each.dismissed)
        if earlier != self.earlier:
            self.earlier = earlier
            self.changed.emit()

    async def _dismiss(self, found: Found) -> None:
        dismissal = await self._privacy.dismiss(found, self.project)
        self.look_again()
        self.dismissed.emit(found, lambda: self._do(self._recall(dismissal), "call a finding private again"))

    async def _recall(self, dismissal: Dismissal) -> None:
        await self._privacy.recall(dismissal)
        self.look_again()

    async def _get_ready(self) -> None:
        await asyncio.sleep(_READY_AFTER)
        self._privacy.start()

    async def _follow_ready(self) -> None:
        async with aclosing(self._privacy.ready.follow()) as states:
            async for ready in states:
                if ready:
                    self.look_again()

    def _do(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.start(work, name=name)
