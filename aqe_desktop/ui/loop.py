"""One Qt loop that is also the asyncio loop, and one way to end it: a coroutine that closes in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from types import FrameType
from typing import Any

from PySide6.QtWidgets import QApplication
from qasync import QEventLoop  # type: ignore[import-untyped]

from aqe_desktop.ui.application import Application
from aqe_desktop.ui.faults import Faults
from aqe_desktop.ui.turns import Turns

_log = logging.getLogger("aqe_desktop.loop")

# Seconds the closing may take before the process ends all the same. What arrived is on disk long before.
GRACE = 15.0
# The exit status of a closing that did not come to its end: our bug.
GAVE_UP = 1

Body = Callable[[asyncio.Event], Awaitable[int]]
SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


def run(application: Application, body: Body, faults: Faults, asked: Sequence[str] = ()) -> int:
    """Run `body(leave)` on the Qt loop and return its exit status; 1 when it raised, which `faults` gets.

    `leave` is set by INT, TERM, HUP, the last window, quit or logout; the body then closes and returns. A second
    signal, or GRACE seconds, end the process at once. Whatever tasks the body left behind are cancelled and awaited.
    `asked`: why somebody has wished to leave before there was this loop."""
    way_out = _WayOut()
    with _early_signals(way_out), asyncio.Runner(loop_factory=lambda: Loop(application, way_out.ask)) as runner:
        application.leave_asked.connect(way_out.ask)
        for reason in asked:
            way_out.ask(reason)
        runner.get_loop().set_exception_handler(faults.in_loop)
        try:
            return runner.run(_live(body, way_out))
        except Exception as error:  # noqa: BLE001 - the outermost frame: reported, never a silent death
            faults.caught(error, "in the main coroutine")
            return 1
        finally:
            application.leave_asked.disconnect(way_out.ask)
            way_out.left()


class Loop(QEventLoop):  # type: ignore[misc]  # qasync has no types
    """qasync's loop, mended in four places.

    Somebody's `exit()` of the Qt loop does not end a running coroutine (`interrupted` is told), async generators that
    were dropped half-way are closed, as on asyncio's own loop, callbacks run by `Turns`, and only this thread collects
    garbage."""

    def __init__(self, application: QApplication, interrupted: Callable[[str], None]) -> None:
        super().__init__(application)
        self._interrupted = interrupted
        self._turns = Turns()
        # qasync's default starts ten QThreads at the first use.
        self.set_default_executor(ThreadPoolExecutor(max_workers=4, thread_name_prefix="aqe"))

    def run_forever(self) -> Any:
        before = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(firstiter=self._asyncgen_firstiter_hook, finalizer=self._asyncgen_finalizer_hook)
        self._turns.garbage.take_over()
        try:
            return super().run_forever()
        finally:
            self._turns.garbage.give_back()
            sys.set_asyncgen_hooks(*before)

    def run_until_complete(self, future: Awaitable[Any]) -> Any:
        task = asyncio.ensure_future(future, loop=self)
        task.add_done_callback(self._done)
        self.run_forever()
        while not task.done():
            self._interrupted("the Qt loop was stopped")
            self.run_forever()
        return task.result()

    def call_soon(self, callback: Any, *args: Any, context: Context | None = None) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._turns.soon(handle)
        return handle

    def call_later(
        self, delay: float, callback: Any, *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(self, when: float, callback: Any, *args: Any, context: Context | None = None) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._turns.at(handle)
        return handle

    def close(self) -> None:
        super().close()
        self._turns.stop()

    def _add_callback(self, handle: asyncio.Handle, _delay: float = 0) -> None:
        """asyncio's signal handlers come in by this."""
        self._turns.soon(handle)

    def _timer_handle_cancelled(self, handle: Any) -> None:
        if handle._scheduled:
            self._turns.cancelled()

    def _done(self, _task: asyncio.Future[Any]) -> None:
        self.stop()


class _WayOut:
    """Remembers that the end was asked for, also before the loop runs, and sees to it that it comes."""

    def __init__(self) -> None:
        self._asked = False
        self._event: asyncio.Event | None = None
        self._watchdog = threading.Timer(GRACE, self._give_up)
        self._watchdog.daemon = True

    def enter(self) -> asyncio.Event:
        self._event = asyncio.Event()
        if self._asked:
            self._event.set()
        return self._event

    def ask(self, reason: str) -> None:
        if self._asked:
            return
        self._asked = True
        _log.info("leaving: %s", reason)
        self._watchdog.start()
        if self._event is not None:
            self._event.set()

    def signalled(self, number: int, _frame: FrameType | None = None) -> None:
        if self._asked and self._event is not None:
            _log.warning("a second signal %d: ending at once", number)
            os._exit(128 + number)
        self.ask(f"signal {signal.Signals(number).name}")

    def left(self) -> None:
        self._watchdog.cancel()

    def _give_up(self) -> None:
        _log.error("closing took more than %.0f s: ending at once", GRACE)
        os._exit(GAVE_UP)


@contextlib.contextmanager
def _early_signals(way_out: _WayOut) -> Iterator[None]:
    """Until the loop's own handlers are in place a signal is only noted; after it, one can no longer hurt."""
    for number in SIGNALS:
        signal.signal(number, way_out.signalled)
    try:
        yield
    finally:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)


async def _live(body: Body, way_out: _WayOut) -> int:
    loop = asyncio.get_running_loop()
    leave = way_out.enter()
    if os.name != "nt":
        for number in SIGNALS:
            loop.add_signal_handler(number, way_out.signalled, number)
    return await body(leave)
