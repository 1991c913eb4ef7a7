"""Asking again: edits, new answers, retries and continuations stand beside what was there and never replace it."""

from __future__ import annotations

import pytest

from aqe_desktop.core.chat import Finished, Role, State, Stored, TextDelta
from aqe_desktop.core.errors import EngineCrashed, UsageError
from aqe_desktop.core.models import Phase, RuntimeStatus
from tests.services.conftest import Desk, first, text_of
from tests.services.engine_of_lines import DONE


async def test_an_edit_is_a_sibling_and_the_old_branch_is_kept(desk: Desk) -> None:
    stored = first(await desk.all(desk.chat.ask(None, "Old")), Stored)
    edited = first(await desk.all(desk.chat.edit(stored.question, "New")), Stored)
    assert [row.text for row in await desk.history.branch(stored.conversation)] == ["New", "Hello there."]
    assert (await desk.store.message(edited.question)).versions == (stored.question, edited.question)
    await desk.history.show(stored.question)
    assert [row.text for row in await desk.history.branch(stored.conversation)] == ["Old", "Hello there."]


async def test_only_a_question_can_be_edited(desk: Desk) -> None:
    stored = first(await desk.all(desk.chat.ask(None, "Old")), Stored)
    with pytest.raises(UsageError):
        await desk.all(desk.chat.edit(stored.answer, "New"))


async def test_regenerate_is_a_sibling_answer_that_sends_the_same_prompt(desk: Desk) -> None:
    stored = first(await desk.all(desk.chat.ask(None, "Hi")), Stored)
    again = await desk.answer(desk.chat.regenerate(stored.answer))
    assert again.versions == (stored.answer, again.id)
    assert desk.engine.turns[0].messages == desk.engine.turns[1].messages


async def test_regenerate_in_the_middle_sends_only_what_came_before(desk: Desk) -> None:
    stored = first(await desk.all(desk.chat.ask(None, "One")), Stored)
    await desk.all(desk.chat.ask(stored.conversation, "Two"))
    await desk.all(desk.chat.regenerate(stored.answer))
    assert [message.text for message in desk.engine.turns[-1].messages] == ["One"]


async def test_retry_asks_the_same_question_and_starts_a_failed_engine_anew(desk: Desk) -> None:
    desk.engine.steps = (EngineCrashed("gone"),)
    with pytest.raises(EngineCrashed):
        await desk.all(desk.chat.ask(None, "Hi"))
    desk.engine.status.put(RuntimeStatus("lines", "Lines", Phase.FAILED))
    desk.engine.steps = (TextDelta("Now."), DONE)
    failed = (await desk.history.branch(1))[-1]
    row = await desk.answer(desk.chat.retry(failed.id))
    assert (row.text, row.parent) == ("Now.", failed.parent)
    assert desk.engine.unloads == 1


async def test_retry_takes_a_question_that_never_got_an_answer(desk: Desk) -> None:
    chat = await desk.history.create("Alone")
    question = await desk.store.add(chat.id, None, Role.USER, "Anybody?")
    row = await desk.answer(desk.chat.retry(question.id))
    assert (row.parent, row.text) == (question.id, "Hello there.")


async def test_an_answer_without_a_word_does_not_break_the_turns_of_the_roles(desk: Desk) -> None:
    desk.engine.steps = (EngineCrashed("gone"),)
    with pytest.raises(EngineCrashed):
        await desk.all(desk.chat.ask(None, "First"))
    desk.engine.steps = (TextDelta("Yes."), DONE)
    await desk.all(desk.chat.ask(1, "Second"))
    assert [(m.role, m.text) for m in desk.engine.turns[-1].messages] == [(Role.USER, "First\n\nSecond")]


@pytest.mark.parametrize("echo", [True, False], ids=["an engine that repeats", "one that does not"])
async def test_resume_goes_on_where_the_answer_ended(desk: Desk, echo: bool) -> None:
    desk.engine.steps = (TextDelta("Once upon"), Finished("length", DONE.usage, DONE.timing))
    stored = first(await desk.all(desk.chat.ask(None, "A tale")), Stored)
    repeated = (TextDelta("Once"), TextDelta(" upon a")) if echo else (TextDelta(" a"),)
    desk.engine.steps = (*repeated, TextDelta(" time."), DONE)
    seen = await desk.all(desk.chat.resume(stored.answer))
    assert text_of(seen) == " a time."
    row = await desk.store.message(first(seen, Stored).answer)
    assert (row.text, row.state, row.versions) == ("Once upon a time.", State.COMPLETE, (stored.answer, row.id))
    assert desk.engine.turns[-1].messages[-1].text == "Once upon"
    assert (await desk.store.message(stored.answer)).text == "Once upon"


async def test_a_complete_answer_cannot_be_continued(desk: Desk) -> None:
    stored = first(await desk.all(desk.chat.ask(None, "Hi")), Stored)
    with pytest.raises(UsageError, match="complete"):
        await desk.all(desk.chat.resume(stored.answer))


async def test_resume_of_an_answer_without_words_begins_it(desk: Desk) -> None:
    desk.engine.steps = (EngineCrashed("gone"),)
    with pytest.raises(EngineCrashed):
        await desk.all(desk.chat.ask(None, "Hi"))
    desk.engine.steps = (TextDelta("Now."), DONE)
    row = await desk.answer(desk.chat.resume((await desk.history.branch(1))[-1].id))
    assert row.text == "Now."
