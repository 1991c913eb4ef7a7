"""Stop stops the engine's work, judged by its CPU time: also in the middle of reading a long prompt."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from aqe_desktop.core.chat import ChatEvent, ReadingPrompt, Sampling, TextDelta
from aqe_desktop.core.models import ModelRef
from aqe_desktop.machine.paths import Paths
from aqe_desktop.runtimes.llamacpp import LlamaCpp, LoadOptions
from tests.doors import local_door
from tests.runtimes.llamacpp.conversation import LONG_TEXT, answer, turn
from tests.runtimes.llamacpp.engines import Engines, cpu_seconds

_ENDLESS = Sampling(temperature=0.9, seed=1)
_QUIET_S = 1.0


async def _leave_at(runtime: LlamaCpp, model: ModelRef, text: str, kind: type[ChatEvent]) -> None:
    async with aclosing(runtime.stream(turn(model, text, sampling=_ENDLESS))) as events:
        async for event in events:
            if isinstance(event, kind):
                return


async def _work_after_leaving(pid: int) -> float:
    """CPU seconds the engine still spends; waits until a whole second passes without any."""
    begun = seen = cpu_seconds(pid)
    while True:
        await asyncio.sleep(_QUIET_S)
        now = cpu_seconds(pid)
        if now - seen < 0.03:
            return now - begun
        assert now - begun < 10, "the engine goes on"
        seen = now


@pytest.mark.parametrize("kind", [ReadingPrompt, TextDelta], ids=["while it reads", "while it writes"])
async def test_leaving_a_stream_makes_the_engine_idle_within_a_second_of_its_time(
    kind: type[ChatEvent], paths: Paths, engines: Engines, starter: ModelRef
) -> None:
    runtime = LlamaCpp(paths, local_door(), LoadOptions(n_ctx=8192, n_parallel=1))
    await runtime.load(starter)
    pid = runtime.status.value.pid
    assert pid is not None
    await _leave_at(runtime, starter, LONG_TEXT if kind is ReadingPrompt else "Tell a long story.", kind)
    work = await _work_after_leaving(pid)
    text, _, _ = await answer(runtime, turn(starter, "Still there?"))
    await runtime.aclose()
    assert work < 1.0
    assert text


async def test_cancelling_the_task_stops_the_engine_too(runtime: LlamaCpp, starter: ModelRef) -> None:
    await runtime.load(starter)
    pid = runtime.status.value.pid
    assert pid is not None
    task = asyncio.create_task(answer(runtime, turn(starter, "Tell a long story.", sampling=_ENDLESS)))
    await asyncio.sleep(1.0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await _work_after_leaving(pid) < 1.0


async def test_stop_while_the_model_loads_leaves_a_runtime_that_works(runtime: LlamaCpp, starter: ModelRef) -> None:
    task = asyncio.create_task(answer(runtime, turn(starter, "Hello")))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    text, _, _ = await answer(runtime, turn(starter, "Hello"))
    assert text


async def test_closing_while_the_model_loads_leaves_no_engine(
    paths: Paths, engines: Engines, starter: ModelRef
) -> None:
    for pause in (0.0, 0.05, 0.15, 0.3):
        runtime = LlamaCpp(paths, local_door())
        task = asyncio.create_task(runtime.load(starter))
        await asyncio.sleep(pause)
        task.cancel()
        await runtime.aclose()
        await asyncio.gather(task, return_exceptions=True)
        assert engines.wait_until_gone() == []
