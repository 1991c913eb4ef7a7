"""The loop's callbacks: in order, never early, none left behind, and no timer outlives its cancel."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from PySide6.QtCore import QEventLoop, QTimer, QTimerEvent
from PySide6.QtWidgets import QApplication

from aqe_desktop.ui.loop import Loop
from aqe_desktop.ui.turns import Turns

Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def on_loop(qapp: QApplication) -> Run:
    def run(coro: Coroutine[Any, Any, Any]) -> Any:
        with asyncio.Runner(loop_factory=lambda: Loop(qapp, lambda _reason: None)) as runner:
            return runner.run(asyncio.wait_for(coro, 30))

    return run


def test_callbacks_run_in_the_order_they_were_asked_for(on_loop: Run) -> None:
    async def body() -> list[int]:
        loop, ran, done = asyncio.get_running_loop(), list[int](), asyncio.Event()
        for number in range(500):
            loop.call_soon(ran.append, number)
        loop.call_soon(done.set)
        await done.wait()
        return ran

    assert on_loop(body()) == list(range(500))


def test_timers_run_by_their_time_and_never_early(on_loop: Run) -> None:
    async def body() -> tuple[list[float], bool]:
        loop, ran, early = asyncio.get_running_loop(), list[float](), list[bool]()

        def note(due: float, delay: float) -> None:
            ran.append(delay)
            early.append(loop.time() < due)

        for delay in (0.03, 0.0004, 0.02, 0.01, 0.0):
            due = loop.time() + delay
            loop.call_at(due, note, due, delay)
        await asyncio.sleep(0.1)
        return ran, any(early)

    assert on_loop(body()) == ([0.0, 0.0004, 0.01, 0.02, 0.03], False)


def test_timeouts_that_did_not_happen_leave_nothing_behind(on_loop: Run) -> None:
    """Each read of a stream has one: for a long answer they would pile up by the ten thousand."""

    async def body() -> int:
        for _ in range(5_000):
            async with asyncio.timeout(600):
                await asyncio.sleep(0)
        loop: Any = asyncio.get_running_loop()
        return len(loop._turns._later)

    assert on_loop(body()) < 300


def test_a_nested_qt_loop_runs_the_callbacks_behind_it(on_loop: Run) -> None:
    """Our code opens none in a task; Qt's own slots may (a drag, a file dialog's question)."""

    async def body() -> list[str]:
        loop, ran, done = asyncio.get_running_loop(), list[str](), asyncio.Event()
        nested = QEventLoop()

        def open_nested() -> None:
            ran.append("in")
            nested.exec()
            ran.append("out")
            done.set()

        loop.call_soon(open_nested)
        loop.call_soon(ran.append, "behind")
        loop.call_later(0.01, ran.append, "later")
        loop.call_later(0.03, nested.quit)
        # Longer than a turn: the callbacks begin in one of their own, where no other call has set the timer.
        time.sleep(0.02)  # noqa: ASYNC251
        await done.wait()
        return ran

    assert on_loop(body()) == ["in", "behind", "later", "out"]


def test_a_failing_callback_does_not_stop_the_others(on_loop: Run) -> None:
    async def body() -> list[str]:
        loop, ran = asyncio.get_running_loop(), list[str]()
        loop.set_exception_handler(lambda _loop, context: ran.append(type(context["exception"]).__name__))
        loop.call_soon(lambda: 1 // 0)
        loop.call_soon(ran.append, "next")
        await asyncio.sleep(0.01)
        return ran

    assert on_loop(body()) == ["ZeroDivisionError", "next"]


def test_waiting_costs_no_turns(on_loop: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[int] = []
    real = Turns.timerEvent

    def counted(self: Turns, event: QTimerEvent) -> None:
        turns.append(1)
        real(self, event)

    monkeypatch.setattr(Turns, "timerEvent", counted)
    on_loop(asyncio.sleep(0.2))
    assert len(turns) < 20


def test_busy_coroutines_do_not_starve_qt(on_loop: Run) -> None:
    async def body() -> int:
        ticks = [0]
        timer = QTimer()
        timer.timeout.connect(lambda: ticks.__setitem__(0, ticks[0] + 1))
        timer.start(0)
        while ticks[0] < 20:  # noqa: ASYNC110 - it is this that must not starve Qt
            await asyncio.sleep(0)
        timer.stop()
        return ticks[0]

    assert on_loop(body()) >= 20


def test_threads_wake_the_loop(on_loop: Run) -> None:
    async def body() -> list[int]:
        return await asyncio.gather(*(asyncio.to_thread(pow, n, 2) for n in range(50)))

    assert on_loop(body()) == [n * n for n in range(50)]


def test_somebody_elses_exit_of_the_qt_loop_ends_nothing(qapp: QApplication) -> None:
    told: list[str] = []

    async def body() -> str:
        asyncio.get_running_loop().call_later(0.01, qapp.exit, 3)
        await asyncio.sleep(0.05)
        return "went on"

    with asyncio.Runner(loop_factory=lambda: Loop(qapp, told.append)) as runner:
        assert runner.run(body()) == "went on"
    assert told == ["the Qt loop was stopped"]
