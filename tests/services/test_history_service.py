"""What the sidebar and `aqe history` do: over the real store."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from pathlib import Path

from aqe_desktop.core.chat import Attachment, Parameters, Stored
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from tests.services.conftest import Desk, first


async def asked(desk: Desk, text: str = "Hi", *files: Attachment) -> int:
    return first(await desk.all(desk.chat.ask(None, text, files)), Stored).conversation


async def test_rename_joins_lines_and_nothing_to_read_brings_the_first_title_back(desk: Desk) -> None:
    chat = await asked(desk)
    for nothing in ("  ", "", "\u200b\u2800"):
        await desk.history.rename(chat, " A\n new  title ")
        assert (await desk.history.get(chat)).title == "A new title"
        await desk.history.rename(chat, nothing)
        assert (await desk.history.get(chat)).title == "Hi"
    empty = await desk.history.create("no question in it")
    await desk.history.rename(empty.id, "")
    assert (await desk.history.get(empty.id)).title == "New chat"


async def test_a_deleted_conversation_comes_back_whole(desk: Desk) -> None:
    chat = await asked(desk)
    await desk.history.delete(chat)
    assert await desk.history.list() == []
    await desk.history.restore(chat)
    assert [row.text for row in await desk.history.branch(chat)] == ["Hi", "Hello there."]


async def test_search_finds_words_of_answers(desk: Desk) -> None:
    chat = await asked(desk)
    assert [found.id for found in await desk.history.list("  hello ")] == [chat]
    assert await desk.history.list("elephants") == []


async def test_pinned_ones_come_first(desk: Desk) -> None:
    one, two = await asked(desk, "One"), await asked(desk, "Two")
    assert [chat.id for chat in await desk.history.list()] == [two, one]
    await desk.history.pin(one, True)
    assert [chat.id for chat in await desk.history.list()] == [one, two]


async def test_an_export_as_markdown_keeps_code_fences_apart(desk: Desk) -> None:
    chat = await asked(desk, "Look", Attachment("a.md", "```\ncode\n```"))
    text = await desk.history.export_markdown(chat)
    assert text.startswith("# Look\n")
    assert "### a.md\n\n````\n```\ncode\n```\n````" in text
    assert "## Answer (lines/small)\n\nHello there." in text


async def test_an_export_as_json_has_every_version_and_what_is_known_of_it(desk: Desk) -> None:
    chat = await asked(desk)
    rows = await desk.history.branch(chat)
    await desk.all(desk.chat.regenerate(rows[-1].id))
    told = json.loads(await desk.history.export_json(chat))
    assert [message["role"] for message in told["messages"]] == ["user", "assistant", "assistant"]
    reply = told["messages"][1]["reply"]
    assert (reply["zone"], reply["proof"], reply["cost"]["basis"]) == ("device", "proved", "free")


async def test_what_another_process_writes_is_noticed(desk: Desk, tmp_path: Path) -> None:
    other = await Database.open(tmp_path / "history.db")
    async with aclosing(desk.history.changes(0.01)) as changes:
        waiting = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await ConversationStore(other).create("From elsewhere")
        await asyncio.wait_for(waiting, 60)
    await other.close()
    assert [chat.title for chat in await desk.history.list()] == ["From elsewhere"]


async def test_parameters_and_drafts_are_kept(desk: Desk) -> None:
    chat = await asked(desk)
    await desk.history.set_parameters(chat, Parameters("Be brief."))
    await desk.history.set_draft(chat, "unsent")
    await desk.history.set_draft(None, "new and unsent")
    assert (await desk.history.get(chat)).parameters.system == "Be brief."
    assert (await desk.history.draft(chat)).text == "unsent"
    assert (await desk.history.draft(None)).text == "new and unsent"
    assert list(await desk.history.questions()) == ["Hi"]
