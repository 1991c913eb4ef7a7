"""The real start with its marks: when the frame was painted, when the composer took the keyboard, memory at rest.

python start_app.py SECONDS_AT_REST"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from PySide6.QtWidgets import QWidget

from aqe_desktop.ui import first_paint as painting
from aqe_desktop.ui import main, session

_begun: list[str] = []
_waiting: list[asyncio.Task[None]] = []


def mark(name: str, value: float) -> None:
    sys.stdout.write(f"{name} {value}\n")
    sys.stdout.flush()


async def painted(window: QWidget) -> None:
    """The session waits for two paints: of the frame, and of the chat whose composer has the keyboard."""
    await painting.first_paint(window)
    name = "usable" if _begun else "painted"
    mark(name, time.monotonic())
    mark(f"{name}_cpu", time.process_time())
    if _begun:
        _waiting.append(asyncio.create_task(rest()))
    _begun.append(name)


async def rest() -> None:
    await asyncio.sleep(float(sys.argv[1]))
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith(("Rss:", "Pss:")):
            mark(line[:3].lower(), int(line.split()[1]))
    os.kill(os.getpid(), signal.SIGTERM)


setattr(session, "first_paint", painted)  # noqa: B010 - the name is not exported
sys.exit(main.main([]))
