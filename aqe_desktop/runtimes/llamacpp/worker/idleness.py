"""How long an engine has had nothing to do, and whether that is long enough for it to end."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable

from aqe_desktop.runtimes.llamacpp.options import LoadOptions, limit_of

# Between the steps of one question (counted, then asked) nothing is under way for a moment.
_LEAST_S = 5.0


class Idleness:
    """Counts what is under way, for each user by itself, so that one who is killed holds up nothing.

    `limit` is seconds, None for never; `until` milliseconds since the epoch, None while something is under way or there
    is no limit; `stays`: without users too, until then."""

    def __init__(self, options: LoadOptions, on_limit: Callable[[], None]) -> None:
        self.limit = limit_of(options.idle_s)
        self.until: int | None = None
        self.stays = False
        self._on_limit = on_limit
        self._under_way: Counter[object] = Counter()
        self._started = False
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """From now on there is an engine that can be idle."""
        self._started = True
        self._look()

    def begin(self, user: object, idle_s: int | None) -> None:
        """`idle_s` is the limit by the settings as they are now."""
        self.limit = limit_of(idle_s)
        self._under_way[user] += 1
        self._look()

    def end(self, user: object) -> None:
        self._under_way[user] -= 1
        self._look()

    def forget(self, user: object) -> None:
        if self._under_way.pop(user, 0):
            self._look()

    def _look(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.until = None
        if self._started and self.limit is not None and not any(self._under_way.values()):
            seconds = max(self.limit, _LEAST_S)
            self.until = int((time.time() + seconds) * 1000)
            self._timer = asyncio.get_running_loop().call_later(seconds, self._on_limit)
