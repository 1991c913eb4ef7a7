"""The figures of an answer: measured as it comes, kept also where it ends early, and the wait told once."""

from __future__ import annotations

import asyncio

import pytest

from aqe_desktop.core.chat import (
    ChatEvent,
    Finished,
    FirstToken,
    Metered,
    ReadingPrompt,
    ReasoningDelta,
    State,
    Stored,
    TextDelta,
)
from aqe_desktop.core.errors import EngineCrashed, NotEnoughMemory
from aqe_desktop.core.history import Reply
from aqe_desktop.core.models import ModelRef, Proof, Zone
from aqe_desktop.core.money import FREE
from aqe_desktop.core.usage import Timing, Usage
from aqe_desktop.services.measure import Measure
from aqe_desktop.services.models import ModelService
from tests.services.conftest import Desk, collect, first, no_preference, until
from tests.services.engine_of_lines import DONE, Lines


class Clock:
    """Stands still until a test moves it."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_pieces_and_a_clock_make_the_figures() -> None:
    clock = Clock()
    measure = Measure(clock)
    assert (measure.usage, measure.ttft_s) == (None, None)
    assert not measure.take(ReadingPrompt(40, 40, reused=30))
    clock.now += 2
    assert measure.take(ReasoningDelta("I "))
    for _ in range(4):
        clock.now += 0.5
        assert not measure.take(TextDelta("word "))
    clock.now += 1
    assert measure.usage == Usage(input=10, cache_read=30, output=5)
    assert measure.timing == Timing(2.0, 5.0, 2.0)
    assert measure.felt(Timing(0.1, 0.2, 77.0)) == Timing(2.0, 5.0, 77.0)


async def test_the_wait_for_the_first_token_is_told_once_and_is_the_one_that_is_kept(desk: Desk) -> None:
    seen = await desk.all(desk.chat.ask(None, "Hi"))
    (told,) = [event for event in seen if isinstance(event, FirstToken)]
    row = await desk.store.message(first(seen, Stored).answer)
    assert row.reply.timing is not None
    assert row.reply.timing == first(seen, Finished).timing == first(seen, Metered).timing
    assert row.reply.timing.ttft_s == told.after_s
    # The engine says 0.1: it knows nothing of the time that it took to load.
    assert told.after_s != DONE.timing.ttft_s


async def stopped(desk: Desk, *steps: ChatEvent) -> Reply:
    seen: list[ChatEvent] = []
    desk.engine.steps = (*steps, asyncio.Event())
    task = asyncio.create_task(collect(desk.chat.ask(None, "Hi"), seen))

    async def arrived() -> bool:
        return bool(seen) and seen[-1] == steps[-1]

    await until(arrived)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    row = await desk.store.message(first(seen, Stored).answer)
    assert row.state is State.STOPPED
    return row.reply


async def test_a_stopped_answer_keeps_what_was_measured(desk: Desk) -> None:
    reply = await stopped(desk, ReadingPrompt(9, 9, reused=4), TextDelta("one "), TextDelta("two"))
    assert reply.usage == Usage(input=5, cache_read=4, output=2)
    assert reply.timing is not None
    assert reply.timing.ttft_s
    assert reply.timing.tokens_per_s
    assert reply.cost == FREE


async def test_an_answer_stopped_before_its_first_word_has_no_figures(desk: Desk) -> None:
    reply = await stopped(desk, ReadingPrompt(3, 9))
    assert (reply.usage, reply.timing, reply.cost) == (None, None, None)


async def test_a_broken_answer_keeps_what_was_measured(desk: Desk) -> None:
    seen: list[ChatEvent] = []
    desk.engine.steps = (TextDelta("one"), EngineCrashed("gone"))
    with pytest.raises(EngineCrashed):
        await collect(desk.chat.ask(None, "Hi"), seen)
    row = await desk.store.message(first(seen, Stored).answer)
    assert row.reply.usage == Usage(output=1)


async def test_the_row_of_an_answer_knows_where_it_runs_and_its_figures_while_it_is_written(desk: Desk) -> None:
    """Whatever ends the process, kill -9 included, they are on disk by then."""
    desk.engine.steps = (TextDelta("one"), asyncio.Event())
    seen: list[ChatEvent] = []
    task = asyncio.create_task(collect(desk.chat.ask(None, "Hi"), seen))

    async def kept() -> bool:
        stored = [event for event in seen if isinstance(event, Stored)]
        return bool(stored) and (await desk.store.message(stored[0].answer)).text == "one"

    await until(kept)
    row = await desk.store.message(first(seen, Stored).answer)
    assert row.state is State.STREAMING
    assert (row.reply.zone, row.reply.proof) == (Zone.DEVICE, Proof.PROVED)
    assert row.reply.usage == Usage(output=1)
    task.cancel()
    await asyncio.wait({task})


async def test_an_engine_that_could_not_be_loaded_was_given_nothing_and_the_row_names_no_zone(desk: Desk) -> None:
    class Small(Lines):
        async def load(self, model: ModelRef) -> None:
            raise NotEnoughMemory("It is too large.")

    desk.chat._exchange._models = ModelService([Small()], no_preference)
    seen: list[ChatEvent] = []
    with pytest.raises(NotEnoughMemory):
        await collect(desk.chat.ask(None, "Hi"), seen)
    stored = first(seen, Stored)
    assert (await desk.store.message(stored.answer)).reply.zone is None
    assert (await desk.store.get(stored.conversation)).zone is None
