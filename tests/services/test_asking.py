"""Asking, and every way an answer can end: the question is durable first, and nothing that arrived is lost."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from aqe_desktop.core.chat import (
    Attachment,
    ChatEvent,
    Finished,
    FirstToken,
    Loading,
    Metered,
    Parameters,
    ReasoningDelta,
    Role,
    Routed,
    Sampling,
    State,
    Stored,
    TextDelta,
)
from aqe_desktop.core.errors import EngineCrashed, ModelBroken, PrivacyRefused, ProviderFailed, UsageError
from aqe_desktop.core.models import ModelRef, Place, Proof, Zone
from aqe_desktop.core.money import FREE
from aqe_desktop.services.chat import Fit
from tests.services.conftest import Desk, collect, first, text_of, until
from tests.services.engine_of_lines import DONE, HERE, MODEL, OTHER

PRIVATE = 'db_password = "Vq7kT93mZpL2wX"'


async def test_events_come_in_their_order_and_the_bill_is_free(desk: Desk) -> None:
    seen = await desk.all(desk.chat.ask(None, "Hi"))
    order = [type(event) for event in seen]
    assert order == [Stored, Routed, Loading, Loading, FirstToken, TextDelta, TextDelta, Finished, Metered]
    assert first(seen, Metered).cost == FREE
    assert first(seen, Routed).rule == "device.only"
    assert text_of(seen) == "Hello there."


async def test_the_answers_row_says_all_that_is_known_of_it(desk: Desk) -> None:
    row = await desk.answer(desk.chat.ask(None, "Hi"))
    assert (row.text, row.state) == ("Hello there.", State.COMPLETE)
    reply = row.reply
    assert (reply.model, reply.zone, reply.proof) == (MODEL, Zone.DEVICE, Proof.PROVED)
    assert (reply.usage, reply.cost) == (DONE.usage, FREE)
    assert reply.timing is not None
    assert reply.timing.tokens_per_s == DONE.timing.tokens_per_s
    assert (reply.received, reply.finish, reply.error) == ({"seed": 7}, "stop", None)


async def test_the_question_is_durable_before_anything_is_sent(desk: Desk) -> None:
    events = desk.chat.ask(None, "Is it kept?")
    async with aclosing(events):
        stored = await anext(events)
        assert isinstance(stored, Stored)
        assert desk.engine.turns == []
        assert (await desk.store.message(stored.question)).text == "Is it kept?"
        assert (await desk.store.message(stored.answer)).state is State.STREAMING


async def test_the_title_is_the_first_line_with_words(desk: Desk) -> None:
    stored = first(await desk.all(desk.chat.ask(None, "\n  Why is   the sky blue?\nTell me.")), Stored)
    assert (await desk.history.get(stored.conversation)).title == "Why is the sky blue?"


async def test_the_next_question_sends_the_whole_branch(desk: Desk) -> None:
    stored = first(await desk.all(desk.chat.ask(None, "One", parameters=Parameters("Be short."))), Stored)
    await desk.all(desk.chat.ask(stored.conversation, "Two"))
    sent = [(message.role, message.text) for message in desk.engine.turns[-1].messages]
    assert sent == [
        (Role.SYSTEM, "Be short."),
        (Role.USER, "One"),
        (Role.ASSISTANT, "Hello there."),
        (Role.USER, "Two"),
    ]


async def test_no_system_message_is_sent_unless_the_user_wrote_one(desk: Desk) -> None:
    await desk.all(desk.chat.ask(None, "Hi"))
    assert [message.role for message in desk.engine.turns[-1].messages] == [Role.USER]


async def test_model_and_parameters_become_the_conversations(desk: Desk) -> None:
    chosen = Parameters("", Sampling(temperature=0.5))
    stored = first(await desk.all(desk.chat.ask(None, "Hi", model=OTHER, parameters=chosen)), Stored)
    await desk.all(desk.chat.ask(stored.conversation, "Again"))
    assert desk.engine.turns[-1].model == OTHER
    assert desk.engine.turns[-1].sampling.temperature == 0.5


async def test_attachments_are_kept_and_sent_as_they_were(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "code.py"
    path.write_text("x = 1\n")
    attached = await desk.chat.attach(path)
    path.write_text("x = 2\n")
    stored = first(await desk.all(desk.chat.ask(None, "Explain", (attached,))), Stored)
    assert desk.engine.turns[-1].messages[-1].attachments == (Attachment("code.py", "x = 1\n"),)
    assert (await desk.store.message(stored.question)).attachments == (attached,)


@pytest.mark.parametrize("text", ["", "  \n\t ", "a\0b", "\udc80\udcff"])
async def test_an_empty_or_binary_prompt_stores_nothing(desk: Desk, text: str) -> None:
    with pytest.raises(UsageError) as refused:
        await desk.all(desk.chat.ask(None, text))
    assert refused.value.hint
    assert await desk.history.list() == []


async def test_a_named_model_is_never_replaced(desk: Desk) -> None:
    with pytest.raises(ModelBroken, match="lines/none"):
        await desk.all(desk.chat.ask(None, "Hi", model=ModelRef("lines", "none")))
    assert await desk.history.list() == []


async def test_closing_the_generator_keeps_what_arrived_as_stopped(desk: Desk) -> None:
    desk.engine.steps = (TextDelta("Half"), asyncio.Event())
    events = desk.chat.ask(None, "Hi")
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Stored):
                stored = event
            if isinstance(event, TextDelta):
                break
    row = await desk.store.message(stored.answer)
    assert (row.text, row.state) == ("Half", State.STOPPED)
    assert desk.engine.closed == 1
    assert not desk.chat.answering(stored.conversation)


async def test_cancelling_again_and_again_still_closes_the_row(desk: Desk) -> None:
    desk.engine.steps = (TextDelta("Half"), asyncio.Event())
    seen: list[ChatEvent] = []

    async def begun() -> bool:
        return any(isinstance(event, TextDelta) for event in seen)

    task = asyncio.create_task(collect(desk.chat.ask(None, "Hi"), seen))
    await until(begun)
    for _ in range(20):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    row = await desk.store.message(first(seen, Stored).answer)
    assert (row.text, row.state) == ("Half", State.STOPPED)


async def test_a_crash_of_the_engine_keeps_the_partial_answer_and_the_reason(desk: Desk) -> None:
    crash = EngineCrashed("The engine ended during the reply.")
    desk.engine.steps = (TextDelta("Half"), ReasoningDelta("hm"), crash)
    with pytest.raises(EngineCrashed):
        await desk.all(desk.chat.ask(None, "Hi"))
    (conversation,) = await desk.history.list()
    question, answer = await desk.history.messages(conversation.id)
    assert (answer.text, answer.reasoning, answer.state) == ("Half", "hm", State.FAILED)
    assert answer.reply.error == crash.as_json()
    assert question.text == "Hi"


async def test_a_fault_of_ours_is_kept_as_a_failure_and_raised(desk: Desk) -> None:
    desk.engine.steps = (TextDelta("Half"), ZeroDivisionError("secret words"))
    with pytest.raises(ZeroDivisionError):
        await desk.all(desk.chat.ask(None, "Hi"))
    (conversation,) = await desk.history.list()
    answer = (await desk.history.messages(conversation.id))[-1]
    assert (answer.text, answer.state) == ("Half", State.FAILED)
    assert answer.reply.error is not None
    assert answer.reply.error["kind"] == "bug"
    assert "secret" not in str(answer.reply.error)


async def test_a_stream_without_an_end_is_a_failure(desk: Desk) -> None:
    desk.engine.steps = (TextDelta("Half"),)
    with pytest.raises(ProviderFailed):
        await desk.all(desk.chat.ask(None, "Hi"))


async def test_an_answer_limited_by_length_is_complete_and_says_so(desk: Desk) -> None:
    desk.engine.steps = (TextDelta("Half"), Finished("length", DONE.usage, DONE.timing))
    row = await desk.answer(desk.chat.ask(None, "Hi"))
    assert (row.state, row.reply.finish) == (State.COMPLETE, "length")


async def test_a_place_that_is_not_proved_gets_nothing_private(desk: Desk) -> None:
    desk.engine._places = [Place(Zone.DEVICE, Proof.UNPROVED)]
    with pytest.raises(PrivacyRefused):
        await desk.all(desk.chat.ask(None, PRIVATE))
    assert desk.engine.turns == []
    assert desk.engine.loads == 0


async def test_a_place_that_is_not_proved_gets_what_may_go_to_any_cloud(desk: Desk) -> None:
    desk.engine._places = [Place(Zone.DEVICE, Proof.UNPROVED)]
    seen = await desk.all(desk.chat.ask(None, "Hi"))
    assert first(seen, Routed).rule == "clean"


async def test_a_place_that_turns_out_otherwise_after_loading_gets_nothing_private(desk: Desk) -> None:
    desk.engine._places = [HERE, Place(Zone.DEVICE, Proof.UNPROVED)]
    with pytest.raises(PrivacyRefused):
        await desk.all(desk.chat.ask(None, PRIVATE))
    assert desk.engine.turns == []


async def test_facts_read_after_loading_are_told_and_sent_along(desk: Desk) -> None:
    there = Place(Zone.DEVICE, Proof.PROVED, ("Read from the kernel.",))
    desk.engine._places = [HERE, there]
    seen = await desk.all(desk.chat.ask(None, "Hi"))
    assert [event.place for event in seen if isinstance(event, Routed)] == [HERE, there]
    assert desk.engine.turns[-1].place == there


async def test_one_reply_at_a_time_in_a_conversation_and_several_conversations_at_once(desk: Desk) -> None:
    go = asyncio.Event()
    desk.engine.steps = (TextDelta("a"), go, DONE)
    one = desk.chat.ask(None, "One")
    other = desk.chat.ask(None, "Other")
    async with aclosing(one), aclosing(other):
        stored = await anext(one)
        assert isinstance(stored, Stored)
        assert isinstance(await anext(other), Stored)
        with pytest.raises(UsageError, match="still answering"):
            await desk.all(desk.chat.ask(stored.conversation, "Too early"))
        assert len(await desk.history.messages(stored.conversation)) == 2
        go.set()
        assert isinstance([event async for event in one][-1], Metered)
        assert isinstance([event async for event in other][-1], Metered)


async def test_what_fits_is_counted_by_the_engine(desk: Desk) -> None:
    fit = await desk.chat.fit(None, "x" * 30, parameters=Parameters("", Sampling(max_output=80)))
    assert (fit.tokens, fit.limit, fit.reserve, fit.fits, fit.left) == (30, 100, 80, True, 70)
    assert not (await desk.chat.fit(None, "x" * 100)).fits


def test_a_server_that_does_not_tell_its_context_refuses_nothing_beforehand() -> None:
    unknown = Fit(10_000, 0, 512)
    assert (unknown.fits, unknown.left) == (True, 512)
