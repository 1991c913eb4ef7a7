"""When the loop's callbacks run: in order, many per turn, on one Qt timer.

qasync starts a Qt timer per callback and lets a cancelled one live until it would have fired: every read of a stream
under a timeout left one behind, for minutes. Here they stand in a queue and a heap, as in asyncio's own loop."""

from __future__ import annotations

import asyncio
import heapq
import math
import time
from collections import deque
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimerEvent

from aqe_desktop.ui.garbage import Garbage

# Seconds of callbacks per turn, also of those that they add; then Qt paints, reads input and polls sockets.
_TURN = 0.002
# From so many cancelled timers on the heap is swept when they are the majority.
_SWEEP = 100


class Turns(QObject):
    """The callbacks of one loop. Also a nested Qt loop opened by a callback gets the ones behind it run."""

    def __init__(self) -> None:
        super().__init__()
        self.garbage = Garbage()
        self._ready: deque[asyncio.Handle] = deque()
        self._later: list[asyncio.TimerHandle] = []
        self._cancelled = 0
        self._timer = 0
        self._armed_for = math.inf

    def soon(self, handle: asyncio.Handle) -> None:
        self._ready.append(handle)
        self._arm()

    def at(self, handle: Any) -> None:
        """`handle` is an asyncio.TimerHandle; typed loosely for the mark that asyncio itself keeps on it."""
        handle._scheduled = True
        heapq.heappush(self._later, handle)
        self._arm()

    def cancelled(self) -> None:
        """One of the timers here was cancelled."""
        self._cancelled += 1
        if self._cancelled > _SWEEP and self._cancelled * 2 > len(self._later):
            self._later = [handle for handle in self._later if not handle.cancelled()]
            heapq.heapify(self._later)
            self._cancelled = 0

    def stop(self) -> None:
        self._disarm()
        self._ready.clear()
        self._later.clear()

    def timerEvent(self, event: QTimerEvent) -> None:
        if event.timerId() == self._timer:
            self._disarm()
        self._take_due()
        until = time.monotonic() + _TURN
        try:
            while self._ready:
                self._run_next()
                if time.monotonic() > until:
                    break
        finally:
            self._arm()
        self.garbage.collect()

    def _run_next(self) -> None:
        handle: Any = self._ready.popleft()
        # Armed before the callback runs: it may open a nested loop, and this timer's event does not fire inside itself.
        self._arm()
        if not handle.cancelled():
            handle._run()

    def _take_due(self) -> None:
        now = time.monotonic()
        while self._later and self._later[0].when() <= now:
            handle: Any = heapq.heappop(self._later)
            handle._scheduled = False
            if handle.cancelled():
                self._cancelled -= 1
            else:
                self._ready.append(handle)

    def _arm(self) -> None:
        due = -math.inf if self._ready else self._later[0].when() if self._later else math.inf
        if due >= self._armed_for:
            return
        self._disarm()
        wait = 0 if self._ready else max(0, math.ceil((due - time.monotonic()) * 1000))
        self._timer = self.startTimer(min(wait, 2**31 - 1), Qt.TimerType.PreciseTimer)
        self._armed_for = due

    def _disarm(self) -> None:
        if self._timer:
            self.killTimer(self._timer)
        self._timer, self._armed_for = 0, math.inf
