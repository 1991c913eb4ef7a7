"""The server's log as it is shown: the last lines, then what comes; no work when nobody reads."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from pathlib import Path

from aqe_desktop.core.errors import UsageError
from aqe_desktop.machine.logs import redacted

_TAIL_BYTES, _LINE, _PAUSE_S = 512_000, 2000, 0.5


async def follow(path: Path, lines: int) -> AsyncGenerator[str]:
    """Ends when it is closed. Raises UsageError where there is no such log."""
    try:
        told, at, file = await asyncio.to_thread(_read, path, 0, 0)
    except OSError as error:
        raise UsageError(
            "This app has not started Ollama, so it has no log of it.",
            "Read it where Ollama was started: journalctl -u ollama",
        ) from error
    for line in told[-lines:]:
        yield line
    while True:
        await asyncio.sleep(_PAUSE_S)
        try:
            told, at, file = await asyncio.to_thread(_read, path, at, file)
        except OSError:
            continue  # between two files
        for line in told:
            yield line


def last(path: Path) -> str:
    """The last thing that was said."""
    try:
        told = _read(path, 0, 0)[0]
    except OSError:
        told = []
    return next((line.strip()[:300] for line in reversed(told) if line.strip()), "it gave no reason.")


def _read(path: Path, at: int, file: int) -> tuple[list[str], int, int]:
    """Whole lines from there on, the place after them, and which file it was: after a change it starts anew."""
    with path.open("rb") as log:
        facts = os.fstat(log.fileno())
        if facts.st_ino != file or facts.st_size < at:
            at = max(0, facts.st_size - _TAIL_BYTES)
        log.seek(at)
        data = log.read(_TAIL_BYTES)
    end = data.rfind(b"\n") + 1
    told = [redacted(each[:_LINE]) for each in data[:end].decode("utf-8", "replace").splitlines()]
    return told, at + end, facts.st_ino
