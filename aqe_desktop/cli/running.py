"""Coroutines from a synchronous main: one loop for the whole command, and signals that end it in order."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from types import FrameType
from typing import Any, NoReturn, TypeVar

from aqe_desktop.app import App, open_app
from aqe_desktop.cli.ended import Ended
from aqe_desktop.cli.found import tell_what_was_found

T = TypeVar("T")
_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class Session:
    """An open app for one command. Ctrl+C inside `run` cancels it and raises KeyboardInterrupt; TERM raises Ended."""

    def __init__(self, process: str) -> None:
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._process = process

    def __enter__(self) -> Session:
        for number in _heeded():
            signal.signal(number, _end)
        try:
            self.app: App = self.run(self._stack.enter_async_context(open_app(process=self._process)))
            tell_what_was_found(self.app)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.run(self._stack.aclose())
        finally:
            self._runner.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`; what it holds open is closed before this returns or raises."""
        return self._runner.run(_with_signals(work))


async def _with_signals(work: Coroutine[Any, Any, T]) -> T:
    """The loop may sleep in a system call, so there signals go through it; outside, `_end` raises by itself."""
    if sys.platform == "win32":
        return await work
    loop, task, heeded = asyncio.get_running_loop(), asyncio.current_task(), _heeded()
    assert task is not None
    received: list[int] = []

    def end(number: int) -> None:
        received.append(number)
        task.cancel()

    for number in heeded:
        loop.add_signal_handler(number, end, number)
    try:
        return await work
    except asyncio.CancelledError:
        if received:
            raise Ended(received[0]) from None
        raise
    finally:
        for number in heeded:
            loop.remove_signal_handler(number)
            signal.signal(number, _end)


def _heeded() -> tuple[int, ...]:
    """Who started us may have turned a signal off for us, as nohup does: it stays off."""
    return tuple(number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN)


def _end(number: int, _: FrameType | None) -> NoReturn:
    raise Ended(number)
