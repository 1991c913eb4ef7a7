"""An engine is idle when nothing of any user is under way, and only then its time runs."""

from __future__ import annotations

import asyncio
import time

import pytest

from aqe_desktop.core.loading import NEVER
from aqe_desktop.runtimes.llamacpp.options import LoadOptions
from aqe_desktop.runtimes.llamacpp.worker import idleness
from aqe_desktop.runtimes.llamacpp.worker.idleness import Idleness

_SOON = 30.0


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idleness, "_LEAST_S", 0.05)


async def test_the_limit_is_reached_only_once_an_engine_is_there_and_nobody_uses_it() -> None:
    over = asyncio.Event()
    idle = Idleness(LoadOptions(idle_s=0), over.set)
    idle.begin("a", 0)
    idle.begin("a", 0)
    idle.end("a")
    await asyncio.sleep(0.1)
    idle.start()
    idle.begin("b", 0)
    idle.end("b")
    await asyncio.sleep(0.1)
    assert (over.is_set(), idle.until) == (False, None)
    idle.end("a")
    await asyncio.wait_for(over.wait(), _SOON)


async def test_a_user_who_is_killed_holds_up_nothing() -> None:
    over = asyncio.Event()
    idle = Idleness(LoadOptions(idle_s=0), over.set)
    idle.start()
    idle.begin("killed", 0)
    idle.forget("killed")
    idle.forget("killed")
    await asyncio.wait_for(over.wait(), _SOON)


@pytest.mark.parametrize("never", [None, NEVER])
async def test_without_a_limit_it_stays(never: int | None) -> None:
    over = asyncio.Event()
    idle = Idleness(LoadOptions(idle_s=never), over.set)
    idle.start()
    await asyncio.sleep(0.1)
    assert (over.is_set(), idle.limit, idle.until) == (False, None, None)


async def test_the_limit_may_change_with_each_use() -> None:
    idle = Idleness(LoadOptions(idle_s=7), lambda: None)
    idle.start()
    idle.begin("a", 60)
    idle.end("a")
    assert idle.limit == 60
    assert idle.until is not None
    assert 50 < idle.until / 1000 - time.time() < 61
    idle.begin("a", NEVER)
    idle.end("a")
    assert idle.until is None
