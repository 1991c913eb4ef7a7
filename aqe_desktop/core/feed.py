"""A live value with many followers: each sees the latest, none holds up another, and nobody needs Qt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Generic, TypeVar

T = TypeVar("T")


class Feed(Generic[T]):
    """The newest value matters, older ones may be skipped. For one event loop; not for threads."""

    def __init__(self, value: T) -> None:
        self._value = value
        self._version = 0
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def value(self) -> T:
        return self._value

    def put(self, value: T) -> None:
        """Set the value and wake the followers; an equal value wakes nobody."""
        if value == self._value:
            return
        self._value = value
        self._version += 1
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def follow(self) -> AsyncGenerator[T]:
        """The value now, then the latest after each change; ends only when the follower stops."""
        seen = -1
        while True:
            if seen != self._version:
                seen = self._version
                yield self._value
                continue
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.add(future)
            try:
                await future
            finally:
                self._waiting.discard(future)
