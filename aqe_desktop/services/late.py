"""Endings of answers that the disk refused: tried again until it takes them, so that no word that was shown is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aqe_desktop.core.errors import StorageFailed

Write = Callable[[], Awaitable[None]]


class LateEndings:
    """What could not be written yet. `every`: seconds between two tries; `sleep` is asyncio's but in tests."""

    def __init__(self, every: float, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._every = every
        self._sleep = sleep
        self._waiting: dict[asyncio.Task[None], Write] = {}

    def add(self, write: Write) -> None:
        task = asyncio.create_task(self._until_written(write), name="write an answer's ending")
        self._waiting[task] = write
        task.add_done_callback(self._waiting.pop)

    async def aclose(self) -> None:
        """One last try of each. What fails still is known as cut at the next start, with the text kept before."""
        for task, write in tuple(self._waiting.items()):
            task.cancel()
            await asyncio.wait({task})
            await _try(write)

    async def _until_written(self, write: Write) -> None:
        while not await _try(write):
            await self._sleep(self._every)


async def _try(write: Write) -> bool:
    try:
        await write()
    except StorageFailed:
        return False
    return True
