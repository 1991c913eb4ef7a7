"""The app as shipped, started by its own main and driven by a coroutine; only the runtime is another one."""

from __future__ import annotations

import asyncio
import json
import os
import signal as signals
import sys
import tempfile
import traceback
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import aqe_desktop.app
from aqe_desktop.ui import main, rooms
from tests.bench.beside import Beside
from tests.bench.steady_runtime import SteadyRuntime

Drive = Callable[[rooms.Rooms], Awaitable[dict[str, Any]]]
# Seconds after the engine is ready in which the start comes to rest.
_REST = 2.0


def run(drive: Drive, tokens: int, rate: int) -> int:
    """Open the window over the profile of AQE_HOME, let `drive` do its work in it, print what it found, and leave."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="aqe-", dir="/tmp"))
        SteadyRuntime.socket = Path(folder) / "e.sock"
        Beside(stack, "token_server.py", str(SteadyRuntime.socket), str(tokens), str(rate))
        setattr(aqe_desktop.app, "LlamaCpp", SteadyRuntime)  # noqa: B010 - the type is another one
        _drive_by(drive)
        return main.main([])


def _drive_by(drive: Drive) -> None:
    begin = rooms.Rooms.begin
    driven: list[asyncio.Task[None]] = []

    def begin_and_drive(self: rooms.Rooms) -> None:
        begin(self)
        driven.append(asyncio.create_task(_work(drive, self)))

    setattr(rooms.Rooms, "begin", begin_and_drive)  # noqa: B010 - mypy forbids to assign to a method


async def _work(drive: Drive, opened: rooms.Rooms) -> None:
    try:
        await _until(opened.chat.engine.changed, lambda: opened.chat.engine.ready)
        await asyncio.sleep(_REST)
        sys.stdout.write(json.dumps(await drive(opened)) + "\n")
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os.kill(os.getpid(), signals.SIGTERM)


async def ask(opened: rooms.Rooms, text: str) -> None:
    """Send a question as the Send button does, and wait until its whole answer is on show."""
    chat = opened.chat.chat
    before = chat.messages[-1].id if chat.messages else 0
    opened.chat.view.send(text, [])

    def answered() -> bool:
        newest = chat.messages[-1] if chat.messages else None
        return chat.exchange is None and newest is not None and newest.id > before and newest.state == "complete"

    await _until(chat.loaded, answered)
    assert chat.failure is None, chat.failure


async def _until(signal: Any, holds: Callable[[], bool]) -> None:
    """Look again at each emission of this signal."""
    there = asyncio.Event()
    connection = signal.connect(lambda *_: there.set())
    while not holds():
        await there.wait()
        there.clear()
    signal.disconnect(connection)


def resident() -> float:
    """MiB that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)
