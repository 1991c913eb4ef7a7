"""N requests through the app's loop with httpx, with signals, timers and a window beside them; figures as JSON."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import httpx
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel

from aqe_desktop.ui import loop
from aqe_desktop.ui.application import Application
from aqe_desktop.ui.faults import Faults
from aqe_desktop.ui.tasks import Tasks

_WORKERS = 8
_FRESH_EVERY = 50  # every so many requests over a connection of its own, as another engine would have


def resident() -> int:
    """KiB of memory of this process now."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


async def ask(client: httpx.AsyncClient) -> int:
    async with client.stream("POST", "http://engine/v1/chat", json={"text": "hello" * 20}) as response:
        return sum([len(line) async for line in response.aiter_lines()])


class Soak:
    """The run: how many are done, and the memory at ten marks."""

    def __init__(self, path: str, total: int) -> None:
        self.path, self.total = path, total
        self.started = self.done = 0
        self.memory: list[int] = []
        self.label = QLabel()
        self.tasks = Tasks(self.label)
        self.tasks.busy_changed.connect(self.label.setEnabled)
        self.tasks.failed.connect(lambda error: sys.exit(repr(error)))

    async def worker(self) -> None:
        async with self.client() as shared:
            while self.started < self.total:
                self.started += 1
                await self.one(shared)

    async def one(self, shared: httpx.AsyncClient) -> None:
        if self.started % _FRESH_EVERY == 0:
            async with self.client() as fresh:
                size = await ask(fresh)
        else:
            size = await ask(shared)
        assert size == 18, size
        self.done += 1
        self.label.setText(str(self.done))
        if self.done % (self.total // 10) == 0:
            self.memory.append(resident())

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=self.path), timeout=60, trust_env=False)

    async def run(self, _leave: asyncio.Event) -> int:
        ticking = QTimer()
        ticking.timeout.connect(lambda: self.label.setObjectName(str(self.done)))
        ticking.start(1)
        self.label.show()
        begun = time.monotonic()
        await asyncio.wait([self.tasks.start(self.worker(), name="worker") for _ in range(_WORKERS)])
        seconds = time.monotonic() - begun
        ticking.stop()
        figures = {"requests": self.done, "seconds": round(seconds, 1), "rss_kib": self.memory}
        sys.stdout.write(json.dumps(figures) + "\n")
        return 0


def main() -> int:
    faults = Faults()
    faults.install()
    faults.show_with(lambda text: sys.exit(text))
    application = Application(["soak"])
    soak = Soak(sys.argv[1], int(sys.argv[2]))
    return loop.run(application, soak.run, faults)


if __name__ == "__main__":
    sys.exit(main())
