"""A chat that another process answers in: nothing is asked below an answer that is still being written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from aqe_desktop.core.chat import State, Stored, TextDelta
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.history import StoredMessage
from aqe_desktop.machine.files import read_attachment
from aqe_desktop.services.chat import ChatService
from aqe_desktop.services.models import ModelService
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.store.writers import Writer
from tests.services.conftest import Desk, first, no_preference
from tests.services.engine_of_lines import DONE, Lines
from tests.services.privately import clearing_over


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[Writer]:
    """The identity of another process, whose lock is held."""
    writer = Writer.claim(tmp_path / "writers")
    yield writer
    writer.release()


@pytest.fixture
async def elsewhere(tmp_path: Path, desk: Desk, writer: Writer) -> AsyncIterator[ChatService]:
    """Another process over the same history."""
    database = await Database.open(tmp_path / "history.db")
    engine = Lines(TextDelta("Half"), TextDelta("Whole"), DONE)
    store = ConversationStore(database, writer)
    models = ModelService([engine], no_preference)
    yield ChatService(store, models, clearing_over(models, database), read_attachment)
    await database.close()


async def test_nothing_is_asked_below_an_answer_that_another_process_writes(desk: Desk, elsewhere: ChatService) -> None:
    events = elsewhere.ask(None, "There")
    async with aclosing(events):
        stored = await anext(events)
        assert isinstance(stored, Stored)
        with pytest.raises(UsageError, match="another window or terminal") as refused:
            await desk.all(desk.chat.ask(stored.conversation, "Here"))
        assert refused.value.hint
        with pytest.raises(UsageError, match="another window or terminal"):
            await desk.all(desk.chat.resume(stored.answer))
        assert len(await desk.history.messages(stored.conversation)) == 2
        assert [event async for event in events]
    await desk.all(desk.chat.ask(stored.conversation, "Here"))
    assert [message.text for message in desk.engine.turns[-1].messages] == ["There", "HalfWhole", "Here"]


async def test_an_answer_whose_writer_is_gone_is_in_nobodys_way(
    desk: Desk, elsewhere: ChatService, writer: Writer
) -> None:
    events = elsewhere.ask(None, "There")
    async with aclosing(events):
        stored = await anext(events)
        assert isinstance(stored, Stored)
        writer.release()
        seen = await desk.all(desk.chat.ask(stored.conversation, "Here"))
        assert first(seen, Stored).conversation == stored.conversation
        assert (await desk.store.message(stored.answer)).state is State.CUT


async def test_what_another_process_adds_while_a_question_is_prepared_comes_above_it(
    desk: Desk, elsewhere: ChatService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the chat and the write there is a choice of model, which may take its time."""
    asked = first(await desk.all(desk.chat.ask(None, "First")), Stored)
    add, between = desk.store.add, elsewhere.ask(asked.conversation, "Between")

    async def late(*values: Any, **named: Any) -> StoredMessage:
        monkeypatch.setattr(desk.store, "add", add)
        await desk.all(between)
        return await add(*values, **named)

    monkeypatch.setattr(desk.store, "add", late)
    await desk.all(desk.chat.ask(asked.conversation, "Late"))
    texts = [message.text for message in await desk.history.branch(asked.conversation)]
    assert texts == ["First", "Hello there.", "Between", "HalfWhole", "Late", "Hello there."]
