"""The open chat: which branch is on show, what is being answered, and every act on it; Qt's core only."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from aqe_desktop.core.chat import Attachment, ChatEvent, Parameters, State
from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.history import Conversation, StoredMessage
from aqe_desktop.core.models import ModelRef
from aqe_desktop.services.chat import ChatService
from aqe_desktop.services.history import HistoryService
from aqe_desktop.ui.screens.chat.exchange import Exchange
from aqe_desktop.ui.screens.chat.failure import Failure, at_the_end_of, of_error
from aqe_desktop.ui.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Space:
    """The services over one keeping place of conversations: the database, or memory for temporary chats."""

    chat: ChatService
    history: HistoryService


@dataclass(frozen=True, slots=True)
class Where:
    """Which chat: an id within its space; None is one that begins with the next question, the `fresh`-th such."""

    conversation: int | None = None
    temporary: bool = False
    fresh: int = 0


class ChatViewModel(QObject):
    """One chat is open, any number are being answered; a reply goes on when another chat is opened.

    `opened`: another chat is on show. `loaded`: `messages` changed. `text_added` and `reasoning_added` are of the
    answer on show. `stored(Exchange, Where, Where)`: a question is on disk, its chat was and is now there.
    `ended(Exchange)`: a reply is over, here or elsewhere. `saved`: the disk has taken what it had refused.
    `written`: the list of conversations may look different now."""

    opened = Signal()
    loaded = Signal()
    stored = Signal(object, object, object)
    text_added = Signal(str)
    reasoning_added = Signal(str)
    progressed = Signal()
    noted = Signal(str)
    ended = Signal(object)
    written = Signal()
    saved = Signal()
    failure_changed = Signal()

    def __init__(self, kept: Space, temporary: Space, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.where = Where()
        self.conversation: Conversation | None = None
        self.messages: Sequence[StoredMessage] = ()
        self.failure: Failure | None = None
        self.live: Exchange | None = None
        self.pending = Parameters()
        self.project: str | None = None
        self._spaces = {False: kept, True: temporary}
        self._tasks = Tasks(self)
        self._watching = Tasks(self)
        for tasks in (self._tasks, self._watching):
            tasks.failed.connect(self.show_error)
        self._running: list[tuple[Where, Exchange]] = []
        self._reads = 0
        self._fresh = itertools.count(1)

    @property
    def space(self) -> Space:
        return self._spaces[self.where.temporary]

    @property
    def exchange(self) -> Exchange | None:
        """The reply under way in the open chat."""
        return next((running for where, running in self._running if where == self.where), None)

    @property
    def running(self) -> list[Where]:
        """The chats that are being answered."""
        return [where for where, _ in self._running]

    @property
    def parameters(self) -> Parameters:
        return self.conversation.parameters if self.conversation else self.pending

    def answering(self, conversation: int | None, *, temporary: bool = False) -> bool:
        return any(where == Where(conversation, temporary) for where, _ in self._running)

    # What the user does.

    def open(self, conversation: int, *, temporary: bool = False) -> None:
        """Put another chat on show; replies under way go on."""
        self.where = Where(conversation, temporary)
        self._do(self._open(self.where), "open a chat")

    def new_chat(self, *, temporary: bool = False) -> None:
        """An empty chat; it exists on disk (or, a temporary one, in memory) only with its first question."""
        self.where = Where(None, temporary, next(self._fresh))
        self.pending = Parameters()
        self._show(None, ())

    def send(self, text: str, attachments: Sequence[Attachment], model: ModelRef | None) -> Exchange:
        """Ask; `stored` follows once the question is on disk, and until then the text is the composer's."""
        new = self.conversation is None
        events = self.space.chat.ask(
            self.where.conversation,
            text,
            attachments,
            model=model if new else None,
            project=self.project,
            parameters=self.pending if new else None,
        )
        return self._begin(Exchange(self.where.conversation, parent=self), events)

    def edit(self, message: int, text: str, attachments: Sequence[Attachment]) -> Exchange:
        """Ask the changed question in the place of the old one, which stays as another version."""
        return self._begin(
            Exchange(self.where.conversation, parent=self), self.space.chat.edit(message, text, attachments)
        )

    def regenerate(self, message: int) -> None:
        self._again(self.space.chat.regenerate(message))

    def retry(self, message: int) -> None:
        self._again(self.space.chat.retry(message))

    def resume(self, message: int) -> None:
        """Let an answer that was stopped or cut go on where it ended."""
        old = self.message(message)
        self._again(self.space.chat.resume(message), old)

    def stop(self) -> None:
        """End the reply of the open chat; what arrived is kept."""
        if self.exchange:
            self.exchange.stop()

    def turn_to(self, message: int, step: int) -> None:
        """Show the version of this message that stands `step` before or after it."""
        old = self.message(message)
        if old is None or message not in old.versions:
            return
        place = old.versions.index(message) + step
        if 0 <= place < len(old.versions) and not self.exchange:
            self._do(self._turn(old.versions[place]), "turn to a version")

    def set_parameters(self, parameters: Parameters) -> None:
        """For the next question of this chat on; a chat that does not exist yet keeps them until it does."""
        if self.conversation is None:
            self.pending = parameters
        else:
            self.conversation = replace(self.conversation, parameters=parameters)
            self._do(self.space.history.set_parameters(self.conversation.id, parameters), "keep the parameters")

    def set_model(self, model: ModelRef) -> None:
        if self.conversation is not None:
            self.conversation = replace(self.conversation, model=model)
            self._do(self.space.history.set_model(self.conversation.id, model), "keep the model")

    def rename(self, title: str) -> None:
        if self.conversation is not None:
            self._do(self._rename(self.conversation.id, title), "rename")

    def show_error(self, error: AqeError) -> None:
        """A failure that is not of a reply, e.g. of loading the model."""
        self._fail(of_error(error))

    def dismiss_failure(self) -> None:
        self._fail(None)

    def forget_loading_failure(self) -> None:
        """A model is loaded: what kept one from it is over."""
        if self.failure is not None and self.failure.of_loading:
            self._fail(None)

    def reload(self) -> None:
        """Read the open chat again, e.g. because another program wrote to it; a live reply is left alone."""
        if self.where.conversation is not None and self.exchange is None:
            self._do(self._refresh(self.where), "read the chat again")

    def watch(self, every: float = 1.0) -> None:
        """Look about once a second for what other programs wrote, until `unwatch`."""
        if not self._watching.busy:
            self._watching.start(self._watch(every), name="watch the database")
            self._watching.start(self._follow_unsaved(), name="follow what the disk refuses")

    def unwatch(self) -> None:
        self._watching.cancel()

    async def aclose(self) -> None:
        """Stop every reply, keeping what arrived."""
        await self._watching.aclose()
        await self._tasks.aclose()

    # How it happens.

    def _again(self, events: AsyncGenerator[ChatEvent], begun: StoredMessage | None = None) -> None:
        if self.exchange is None:
            text, reasoning = (begun.text, begun.reasoning) if begun else ("", "")
            exchange = Exchange(self.where.conversation, begun=text, reasoned=reasoning, parent=self)
            self._begin(exchange, events)

    def _begin(self, exchange: Exchange, events: AsyncGenerator[ChatEvent]) -> Exchange:
        self._fail(None)
        exchange.stored.connect(partial(self._stored, exchange))
        exchange.progressed.connect(partial(self._forward, exchange, self.progressed))
        exchange.noted.connect(partial(self._forward_text, exchange, self.noted))
        exchange.text_added.connect(partial(self._forward_text, exchange, self.text_added))
        exchange.reasoning_added.connect(partial(self._forward_text, exchange, self.reasoning_added))
        exchange.ended.connect(partial(self._ended, exchange))
        self._running.append((self.where, exchange))
        exchange.start(self._tasks, events)
        self.progressed.emit()
        return exchange

    def _stored(self, exchange: Exchange) -> None:
        place = next(number for number, (_, running) in enumerate(self._running) if running is exchange)
        before = self._running[place][0]
        after = Where(exchange.conversation, before.temporary)
        self._running[place] = (after, exchange)
        self.stored.emit(exchange, before, after)
        self.written.emit()
        if self.where == before:
            self.where = after
            self._do(self._open(after) if before != after else self._refresh(after), "show the question")

    def _ended(self, exchange: Exchange) -> None:
        where = next(where for where, running in self._running if running is exchange)
        self._running = [(other, running) for other, running in self._running if running is not exchange]
        if self.live is exchange:
            self.live = None
        failure = of_error(exchange.error, exchange.answer or None) if exchange.error else None
        if where == self.where and where.conversation is not None:
            self._do(self._refresh(where, failure), "show the whole answer")
        elif where == self.where and failure is not None:
            self._fail(failure)
        self.progressed.emit()
        self.ended.emit(exchange)
        self.written.emit()
        exchange.deleteLater()

    def _forward(self, exchange: Exchange, signal: Any) -> None:
        if self.exchange is exchange:
            signal.emit()

    def _forward_text(self, exchange: Exchange, signal: Any, text: str) -> None:
        """Only for an answer that the view has been given: earlier words come to it with `loaded`."""
        if self.live is exchange:
            signal.emit(text)

    async def _open(self, where: Where) -> None:
        history = self._spaces[where.temporary].history
        assert where.conversation is not None
        number = self._reads = self._reads + 1
        conversation = await history.get(where.conversation)
        branch = await history.branch(where.conversation)
        if number == self._reads and where == self.where:
            self._show(conversation, branch)

    async def _refresh(self, where: Where, failure: Failure | None = None) -> None:
        """Like opening, but the view keeps its place; `failure` is told once the message it ended is on show."""
        history = self._spaces[where.temporary].history
        assert where.conversation is not None
        number = self._reads = self._reads + 1
        conversation = await history.get(where.conversation)
        branch = await history.branch(where.conversation)
        if number == self._reads and where == self.where:
            self.conversation = conversation
            waited = self._is_written_elsewhere
            self._take(branch)
            if waited and not self._is_written_elsewhere and self.failure is not None and self.failure.of_asking:
                self._fail(None)
            if self.exchange is None:
                self._fail(self.failure or failure or at_the_end_of(self.messages))
            self.loaded.emit()

    def _show(self, conversation: Conversation | None, branch: Sequence[StoredMessage]) -> None:
        self.conversation = conversation
        self._take(branch)
        self._fail(at_the_end_of(self.messages) if self.exchange is None else None)
        self.opened.emit()

    def _take(self, branch: Sequence[StoredMessage]) -> None:
        """From now on the words of a running answer are told; those before are in `live`, newer than in its row."""
        self.live = self.exchange if self.exchange and self.exchange.answer else None
        unsaved = self.space.chat.unsaved.value
        self.messages = [unsaved[row.id].of(row) if row.id in unsaved else row for row in branch]

    @property
    def _is_written_elsewhere(self) -> bool:
        """Another program writes the newest answer."""
        last = self.messages[-1] if self.messages and self.exchange is None else None
        return last is not None and last.state is State.STREAMING

    async def _turn(self, message: int) -> None:
        where = self.where
        await self.space.history.show(message)
        await self._open(where)

    async def _rename(self, conversation: int, title: str) -> None:
        await self.space.history.rename(conversation, title)
        await self._refresh(self.where)
        self.written.emit()

    async def _watch(self, every: float) -> None:
        async with aclosing(self._spaces[False].history.changes(every)) as changes:
            async for _version in changes:
                self.written.emit()
                if not self.where.temporary:
                    self.reload()

    async def _follow_unsaved(self) -> None:
        """An ending that the disk refuses is shown all the same, and shown as kept once it is."""
        unsaved, before = self._spaces[False].chat.unsaved, 0
        async with aclosing(unsaved.follow()) as changes:
            async for waiting in changes:
                self.reload()
                if before and not waiting:
                    self._forget_storage_failure()
                before = len(waiting)

    def _forget_storage_failure(self) -> None:
        if self.failure is not None and self.failure.of_storage:
            self._fail(None)
        self.saved.emit()

    def message(self, message: int) -> StoredMessage | None:
        return next((stored for stored in self.messages if stored.id == message), None)

    def _fail(self, failure: Failure | None) -> None:
        if failure != self.failure:
            self.failure = failure
            self.failure_changed.emit()

    def _do(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.start(work, name=name)
