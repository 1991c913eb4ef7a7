"""Stop while the model still loads: a stop like any other, however often it is asked for."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from aqe_desktop.core.chat import ChatEvent, Loading, State, Stored
from aqe_desktop.core.models import ModelRef, Phase, RuntimeStatus
from aqe_desktop.services.models import ModelService
from tests.services.conftest import Desk, collect, first, no_preference, until
from tests.services.engine_of_lines import MODEL, Lines


class Slow(Lines):
    """An engine that loads for as long as a test likes."""

    async def load(self, model: ModelRef) -> None:
        self._status.put(RuntimeStatus("lines", "Lines", Phase.LOADING, model=model, message="Loading"))
        await asyncio.Event().wait()


@pytest.mark.parametrize("times", [1, 2, 5])
async def test_stop_while_the_model_loads_is_a_stop_and_no_fault(desk: Desk, times: int) -> None:
    desk.chat._exchange._models = ModelService([Slow()], no_preference)
    seen: list[ChatEvent] = []

    async def loading() -> bool:
        return any(isinstance(event, Loading) for event in seen)

    task = asyncio.create_task(collect(desk.chat.ask(None, "Hi"), seen))
    await until(loading)
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    row = await desk.store.message(first(seen, Stored).answer)
    assert (row.text, row.state, row.reply.error) == ("", State.STOPPED, None)


async def test_leaving_while_the_model_loads_leaves_no_task_behind() -> None:
    before = asyncio.all_tasks()
    async with aclosing(ModelService([Slow()], no_preference).loading(MODEL)) as steps:
        assert await anext(steps) == Loading("Loading", None)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
