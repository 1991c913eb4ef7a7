"""One answer while it is written: what arrives is on disk within about a second, and its row is closed exactly once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from types import TracebackType
from typing import Any, TypeVar

from aqe_desktop.core.chat import Finished, Role, State
from aqe_desktop.core.errors import AqeError, StorageFailed
from aqe_desktop.core.history import Reply, StoredMessage
from aqe_desktop.core.models import Place
from aqe_desktop.core.money import FREE
from aqe_desktop.core.ports import Conversations
from aqe_desktop.services.late import Ending, LateEndings
from aqe_desktop.services.measure import Measure

log = logging.getLogger(__name__)
T = TypeVar("T")
KEEP_EVERY = 1.0

BUG = {
    "kind": "bug",
    "message": "The reply ended by a fault in the app.",
    "hint": "Retry; if it happens again, save a diagnostics bundle.",
}


class Answer:
    """An async context: entering adds the row, leaving closes it, by whatever way the reply ended.

    `begun` is text the answer goes on from; `late` takes an ending that the disk refuses; `measure` is told of every
    event. `sleep` is asyncio's but in tests."""

    def __init__(
        self,
        conversations: Conversations,
        question: StoredMessage,
        reply: Reply,
        begun: StoredMessage | None = None,
        *,
        late: LateEndings,
        every: float = KEEP_EVERY,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._conversations = conversations
        self._question = question
        self._reply = reply
        self._text = [begun.text] if begun else []
        self._reasoning = [begun.reasoning] if begun else []
        self._every = every
        self._sleep = sleep
        self._late = late
        self._unkept = False
        self._closed = False
        self._note: StorageFailed | None = None
        self._noted = False
        self._keeper: asyncio.Task[None] | None = None
        self.measure = Measure()
        self.id = 0

    async def __aenter__(self) -> Answer:
        try:
            await unbroken(self._open())
        except asyncio.CancelledError:
            await unbroken(self._close(State.STOPPED))
            raise
        self._keeper = asyncio.create_task(self._keep_on(), name=f"keep answer {self.id}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._closed:
            return
        try:
            await unbroken(self._close(_state(error), _as_json(error)))
        except StorageFailed as trouble:  # the first error is the news; the ending is written once there is room
            log.warning("answer %d could not be closed: %s", self.id, trouble.kind)

    def add(self, text: str) -> None:
        self._text.append(text)
        self._unkept = True

    def reason(self, text: str) -> None:
        self._reasoning.append(text)
        self._unkept = True

    def placed(self, place: Place) -> None:
        """Note where the turn went; the row says so within a second, also where no word comes."""
        self._reply = replace(self._reply, zone=place.zone, proof=place.proof)
        self._unkept = True

    async def end(self, finished: Finished) -> None:
        """Close the row with what the engine reported; durable when it returns. On-device replies are free.

        Raises StorageFailed when it could not be written."""
        self._reply = replace(
            self._reply,
            usage=finished.usage,
            timing=finished.timing,
            cost=FREE,
            received=finished.received,
            finish=finished.reason,
        )
        await unbroken(self._close(State.STOPPED if finished.reason == "cancelled" else State.COMPLETE))

    def trouble(self) -> StorageFailed | None:
        """A failure to keep the text, told once; writing is tried again every second all the same."""
        note, self._note = self._note, None
        return note

    async def _open(self) -> None:
        row = await self._conversations.add(
            self._question.conversation,
            self._question.id,
            Role.ASSISTANT,
            "".join(self._text),
            state=State.STREAMING,
            reply=self._reply,
        )
        self.id = row.id

    async def _close(self, state: State, error: dict[str, str] | None = None) -> None:
        """Once only. The keeper ends first, so that no older text is written over the last one."""
        self._closed = True
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})
        reply = replace(self._so_far(), error=error)
        log.info("answer %d: %s %s", self.id, state, error["kind"] if error else reply.finish)
        ending = Ending(self.id, state, "".join(self._text), "".join(self._reasoning), reply)
        try:
            await write_ending(self._conversations, ending)
        except StorageFailed:
            self._late.add(ending)
            raise

    def _so_far(self) -> Reply:
        """The engine's last word, or until it comes what was measured here."""
        usage = self.measure.usage
        if self._reply.finish or usage is None:
            return self._reply
        return replace(self._reply, usage=usage, timing=self.measure.timing, cost=FREE)

    async def _keep_on(self) -> None:
        while True:
            await self._sleep(self._every)
            if self._unkept:
                await self._keep()

    async def _keep(self) -> None:
        self._unkept = False
        try:
            text, reasoning = "".join(self._text), "".join(self._reasoning)
            await self._conversations.keep(self.id, text, reasoning, self._so_far())
        except StorageFailed as error:
            self._unkept = True
            if not self._noted:
                self._noted, self._note = True, error


async def write_ending(conversations: Conversations, ending: Ending) -> None:
    """Close the row of an answer. Raises StorageFailed."""
    await conversations.finish(ending.message, ending.state, ending.text, ending.reasoning, ending.reply)


async def unbroken(work: Coroutine[Any, Any, T]) -> T:
    """Finish `work` even when the caller is cancelled meanwhile, any number of times; the cancellation follows."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except BaseException:  # noqa: BLE001 - it is the task's own, raised below by result()
            break
    if cancelled is not None:
        task.exception()
        raise cancelled
    return task.result()


def _state(error: BaseException | None) -> State:
    """Stopped by the user or a shutdown (cancelled, generator closed); otherwise it failed."""
    stopped = isinstance(error, asyncio.CancelledError | GeneratorExit | KeyboardInterrupt)
    return State.STOPPED if stopped else State.FAILED


def _as_json(error: BaseException | None) -> dict[str, str] | None:
    if isinstance(error, AqeError):
        return error.as_json()
    return dict(BUG) if isinstance(error, Exception) else None
