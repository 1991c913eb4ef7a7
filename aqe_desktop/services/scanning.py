"""The scanner as the services use it: it gets ready in a thread, and until then every text counts as private."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.feed import Feed
from aqe_desktop.core.findings import UNREAD, Finding
from aqe_desktop.services.remembered import Remembered

if TYPE_CHECKING:
    from aqe_desktop.privacy.reading import Reading
    from aqe_desktop.privacy.scanner import Read, Scanner

_log = logging.getLogger(__name__)
NOT_READY = "The scanner is not ready yet, so this text counts as private."
Named = tuple[str, str]
"""A text and the name of the file that it is from, "" where it is from none."""


class Scanning:
    """`open_(make)` gives a scanner that is ready; it blocks, and may raise RulesBroken. Without `make` only where that
    costs no more than reading a file, else None: compiling takes seconds that an engine on this device needs itself."""

    def __init__(self, open_: Callable[[bool], Scanner | None]) -> None:
        self._open = open_
        self._loading: asyncio.Task[None] | None = None
        self._making: asyncio.Task[None] | None = None
        self._read: Remembered[Named, Read] | None = None
        self._why = NOT_READY
        self.ready: Feed[bool] = Feed(False)

    def start(self) -> None:
        """Begin to get ready, whatever it takes, if that has not begun."""
        if self._making is None and self._read is None:
            self._making = asyncio.create_task(self._load(make=True), name="make the scanner")

    async def wait(self) -> None:
        """Return when it is known whether there is a scanner."""
        self.start()
        if self._making is not None:
            await asyncio.shield(self._making)

    async def findings(self, texts: Sequence[Named]) -> list[tuple[Finding, ...]]:
        """Those of each text, by place. Each text is read once as long as it is asked for now and then."""
        if self._loading is None and self._making is None:
            self._loading = asyncio.create_task(self._load(make=False), name="load the scanner")
        if self._read is None:
            return [(Finding(UNREAD, 0, len(text), 1.0, True, self._why),) if text else () for text, _ in texts]
        return [read.findings for read in await self._read.all(texts)]

    async def readings(self, texts: Sequence[Named]) -> list[tuple[Reading, ...]]:
        """How else each text can be read: none until there is a scanner, as every text is private until then."""
        return [read.readings for read in await self._read.all(texts)] if self._read else [()] * len(texts)

    async def aclose(self) -> None:
        """A thread that compiles goes on to its end, and keeps what it made for the next start."""
        if tasks := {task for task in (self._loading, self._making) if task is not None}:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _load(self, *, make: bool) -> None:
        try:
            scanner = await asyncio.to_thread(self._open, make)
        except AqeError as error:
            _log.error("there is no scanner: %s", error.message)
            self._why = f"{error.message} So this text counts as private."
            return
        if scanner is None or self._read is not None:
            return
        self._read = Remembered(lambda named: scanner.read(named[0], name=named[1]), lambda named: len(named[0]))
        self.ready.put(True)
