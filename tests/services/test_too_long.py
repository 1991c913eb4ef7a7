"""A question that was too long costs itself and nothing else: the chat goes on without it."""

from __future__ import annotations

import pytest

from aqe_desktop.core.chat import Noted, Role, State, Stored
from aqe_desktop.core.errors import ContextTooLong, EngineCrashed
from aqe_desktop.core.history import Reply, StoredMessage
from aqe_desktop.services.thread import messages_for
from tests.services.conftest import Desk, collect, first
from tests.services.engine_of_lines import Lines

TOO_LONG = ContextTooLong("It is too long.")


async def fail_once(desk: Desk, error: Exception) -> int:
    """A chat of one answered question and one that failed; its number."""
    chat = first(await desk.all(desk.chat.ask(None, "One")), Stored).conversation
    desk.engine.steps = (error,)
    with pytest.raises(type(error)):
        await collect(desk.chat.ask(chat, "LONG"), [])
    desk.engine.steps = Lines().steps
    return chat


def sent(desk: Desk) -> list[str]:
    return [message.text for message in desk.engine.turns[-1].messages if message.role is Role.USER]


async def test_the_next_question_is_sent_without_the_one_that_was_too_long_and_that_is_said_once(desk: Desk) -> None:
    chat = await fail_once(desk, TOO_LONG)
    seen = await desk.all(desk.chat.ask(chat, "Two"))
    assert sent(desk) == ["One", "Two"]
    assert "too long" in first(seen, Noted).text
    again = await desk.all(desk.chat.ask(chat, "Three"))
    assert sent(desk) == ["One", "Two", "Three"]
    assert not any(isinstance(event, Noted) for event in again)
    assert [row.text for row in await desk.history.branch(chat)][2] == "LONG", "it stays in the chat"


async def test_what_would_fit_is_counted_without_it(desk: Desk) -> None:
    chat = await fail_once(desk, TOO_LONG)
    answered = len("One") + len("Hello there.")
    assert (await desk.chat.fit(chat, "xx")).tokens == answered + 2


async def test_asked_once_more_it_is_sent(desk: Desk) -> None:
    chat = await fail_once(desk, TOO_LONG)
    failed = (await desk.history.branch(chat))[-1]
    await desk.all(desk.chat.retry(failed.id))
    assert sent(desk) == ["One", "LONG"]
    await desk.all(desk.chat.ask(chat, "Two"))
    assert sent(desk) == ["One", "LONG", "Two"]


async def test_a_question_that_failed_otherwise_is_sent_along(desk: Desk) -> None:
    chat = await fail_once(desk, EngineCrashed("gone"))
    await desk.all(desk.chat.ask(chat, "Two"))
    assert sent(desk) == ["One", "LONG\n\nTwo"]


def test_an_answer_that_had_begun_keeps_its_question() -> None:
    failed = Reply(error=TOO_LONG.as_json())
    rows = [
        StoredMessage(1, 1, None, Role.USER, "Q", State.COMPLETE, 0),
        StoredMessage(2, 1, 1, Role.ASSISTANT, "half", State.FAILED, 0, reply=failed),
        StoredMessage(3, 1, 2, Role.USER, "R", State.COMPLETE, 0),
    ]
    assert [message.text for message in messages_for("", rows)] == ["Q", "half", "R"]
