"""Tasks hold their work, end with their owner, and let no failure pass unseen."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Coroutine
from typing import Any

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from shiboken6 import delete

from aqe_desktop.core.errors import AqeError, UsageError
from aqe_desktop.ui.tasks import Tasks


@pytest.fixture
async def reported() -> list[dict[str, Any]]:
    """What reached the loop's exception handler."""
    seen: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: seen.append(context))
    return seen


async def forever() -> None:
    await asyncio.Event().wait()


async def raising(error: BaseException) -> None:
    await asyncio.sleep(0)
    raise error


async def test_a_task_nobody_holds_is_not_collected() -> None:
    tasks, done = Tasks(), asyncio.Event()

    async def work() -> None:
        for _ in range(3):
            await asyncio.sleep(0)
            gc.collect()
        done.set()

    tasks.start(work())
    async with asyncio.timeout(10):
        await done.wait()


async def test_busy_is_told_once_at_each_end() -> None:
    tasks, told = Tasks(), list[bool]()
    tasks.busy_changed.connect(told.append)
    first, second = tasks.start(forever()), tasks.start(asyncio.sleep(0))
    await second
    assert (tasks.busy, told) == (True, [True])
    first.cancel()
    await asyncio.wait([first])
    await asyncio.sleep(0)
    assert (tasks.busy, told) == (False, [True, False])


async def test_a_failure_is_signalled_and_a_cancel_is_not(reported: list[Any]) -> None:
    tasks, failures = Tasks(), list[BaseException]()
    tasks.failed.connect(failures.append)
    error = UsageError("No such chat.")
    tasks.start(raising(error))
    tasks.start(forever()).cancel()
    await settle(tasks)
    assert failures == [error]
    assert not reported


async def test_a_bug_is_reported_and_not_told_as_a_failure(reported: list[Any]) -> None:
    tasks, failures = Tasks(), list[BaseException]()
    tasks.failed.connect(failures.append)
    tasks.start(raising(ZeroDivisionError()), name="sending")
    await settle(tasks)
    assert failures == []
    assert [context["message"] for context in reported] == ["sending failed"]


async def test_a_failure_nobody_listens_for_is_reported(reported: list[Any]) -> None:
    tasks = Tasks()
    tasks.start(raising(AqeError("Nothing answers.")))
    await settle(tasks)
    assert len(reported) == 1


async def test_destroying_the_owner_cancels_and_touches_nothing(qapp: QApplication, reported: list[Any]) -> None:
    owner = QWidget()
    label = QLabel("waiting", owner)
    tasks = Tasks(owner)
    tasks.busy_changed.connect(lambda busy: label.setText(str(busy)))
    ran = asyncio.Event()

    async def work() -> None:
        ran.set()
        await forever()
        label.setText("never")

    task = tasks.start(work())
    await ran.wait()
    delete(owner)
    await asyncio.wait([task])
    await asyncio.sleep(0)
    assert task.cancelled()
    assert not reported


async def test_a_task_that_touches_the_deleted_view_is_reported_not_lost(
    qapp: QApplication, reported: list[Any]
) -> None:
    owner = QWidget()
    label = QLabel(owner)
    tasks = Tasks(owner)

    async def work() -> None:
        try:
            await forever()
        finally:
            label.setText("too late")

    task = tasks.start(work())
    await asyncio.sleep(0)
    delete(owner)
    await asyncio.wait([task])
    await asyncio.sleep(0)
    assert len(reported) == 1


async def test_after_close_or_destruction_nothing_starts() -> None:
    ran: list[int] = []

    async def work() -> None:
        ran.append(1)

    closed, owner = Tasks(), QObject()
    orphaned = Tasks(owner)
    await closed.aclose()
    delete(owner)
    late = [closed.start(work()), orphaned.start(work())]
    await asyncio.wait(late)
    assert not ran
    assert all(task.cancelled() for task in late)


async def test_close_waits_for_what_finally_still_does() -> None:
    tasks, kept = Tasks(), list[str]()

    async def work() -> None:
        try:
            await forever()
        finally:
            await asyncio.sleep(0.01)
            kept.append("kept")

    tasks.start(work())
    await asyncio.sleep(0)
    await tasks.aclose()
    assert kept == ["kept"]
    assert not tasks.busy


async def test_closing_right_after_a_start_leaves_no_coroutine_unawaited() -> None:
    """A coroutine that awaits another one it was given must get as far as that: warnings are errors here."""
    tasks = Tasks()

    async def telling(work: Coroutine[Any, Any, None]) -> None:
        await work

    tasks.start(telling(forever()))
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        await tasks.aclose()
        gc.collect()
    assert not [str(one.message) for one in seen]


async def test_close_from_within_a_task_does_not_wait_for_itself() -> None:
    tasks = Tasks()

    async def work() -> str:
        await tasks.aclose()
        return "went on"

    other = tasks.start(forever())
    closing = tasks.start(work())
    async with asyncio.timeout(10):
        assert await asyncio.shield(closing) == "went on"
    assert other.cancelled()


async def settle(tasks: Tasks) -> None:
    while tasks.busy:  # noqa: ASYNC110 - a property, no event
        await asyncio.sleep(0)
