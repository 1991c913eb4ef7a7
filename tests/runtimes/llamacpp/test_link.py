"""The control connection to a keeper, against one that plays its part: uses are counted, and let go of in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

import pytest

from aqe_desktop.core.errors import EngineCrashed
from aqe_desktop.core.models import Loaded, ModelRef, Phase, RuntimeStatus
from aqe_desktop.machine.door import Door
from aqe_desktop.machine.paths import Paths, prepare
from aqe_desktop.runtimes.llamacpp import channel
from aqe_desktop.runtimes.llamacpp.link import Link, find_links
from aqe_desktop.runtimes.llamacpp.options import Job
from aqe_desktop.runtimes.llamacpp.runtime import LlamaCpp

_SOON = 30.0


class Keeper:
    """Greets, and answers the first use unless it is `silent`; an `ending` one says instead that it was idle."""

    def __init__(self, job: Job, *, silent: bool = False, ending: bool = False) -> None:
        self._job = job
        self._silent = silent
        self._ending = ending
        self.heard: list[Any] = []
        self.left = asyncio.Event()

    async def user(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        state = {"state": "verifying", "progress": 0.0, "keeper": 1, "job": self._job.as_json()}
        channel.send(writer, state)
        while (message := await channel.receive(reader)) is not None:
            self.heard.append(message["ask"])
            if message["ask"] == "use" and self._ending:
                channel.send(writer, {**state, "state": "idle", "idle_s": 1})
                break
            if message["ask"] == "use" and not self._silent:
                channel.send(writer, {"used": True})
        writer.close()
        self.left.set()


@asynccontextmanager
async def kept(paths: Paths, **how: bool) -> AsyncIterator[tuple[Keeper, Link]]:
    prepare(paths)
    job = Job(paths.models / "a.gguf", paths.run, paths.home)
    keeper = Keeper(job, **how)
    async with await channel.listen(job.control, keeper.user, loopback=False):
        (link,) = await find_links(paths.run, loopback=False)
        assert link.job == job
        yield keeper, link
        await link.aclose()
        await asyncio.wait_for(keeper.left.wait(), _SOON)


async def test_a_use_begins_and_ends_and_a_retired_link_waits_for_it(paths: Paths) -> None:
    async with kept(paths) as (keeper, link):
        async with link.in_use(None), link.in_use(7):
            link.leave()
            gone: list[bool] = []
            await link.retire(lambda: gone.append(True))
            assert (keeper.left.is_set(), gone) == (False, [])
        await asyncio.wait_for(keeper.left.wait(), _SOON)
        assert gone == [True]
        assert keeper.heard == ["use", "use", "leave", "done", "done"]


async def test_a_model_that_still_answers_is_told_as_loaded_beside_the_one_that_takes_its_place(paths: Paths) -> None:
    first, second = ModelRef("llamacpp", "first"), ModelRef("llamacpp", "second")
    runtime = LlamaCpp(paths, cast("Door", None))
    async with kept(paths) as (_, link):
        ready = RuntimeStatus("llamacpp", "llama.cpp", Phase.READY, model=first, loaded=(Loaded(first, 819),))
        runtime.status.put(ready)
        async with link.in_use(None):
            await runtime._retire(link)
            runtime._put(replace(ready, model=second, loaded=(Loaded(second, 549),)))
            assert [each.model for each in runtime.status.value.loaded] == [second, first]
        assert [each.model for each in runtime.status.value.loaded] == [second]


async def test_an_engine_that_was_idle_too_long_takes_no_use_and_says_that_it_is_no_fault(paths: Paths) -> None:
    async with kept(paths, ending=True) as (_, link):
        with pytest.raises(EngineCrashed):
            async with link.in_use(1):
                raise AssertionError("it must not begin")
        assert link.let_go
        assert link.lost.is_set()


async def test_a_use_that_is_given_up_is_not_counted_for_ever(paths: Paths) -> None:
    async with kept(paths, silent=True) as (keeper, link):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), link.in_use(None):
                raise AssertionError("it must not begin")
        waiting = asyncio.ensure_future(link.in_use(None).__aenter__())
        await asyncio.sleep(0)
        await link.retire()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(waiting), 0.2)
        await link.aclose()
        with pytest.raises(EngineCrashed):
            await waiting
        await asyncio.wait_for(keeper.left.wait(), _SOON)
        assert keeper.heard[:3] == ["use", "done", "use"]
