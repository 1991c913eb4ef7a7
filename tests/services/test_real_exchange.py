"""The whole app without a face: the real engine, the real store, joined as they ship."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from aqe_desktop.app import App, open_app
from aqe_desktop.core.chat import (
    ChatEvent,
    Loading,
    Metered,
    Parameters,
    Routed,
    Sampling,
    State,
    Stored,
    TextDelta,
)
from aqe_desktop.core.errors import ContextTooLong
from aqe_desktop.core.models import Phase
from aqe_desktop.core.usage import Usage
from aqe_desktop.machine.paths import find_paths
from tests.runtimes.llamacpp.engines import Engines
from tests.services.conftest import collect, first, text_of

STORY = "Write a very long story about a dragon and a knight."
GREEDY = Parameters("", Sampling(temperature=0.0, max_output=24))


@pytest.fixture
async def app(kept_rules: None) -> AsyncIterator[App]:
    async with open_app(process="test") as opened:
        yield opened
    assert Engines(find_paths().home).wait_until_gone() == []


def _killed_in_the_middle() -> None:
    command = [sys.executable, "-m", "aqe_desktop.cli.main", "chat", STORY]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0)
    assert process.stdout is not None
    process.stdout.read(1)
    process.kill()
    process.communicate()


async def asked(app: App, conversation: int | None, text: str, parameters: Parameters = GREEDY) -> list[ChatEvent]:
    seen: list[ChatEvent] = []
    await collect(app.chat.ask(conversation, text, parameters=parameters), seen)
    return seen


def usage_of(seen: list[ChatEvent]) -> Usage:
    return first(seen, Metered).usage


async def test_the_first_question_loads_answers_and_is_proved_local(app: App) -> None:
    seen = await asked(app, None, "What is 2+2?")
    assert "4" in text_of(seen)
    assert any(isinstance(event, Loading) for event in seen)
    told = [event for event in seen if isinstance(event, Routed)][-1]
    assert any("network namespace" in fact for fact in told.place.facts)
    assert app.models.statuses()[0].phase is Phase.READY


async def test_the_second_turn_of_a_chat_pays_only_for_what_is_new_also_after_another_chat(app: App) -> None:
    long = await asked(app, None, "Here are my notes: " + "the ship sails at noon. " * 60)
    conversation = first(long, Stored).conversation
    again = await asked(app, conversation, "And then?")
    await asked(app, None, "Something else.")
    later = await asked(app, conversation, "Go on.")
    for seen in (again, later):
        assert usage_of(seen).cache_read >= usage_of(long).input
        assert usage_of(seen).input < usage_of(long).input / 4


async def test_a_stopped_answer_goes_on_where_it_ended(app: App) -> None:
    seen: list[ChatEvent] = []
    events = app.chat.ask(None, STORY, parameters=Parameters("", Sampling(temperature=0.0)))
    async with aclosing(events):
        async for event in events:
            seen.append(event)
            if len(text_of(seen)) > 60:
                break
    stopped = await app.history.message(first(seen, Stored).answer)
    assert (stopped.state, stopped.text) == (State.STOPPED, text_of(seen))
    await app.history.set_parameters(stopped.conversation, GREEDY)
    more: list[ChatEvent] = []
    await collect(app.chat.resume(stopped.id), more)
    row = await app.history.message(first(more, Stored).answer)
    assert row.text == stopped.text + text_of(more)
    assert text_of(more)
    assert not text_of(more).startswith(stopped.text[:20])


async def test_what_is_too_long_is_refused_with_counts_and_the_question_is_kept(app: App) -> None:
    text = "word " * 20_000
    with pytest.raises(ContextTooLong) as refused:
        await asked(app, None, text)
    assert refused.value.tokens > refused.value.limit > 0
    fit = await app.chat.fit(None, text)
    assert (fit.fits, fit.tokens, fit.limit) == (False, refused.value.tokens, refused.value.limit)
    (kept,) = await app.history.list()
    assert [row.state for row in await app.history.branch(kept.id)] == [State.COMPLETE, State.FAILED]


async def test_a_temporary_chat_is_nowhere_on_disk(app: App) -> None:
    seen: list[ChatEvent] = []
    await collect(app.temporary_chat.ask(None, "My word is xylophone.", parameters=GREEDY), seen)
    assert text_of(seen)
    assert len(await app.temporary_history.list()) == 1
    assert await app.history.list() == []
    held = [path for path in find_paths().home.rglob("*") if path.is_file() and b"xylophone" in path.read_bytes()]
    assert held == []


async def test_the_log_tells_of_replies_without_their_words(app: App) -> None:
    await asked(app, None, "My word is xylophone.")
    log = (find_paths().logs / "aqe.log").read_text()
    assert "answer 2: complete" in log
    assert "xylophone" not in log


async def test_what_was_cut_by_a_killed_process_is_recovered_with_a_sentence(kept_rules: None) -> None:
    await asyncio.to_thread(_killed_in_the_middle)
    async with open_app(process="test") as app:
        assert app.recovered.processes == ("aqe chat",)
        (cut,) = app.recovered.answers
        assert cut.state is State.CUT
        assert "cut off" in app.recovered.sentence
        async with open_app(process="another") as second:
            assert second.recovered.sentence == ""
    assert Engines(find_paths().home).wait_until_gone() == []


async def test_closing_while_an_answer_is_written_leaves_no_engine(kept_rules: None) -> None:
    async with open_app(process="test") as app:
        events = app.chat.ask(None, STORY)
        async with aclosing(events):
            async for event in events:
                if isinstance(event, TextDelta):
                    break
    assert Engines(find_paths().home).wait_until_gone() == []
