"""Work that is done once: shared by all who ask, bounded, and never poisoned by a failure."""

from __future__ import annotations

import asyncio
import threading

import pytest

from aqe_desktop.services.remembered import Remembered


async def test_values_come_in_the_order_of_the_keys_and_are_made_once() -> None:
    made: list[str] = []

    def work(key: str) -> str:
        made.append(key)
        return key.upper()

    kept = Remembered(work, len)
    assert await kept.all(["b", "a", "b"]) == ["B", "A", "B"]
    assert await kept.all(["a", "c"]) == ["A", "C"]
    assert made == ["b", "a", "c"]
    assert await kept.all([]) == []


async def test_what_was_asked_for_longest_ago_goes_first() -> None:
    made: list[str] = []

    def work(key: str) -> int:
        made.append(key)
        return len(key)

    kept = Remembered(work, len, most=10)
    await kept.all(["aaaa", "bbbb"])
    await kept.all(["aaaa"])
    await kept.all(["cccc"])
    await kept.all(["aaaa"])
    assert made == ["aaaa", "bbbb", "cccc"]
    await kept.all(["bbbb"])
    assert made[-1] == "bbbb"


async def test_what_is_asked_for_at_once_is_held_whatever_it_weighs() -> None:
    made: list[str] = []

    def work(key: str) -> int:
        made.append(key)
        return len(key)

    kept = Remembered(work, len, most=3)
    for _ in range(3):
        await kept.all(["aaaa", "bbbb"])
    assert made == ["aaaa", "bbbb"]


async def test_a_failure_is_told_and_tried_again() -> None:
    fails = [True]

    def work(key: str) -> str:
        if fails:
            fails.pop()
            raise ValueError(key)
        return key

    kept = Remembered(work, len)
    with pytest.raises(ValueError, match="a"):
        await kept.all(["a"])
    assert await kept.all(["a"]) == ["a"]


async def test_who_leaves_does_not_take_the_work_along() -> None:
    go = threading.Event()
    made: list[str] = []

    def work(key: str) -> str:
        made.append(key)
        go.wait(60)
        return key

    kept = Remembered(work, len)
    first = asyncio.create_task(kept.all(["a"]))
    await asyncio.sleep(0)
    second = asyncio.create_task(kept.all(["a"]))
    await asyncio.sleep(0)
    first.cancel()
    go.set()
    assert await second == ["a"]
    assert made == ["a"]
    with pytest.raises(asyncio.CancelledError):
        await first
