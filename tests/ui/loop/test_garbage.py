"""Garbage that holds widgets is collected in the loop's thread, whoever allocates."""

from __future__ import annotations

import asyncio
import gc
import threading

from PySide6.QtWidgets import QApplication

from aqe_desktop.ui.loop import Loop


class Knot:
    """A cycle that tells in which thread it was collected."""

    def __init__(self, told: list[int]) -> None:
        self._told = told
        self.itself = self

    def __del__(self) -> None:
        self._told.append(threading.get_ident())


def test_what_a_worker_leaves_behind_is_collected_by_the_loop(qapp: QApplication) -> None:
    told: list[int] = []

    def allocate() -> None:
        for _ in range(20_000):
            Knot(told)

    async def body() -> None:
        for _ in range(3):
            await asyncio.to_thread(allocate)
            await asyncio.sleep(0.01)
        assert len(told) > 30_000

    gc.enable()
    with asyncio.Runner(loop_factory=lambda: Loop(qapp, lambda _reason: None)) as runner:
        runner.run(asyncio.wait_for(body(), 30))
    assert set(told) == {threading.get_ident()}
    assert gc.isenabled()


def test_a_loop_leaves_the_collector_off_where_it_was_off(qapp: QApplication) -> None:
    with asyncio.Runner(loop_factory=lambda: Loop(qapp, lambda _reason: None)) as runner:
        runner.run(asyncio.sleep(0.01))
    assert not gc.isenabled()
