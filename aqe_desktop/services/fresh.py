"""The last answer to a question, good enough for a moment while somebody types: each asking is a trip to a thread."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
MOMENT = 2.0  # seconds


class Fresh(Generic[K, V]):
    """`ask` is asked anew for another key, after a MOMENT, and for what is about to leave. For one event loop."""

    def __init__(self, ask: Callable[[K], Awaitable[V]]) -> None:
        self._ask = ask
        self._known: tuple[float, K, V] | None = None

    async def of(self, key: K, *, final: bool) -> V:
        """Raises what `ask` raises; `final`: it is about to leave, so it is asked now."""
        known = self._known
        if not final and known is not None and known[1] == key and time.monotonic() - known[0] <= MOMENT:
            return known[2]
        began = time.monotonic()
        value = await self._ask(key)
        self._known = (began, key, value)
        return value
