"""The sidebar's state: which conversations are listed, and what one can do with each; Qt's core only."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from aqe_desktop.core.history import Conversation
from aqe_desktop.services.history import HistoryService
from aqe_desktop.ui.tasks import Tasks

# A page is what a screen shows several times over; reading one takes a few milliseconds however many there are.
PAGE = 100
SEARCH_DELAY_MS = 120


class ConversationListViewModel(QObject):
    """Lists page by page, searches, renames, pins, deletes and brings back.

    `listed` says that `conversations` is another list; `shown` is the search and project that it answers. `deleted`
    offers the way back."""

    listed = Signal()
    deleted = Signal(object)
    restored = Signal(object)
    renamed = Signal(int, str)
    failed = Signal(object)

    def __init__(self, history: HistoryService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.conversations: Sequence[Conversation] = ()
        self.search = ""
        self.project: str | None = None
        self.shown: tuple[str, str | None] = ("", None)
        self.loaded = False
        self._history = history
        self._tasks = Tasks(self)
        self._tasks.failed.connect(self.failed)
        self._more = False
        self._wanted = PAGE
        self._reading = 0
        self._pause = QTimer(self, singleShot=True, interval=SEARCH_DELAY_MS)
        self._pause.timeout.connect(self.refresh)

    def refresh(self) -> None:
        """Read the loaded pages again; the answer to an older question is dropped."""
        self._reading += 1
        self._tasks.start(self._read(self._reading), name="list conversations")

    def find(self, text: str) -> None:
        """Search titles and messages, shortly after the last key."""
        if text != self.search:
            self.search, self._wanted = text, PAGE
            self._pause.start()

    def show_project(self, path: str | None) -> None:
        """List this project's conversations only; None lists all."""
        self.project, self._wanted = path, PAGE
        self.refresh()

    def load_more(self) -> None:
        """More of them, if there are; called when the end of the list comes into sight."""
        if self._more:
            # Twice as many each time: who scrolls through all of them reads them a few times, not hundreds.
            self._more, self._wanted = False, 2 * self._wanted
            self.refresh()

    def rename(self, conversation: int, title: str) -> None:
        self._tasks.start(self._rename(conversation, title), name="rename")

    def pin(self, conversation: int, pinned: bool) -> None:
        self._tasks.start(self._then_list(self._history.pin(conversation, pinned)), name="pin")

    def delete(self, conversation: int) -> None:
        """Hide it; `deleted` carries it, for the offer to undo."""
        self._tasks.start(self._delete(conversation), name="delete")

    def restore(self, conversation: Conversation) -> None:
        self._tasks.start(self._restore(conversation), name="restore")

    def neighbour(self, conversation: int) -> int | None:
        """Which to open when this one is deleted: the one below it, else the one above."""
        ids = [row.id for row in self.conversations]
        if conversation not in ids:
            return None
        place = ids.index(conversation)
        around = ids[place + 1 : place + 2] or ids[max(0, place - 1) : place]
        return around[0] if around else None

    def get(self, conversation: int) -> Conversation | None:
        """The listed row of this id."""
        return next((row for row in self.conversations if row.id == conversation), None)

    async def _read(self, number: int) -> None:
        wanted, asked = self._wanted, (self.search, self.project)
        rows = await self._history.list(self.search, project=self.project, limit=wanted + 1)
        if number != self._reading:
            return
        self.shown = asked
        self.conversations, self._more = rows[:wanted], len(rows) > wanted
        self.loaded = True
        self.listed.emit()

    async def _rename(self, conversation: int, title: str) -> None:
        await self._history.rename(conversation, title)
        self.renamed.emit(conversation, title)
        self.refresh()

    async def _delete(self, conversation: int) -> None:
        gone = await self._history.get(conversation)
        await self._history.delete(conversation)
        self.deleted.emit(gone)
        self.refresh()

    async def _restore(self, conversation: Conversation) -> None:
        await self._history.restore(conversation.id)
        self.restored.emit(conversation)
        self.refresh()

    async def _then_list(self, work: Coroutine[Any, Any, None]) -> None:
        await work
        self.refresh()
