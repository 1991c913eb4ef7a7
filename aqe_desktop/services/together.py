"""Several streams read at once: each value is handed on when it is there, and none holds up another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TypeVar

T = TypeVar("T")


async def together(streams: Sequence[AsyncGenerator[T]]) -> AsyncGenerator[T]:
    """Ends when all have ended; raises what one raises. Closing it closes them all."""
    come: asyncio.Queue[T | None] = asyncio.Queue()

    async def read(stream: AsyncGenerator[T]) -> None:
        try:
            async with aclosing(stream):
                async for value in stream:
                    come.put_nowait(value)
        finally:
            come.put_nowait(None)

    reading = [asyncio.ensure_future(read(stream)) for stream in streams]
    try:
        left = len(reading)
        while left:
            value = await come.get()
            if value is not None:
                yield value
                continue
            left -= 1
            for task in reading:
                if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                    raise error
    finally:
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
