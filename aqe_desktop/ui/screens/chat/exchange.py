"""One reply under way: gathers its events, so that a chat can be left and found again while it still streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from enum import Enum, auto

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from aqe_desktop.core.chat import (
    ChatEvent,
    Finished,
    FirstToken,
    Loading,
    Metered,
    Noted,
    ReadingPrompt,
    ReasoningDelta,
    Routed,
    Stored,
    TextDelta,
    ToolCalled,
)
from aqe_desktop.core.errors import AqeError
from aqe_desktop.ui.tasks import Tasks


class Stage(Enum):
    """How far a reply has come."""

    SENDING = auto()
    LOADING = auto()
    READING = auto()
    WRITING = auto()
    ENDED = auto()


class Exchange(QObject):
    """Consumes one generator of a service to its end; `error` is the AqeError it ended with, if any.

    `begun` is the text the answer goes on from (a continued one), `reasoned` its reasoning. `first_token_s` is the
    figure that is kept with the answer. Signals: `stored` once both rows are on disk, `progressed` with each stage or
    figure, `text_added`, `reasoning_added`, `noted`, and `ended` exactly once."""

    stored = Signal()
    progressed = Signal()
    text_added = Signal(str)
    reasoning_added = Signal(str)
    noted = Signal(str)
    ended = Signal()

    def __init__(
        self, conversation: int | None, *, begun: str = "", reasoned: str = "", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.conversation = conversation
        self.question = self.answer = 0
        self.stage = Stage.SENDING
        self.routed: Routed | None = None
        self.loading: Loading | None = None
        self.reading: ReadingPrompt | None = None
        self.finished: Finished | None = None
        self.metered: Metered | None = None
        self.error: AqeError | None = None
        self.tokens = 0
        self.stopping = False
        self.first_token_s: float | None = None
        self._task: asyncio.Task[None] | None = None
        self._text = [begun] if begun else []
        self._reasoning = [reasoned] if reasoned else []

    @property
    def runs(self) -> bool:
        """The engine has begun on it: from now on there is a place where it ran."""
        return self.stage in (Stage.READING, Stage.WRITING)

    @property
    def text(self) -> str:
        """All of the answer that has arrived."""
        return "".join(self._text)

    @property
    def reasoning(self) -> str:
        """All of the reasoning that has arrived."""
        return "".join(self._reasoning)

    def start(self, tasks: Tasks, events: AsyncGenerator[ChatEvent]) -> None:
        """Consume the events; `tasks` owns the work and reports what is not an AqeError."""
        self._task = tasks.start(self._run(events), name="reply")
        # Not a `finally` in the coroutine: one that is cancelled before its first step never runs.
        self._task.add_done_callback(self._end)

    def stop(self) -> None:
        """Cancel it; the service keeps what arrived. Stop pressed twice is one Stop."""
        if self._task is not None and not self.stopping:
            self.stopping = True
            self._task.cancel()

    async def _run(self, events: AsyncGenerator[ChatEvent]) -> None:
        try:
            async with aclosing(events) as arriving:
                async for event in arriving:
                    self._take(event)
        except AqeError as error:
            self.error = error

    def _end(self, _task: asyncio.Task[None]) -> None:
        if isValid(self):
            self.stage = Stage.ENDED
            self.ended.emit()

    def _take(self, event: ChatEvent) -> None:
        match event:
            case TextDelta():
                self._written(event.text)
            case ReasoningDelta():
                self._thought(event.text)
            case Stored():
                self.conversation, self.question, self.answer = event.conversation, event.question, event.answer
                self.stored.emit()
            case Noted():
                self.noted.emit(event.text)
            case ToolCalled():
                pass  # it is text of the answer as well
            case _:
                self._progress(event)

    def _written(self, text: str) -> None:
        self._text.append(text)
        self._one_more_token()
        self.text_added.emit(text)

    def _thought(self, text: str) -> None:
        self._reasoning.append(text)
        self._one_more_token()
        self.reasoning_added.emit(text)

    def _one_more_token(self) -> None:
        # An engine sends a piece per token; the exact count comes with Finished.
        self.tokens += 1
        if self.stage is not Stage.WRITING:
            self.stage = Stage.WRITING
            self.progressed.emit()

    def _progress(self, event: Routed | Loading | ReadingPrompt | FirstToken | Finished | Metered) -> None:
        match event:
            case Routed():
                self.routed = event
            case Loading():
                self.stage, self.loading = Stage.LOADING, event
            case ReadingPrompt():
                self.stage, self.reading = Stage.READING, event
            case FirstToken():
                self.first_token_s = event.after_s
            case Finished():
                self.finished = event
            case Metered():
                self.metered = event
        self.progressed.emit()
