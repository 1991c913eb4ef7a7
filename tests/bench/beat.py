"""How long a loop stands still: a heartbeat sleeps one millisecond at a time; what it wakes up late is the stall."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from typing import Any


class Heartbeat:
    """Runs from `start` to `stop` on the running loop. Stalls are milliseconds, moments those of time.perf_counter."""

    def __init__(self) -> None:
        self.late: list[tuple[float, float]] = []
        self.worst: list[tuple[float, float]] = []
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._beat())

    async def stop(self) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait({self._task})

    async def idle(self, seconds: float = 1.0) -> dict[str, float]:
        """What it is late while nothing happens: what the machine itself adds. Forgotten afterwards."""
        await asyncio.sleep(seconds)
        found = figures([value for _, value in self.late])
        self.late.clear()
        self.worst.clear()
        return found

    def between(self, start: float, end: float) -> dict[str, float]:
        return figures([value for at, value in self.late if start <= at < end])

    def quarters(self, start: float, end: float) -> list[dict[str, float]]:
        """The same for each quarter: growth shows in the last."""
        step = (end - start) / 4
        return [self.between(start + number * step, start + (number + 1) * step) for number in range(4)]

    def longest(self) -> list[list[float]]:
        """The five longest stalls, and how much of each was waiting for a processor that others used."""
        return [[round(late, 1), round(waited, 1)] for late, waited in sorted(self.worst, reverse=True)[:5]]

    async def _beat(self) -> None:
        turn = os.open("/proc/self/schedstat", os.O_RDONLY)
        try:
            waited = _waited(turn)
            while True:
                before = time.perf_counter()
                await asyncio.sleep(0.001)
                now, then = time.perf_counter(), waited
                late, waited = (now - before) * 1000 - 1, _waited(turn)
                self.late.append((now, late))
                if late > 10:
                    self.worst.append((late, waited - then))
        finally:
            os.close(turn)


def _waited(turn: int) -> float:
    """Milliseconds this thread has stood ready while others ran; 0 where the kernel does not tell."""
    return int(os.pread(turn, 100, 0).split()[1]) / 1e6


class Collections:
    """How long Python's own collector of cycles held everything up, by generation; milliseconds."""

    def __init__(self) -> None:
        self._began = 0.0
        self.longest = [0.0, 0.0, 0.0]
        self.count = [0, 0, 0]

    def __enter__(self) -> Collections:
        gc.callbacks.append(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        gc.callbacks.remove(self._note)

    def _note(self, phase: str, about: dict[str, Any]) -> None:
        if phase == "start":
            self._began = time.perf_counter()
            return
        generation = about["generation"]
        self.count[generation] += 1
        spent = (time.perf_counter() - self._began) * 1000
        self.longest[generation] = round(max(self.longest[generation], spent), 1)


def figures(values: list[float]) -> dict[str, float]:
    ordered = sorted(values) or [0.0]

    def pick(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2)

    return {
        "p50": pick(0.5),
        "p95": pick(0.95),
        "p99": pick(0.99),
        "longest": round(ordered[-1], 2),
        "beats": len(ordered),
    }
