"""The offline switch also ends what is under way: a reply may take minutes, and an upload goes on while it does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from aqe_desktop.core.errors import Offline
from aqe_desktop.machine.door.passage import Passage

EVERY_S = 1.0  # seconds between two looks at the switch; another process may have turned it


class Cut:
    """Of one request from its row to its end. One task at a time waits inside `held`; that one is woken by the cut."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage
        self._waiting: asyncio.Timeout | None = None
        self._made = False
        self._watch: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Look at the switch from now on. Without it nothing is ever cut: what stays here goes on."""
        self._watch = asyncio.create_task(self._look())

    @asynccontextmanager
    async def held(self) -> AsyncGenerator[None]:
        """Around each wait for the network; raises Offline as soon as the switch is on."""
        if self._made:
            raise self._refusal()
        try:
            async with asyncio.timeout(None) as self._waiting:
                yield
        except TimeoutError as error:
            if self._made:
                raise self._refusal() from error
            raise
        finally:
            self._waiting = None

    async def aclose(self) -> None:
        """A second call does nothing."""
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    async def _look(self) -> None:
        while not await self._passage.offline():  # noqa: ASYNC110 - another process may turn it: there is no event
            await asyncio.sleep(EVERY_S)
        self._made = True
        if self._waiting is not None:
            self._waiting.reschedule(asyncio.get_running_loop().time())

    def _refusal(self) -> Offline:
        return Offline(
            f"The offline switch was turned on, so the request to {self._passage.host} was broken off.",
            "What had arrived is kept; what was sent by then cannot be taken back.",
        )
