"""Work on texts that a thread does, once for each text, however often and by how many it is asked for."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
MOST = 32 * 1024 * 1024
"""Code points of all remembered texts together; what was asked for longest ago goes first."""


class Remembered(Generic[K, V]):
    """`work` makes the value of a key in a thread, `size` says what a key weighs. For one event loop.

    Who is cancelled while waiting leaves the work to the next one who asks."""

    def __init__(self, work: Callable[[K], V], size: Callable[[K], int], most: int = MOST) -> None:
        self._work = work
        self._size = size
        self._most = most
        self._held = 0
        self._kept: OrderedDict[K, asyncio.Future[V]] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    async def all(self, keys: Sequence[K]) -> list[V]:
        """The values in the order of the keys. Raises what `work` raised.

        A long chat asks with every key press, mostly for what is there: each look costs it a hash of every text."""
        found = [self._kept.get(key) for key in keys]
        if new := list(dict.fromkeys(key for key, future in zip(keys, found, strict=True) if future is None)):
            self._begin(new)
            found = [self._kept[key] for key in keys]
        for key in keys:
            self._kept.move_to_end(key)
        if self._held > self._most:
            self._shrink(len(set(keys)))
        return [future.result() if future.done() else await asyncio.shield(future) for future in found if future]

    def _begin(self, keys: Sequence[K]) -> None:
        loop = asyncio.get_running_loop()
        for key in keys:
            self._kept[key] = loop.create_future()
            self._held += self._size(key)
        task = loop.create_task(self._do(keys, [self._kept[key] for key in keys]))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _do(self, keys: Sequence[K], futures: Sequence[asyncio.Future[V]]) -> None:
        try:
            for future, value in zip(futures, await asyncio.to_thread(self._worked, keys), strict=True):
                future.set_result(value)
        except Exception as error:  # noqa: BLE001 - whoever waits for the value gets it
            for future in futures:
                future.set_exception(error)
        finally:
            for key, future in zip(keys, futures, strict=True):
                if not future.done():
                    future.cancel()
                if (future.cancelled() or future.exception()) and self._kept.get(key) is future:
                    self._drop(key)

    def _worked(self, keys: Sequence[K]) -> list[V]:
        return [self._work(key) for key in keys]

    def _shrink(self, asked: int) -> None:
        """Not below what was just asked for: it will be asked for again."""
        while self._held > self._most and len(self._kept) > asked:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: K) -> None:
        del self._kept[key]
        self._held -= self._size(key)
