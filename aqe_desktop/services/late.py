"""Endings of answers that the disk refused: tried again until it takes them, so that no word that was shown is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from aqe_desktop.core.chat import State
from aqe_desktop.core.errors import StorageFailed
from aqe_desktop.core.feed import Feed
from aqe_desktop.core.history import Reply, StoredMessage


@dataclass(frozen=True, slots=True)
class Ending:
    """How an answer ended: what its row is to hold."""

    message: int
    state: State
    text: str
    reasoning: str
    reply: Reply

    def of(self, row: StoredMessage) -> StoredMessage:
        """The row as it will be, marked as not kept yet."""
        return replace(row, state=self.state, text=self.text, reasoning=self.reasoning, reply=self.reply, kept=False)


Write = Callable[[Ending], Awaitable[None]]


class LateEndings:
    """What could not be written yet, by message, in `waiting`.

    `every`: seconds between two tries; `sleep` is asyncio's but in tests."""

    def __init__(self, write: Write, every: float, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self.waiting: Feed[Mapping[int, Ending]] = Feed({})
        self._write = write
        self._every = every
        self._sleep = sleep
        self._trying: dict[asyncio.Task[None], Ending] = {}

    def add(self, ending: Ending) -> None:
        self.waiting.put({**self.waiting.value, ending.message: ending})
        task = asyncio.create_task(self._until_written(ending), name="write an answer's ending")
        self._trying[task] = ending
        task.add_done_callback(self._trying.pop)

    async def aclose(self) -> None:
        """One last try of each. What fails still is known as cut at the next start, with the text kept before."""
        for task, ending in tuple(self._trying.items()):
            task.cancel()
            await asyncio.wait({task})
            await self._try(ending)

    async def _until_written(self, ending: Ending) -> None:
        while not await self._try(ending):
            await self._sleep(self._every)

    async def _try(self, ending: Ending) -> bool:
        try:
            await self._write(ending)
        except StorageFailed:
            return False
        self.waiting.put({number: one for number, one in self.waiting.value.items() if one is not ending})
        return True
