"""A conversation is a tree that only grows: nothing the user does to it destroys a text."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from aqe_desktop.core.chat import Attachment, Parameters, Role, Sampling, State
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.history import HEAD, Draft, Reply
from aqe_desktop.core.models import ModelRef, Proof, Zone
from aqe_desktop.core.money import FREE
from aqe_desktop.core.ports import Conversations
from aqe_desktop.core.usage import Timing, Usage
from aqe_desktop.machine.paths import Paths
from aqe_desktop.store import shelf
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.store.writers import Writer
from tests.store.conftest import Start

WHOLE = Reply(
    ModelRef("llamacpp", "smol/lm"),
    Zone.DEVICE,
    Proof.PROVED,
    Usage(input=3, cache_read=4, output=5, seconds=0.5),
    Timing(0.1, 1.5, 80.0),
    FREE,
    {"temperature": 0.2, "stop": ["\n"]},
    "stop",
    {"kind": "engine_crashed", "message": "It ended.", "hint": "Start it."},
)


async def texts(store: Conversations, conversation: int) -> list[str]:
    return [message.text for message in await store.branch(conversation)]


async def test_what_is_put_in_comes_out_again_after_a_restart(paths: Paths) -> None:
    database = await Database.open(paths.database)
    store: Conversations = ConversationStore(database)
    parameters = Parameters("Be short.", Sampling(0.2, 0.9, 40, 0.05, 7, ("END", "\n\n"), 512))
    made = await store.create("Tests", project="/src/app", model=WHOLE.model, parameters=parameters)
    picture = Attachment("c.png", "", data=b"\x89PNG\0\xff", media="image/png")
    files = [Attachment("a.py", "print('ü')"), Attachment("b.txt", ""), picture]
    question = await store.add(made.id, None, Role.USER, "Frage 🎉\0 mit\r\nallem", attachments=files)
    answer = await store.add(made.id, question.id, Role.ASSISTANT, "", state=State.STREAMING)
    await store.finish(answer.id, State.COMPLETE, "Antwort", "gedacht", WHOLE)
    await database.close()
    database = await Database.open(paths.database)
    store = ConversationStore(database)
    kept = await store.get(made.id)
    assert (kept.title, kept.project, kept.model, kept.parameters) == ("Tests", "/src/app", WHOLE.model, parameters)
    asked, said = await store.branch(made.id)
    assert (asked.text, asked.attachments) == (question.text, tuple(files))
    assert (said.text, said.reasoning, said.state, said.reply) == ("Antwort", "gedacht", State.COMPLETE, WHOLE)
    await database.close()


async def test_an_edited_question_becomes_a_version_and_the_old_branch_stays(store: ConversationStore) -> None:
    chat = (await store.create("edit")).id
    first = await store.add(chat, None, Role.USER, "first")
    answer = await store.add(chat, first.id, Role.ASSISTANT, "to first")
    edited = await store.add(chat, None, Role.USER, "edited")
    assert edited.versions == (first.id, edited.id)
    assert await texts(store, chat) == ["edited"]
    await store.show(first.id)
    assert await texts(store, chat) == ["first", "to first"]
    assert (await store.get(chat)).head == answer.id
    assert [message.text for message in await store.messages(chat)] == ["first", "to first", "edited"]


async def test_a_question_at_the_head_goes_under_the_newest_message_on_show(store: ConversationStore) -> None:
    chat = (await store.create("head")).id
    first = await store.add(chat, HEAD, Role.USER, "first")
    answer = await store.add(chat, first.id, Role.ASSISTANT, "to first")
    second = await store.add(chat, HEAD, Role.USER, "second")
    await store.show(first.id)
    assert (first.parent, second.parent) == (None, answer.id)
    assert await texts(store, chat) == ["first", "to first", "second"]


async def test_of_two_processes_that_ask_at_once_one_is_refused(store: ConversationStore, paths: Paths) -> None:
    """At every moment of the other's exchange: no question gets between a question and its answer, or beside it."""
    database, writer = await Database.open(paths.database), Writer.claim(paths.home / "writers")
    other = ConversationStore(database, writer)
    chat = (await store.create("two")).id
    for _ in range(2):
        question = await store.add(chat, HEAD, Role.USER, "mine")
        with pytest.raises(UsageError, match="still answering"):
            await other.add(chat, HEAD, Role.USER, "theirs")
        answer = await store.add(chat, question.id, Role.ASSISTANT, "", state=State.STREAMING)
        with pytest.raises(UsageError, match="still answering"):
            await other.add(chat, HEAD, Role.USER, "theirs")
        await store.finish(answer.id, State.COMPLETE, "answer")
    after = await other.add(chat, HEAD, Role.USER, "later")
    writer.release()
    assert after.parent == answer.id
    assert (await store.add(chat, HEAD, Role.USER, "its writer is gone")).parent == after.id
    await database.close()


async def test_many_processes_that_ask_at_once_make_one_branch(paths: Paths, start: Start) -> None:
    database = await Database.open(paths.database, backups=paths.backups)
    store = ConversationStore(database)
    chat = (await store.create("one branch")).id
    asking = [start("ask_many", paths.home, chat, 10) for _ in range(4)]
    for process in asking:
        assert await asyncio.to_thread(process.wait, 60) == 0
    messages = await store.messages(chat)
    assert [message.parent for message in messages] == [None, *[message.id for message in messages[:-1]]]
    assert [message.role for message in messages] == [Role.USER, Role.ASSISTANT] * 40
    await database.close()


async def test_showing_a_message_follows_its_newest_leaf(store: ConversationStore) -> None:
    chat = (await store.create("versions")).id
    question = await store.add(chat, None, Role.USER, "q")
    old = await store.add(chat, question.id, Role.ASSISTANT, "old")
    new = await store.add(chat, question.id, Role.ASSISTANT, "new")
    await store.add(chat, old.id, Role.USER, "follow-up")
    await store.show(new.id)
    assert await texts(store, chat) == ["q", "new"]
    await store.show(question.id)
    assert await texts(store, chat) == ["q", "old", "follow-up"]


async def test_pinned_come_first_then_the_newest(store: ConversationStore) -> None:
    made = [(await store.create(str(number))).id for number in range(4)]
    await asyncio.sleep(0.002)  # the list knows milliseconds
    await store.pin(made[1], True)
    await store.add(made[0], None, Role.USER, "newest")
    await store.rename(made[2], "renamed")
    assert [found.title for found in await store.list()] == ["1", "0", "3", "renamed"]
    assert [found.title for found in await store.list(limit=2, offset=1)] == ["0", "3"]
    latest = await store.latest()
    assert latest is not None
    assert latest.title == "0"


async def test_the_latest_is_the_one_written_last_also_under_a_clock_set_back(
    store: ConversationStore, database: Database
) -> None:
    old, new, empty = [(await store.create(name)).id for name in ("old", "new", "empty")]
    await store.add(old, None, Role.USER, "before")
    await database.write(
        lambda c: c.execute("UPDATE conversations SET updated = updated + 9999999 WHERE id = ?", (old,))
    )
    await store.add(new, None, Role.USER, "after the clock was set back")
    latest = await store.latest()
    assert latest is not None
    assert latest.id == new
    await store.delete(new)
    await store.delete(old)
    latest = await store.latest()
    assert latest is not None
    assert latest.id == empty


async def test_a_list_can_be_of_one_project(store: ConversationStore) -> None:
    await store.create("in", project="/a")
    await store.create("out", project="/b")
    await store.create("none")
    assert [found.title for found in await store.list(project="/a")] == ["in"]


async def test_a_deleted_conversation_is_gone_at_once_and_can_be_brought_back(store: ConversationStore) -> None:
    chat = (await store.create("deleted words")).id
    message = await store.add(chat, None, Role.USER, "my question")
    await store.delete(chat)
    assert await store.list() == await store.list("deleted") == await store.list("question") == []
    assert await store.questions() == []
    assert await store.latest() is None
    for call in (store.get(chat), store.branch(chat), store.message(message.id), store.delete(chat)):
        with pytest.raises(UsageError, match="no conversation"):
            await call
    await store.restore(chat)
    assert await texts(store, chat) == ["my question"]


async def test_an_answer_under_way_may_end_in_a_deleted_conversation(store: ConversationStore) -> None:
    chat = (await store.create("deleted while streaming")).id
    answer = await store.add(chat, None, Role.ASSISTANT, "", state=State.STREAMING)
    await store.delete(chat)
    await store.keep(answer.id, "half")
    await store.finish(answer.id, State.STOPPED, "half of it")
    await store.restore(chat)
    assert await texts(store, chat) == ["half of it"]


async def test_a_purged_text_is_in_no_file_any_more(store: ConversationStore, paths: Paths) -> None:
    needle = "xylophonistically"
    chat = (await store.create(f"title {needle}")).id
    parent = None
    for number in range(1200):  # deeper than SQLite lets triggers nest
        words = needle if number % 100 == 0 else "other"
        parent = (await store.add(chat, parent, Role.USER, words, attachments=[Attachment(words, words)])).id
    kept = (await store.create("kept")).id
    await store.add(kept, None, Role.USER, "stays")
    await store.delete(chat)
    assert await store.purge() == 0
    await store.restore(chat)
    await store.delete(chat)
    assert needle.encode() in every_byte(paths)
    assert await store.purge(age=-1, grace=-1) == 1
    assert needle.encode() not in every_byte(paths)
    assert needle[3:].encode() not in every_byte(paths)
    assert [found.id for found in await store.list("stays")] == [kept]
    with pytest.raises(UsageError):
        await store.restore(chat)


def every_byte(paths: Paths) -> bytes:
    return b"".join(file.read_bytes() for file in paths.home.glob("history.db*"))


DAY = 24 * 3600 * 1000


async def start_under(monkeypatch: pytest.MonkeyPatch, database: Database, moment: int) -> ConversationStore:
    """The history as it is opened when the clock says this."""
    monkeypatch.setattr(shelf, "now", lambda: moment)
    return await ConversationStore.open(database)


async def is_there(store: ConversationStore, conversation: int) -> bool:
    try:
        await store.restore(conversation)
    except UsageError:
        return False
    await store.delete(conversation)
    return True


async def test_old_deletions_are_purged_when_the_history_is_opened(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = shelf.now()
    store = await start_under(monkeypatch, database, begin)
    old, young = [(await store.create(name)).id for name in ("old", "young")]
    await store.delete(old)
    store = await start_under(monkeypatch, database, begin + 6 * DAY)
    await store.delete(young)
    for day in (8, 8, 9):
        store = await start_under(monkeypatch, database, begin + day * DAY)
    assert (await is_there(store, old), await is_there(store, young)) == (False, True)


async def test_a_clock_that_jumps_ahead_purges_nothing_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = shelf.now()
    store = await start_under(monkeypatch, database, begin)
    chat = (await store.create("deleted a minute ago")).id
    await store.delete(chat)
    for jump in (400, 400, 0, 1, 300):
        store = await start_under(monkeypatch, database, begin + jump * DAY)
    assert await is_there(store, chat)


async def test_what_is_deleted_under_a_clock_behind_its_time_is_kept_for_its_week(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = shelf.now()
    store = await start_under(monkeypatch, database, begin)
    chat = (await store.create("written today")).id
    store = await start_under(monkeypatch, database, begin - 5000 * DAY)
    await store.delete(chat)
    for day in (1, 3, 6):
        store = await start_under(monkeypatch, database, begin + day * DAY)
    assert await is_there(store, chat)


async def test_what_is_found_due_can_still_be_brought_back(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = shelf.now()
    store = await start_under(monkeypatch, database, begin)
    chat = (await store.create("due")).id
    await store.delete(chat)
    store = await start_under(monkeypatch, database, begin + 8 * DAY)
    await store.restore(chat)
    store = await start_under(monkeypatch, database, begin + 10 * DAY)
    assert (await store.get(chat)).title == "due"


async def test_the_zone_is_the_farthest_that_any_message_went(store: ConversationStore) -> None:
    chat = (await store.create("zones")).id
    assert (await store.get(chat)).zone is None
    far = await store.add(chat, None, Role.ASSISTANT, "", reply=Reply(zone=Zone.DEVICE))
    assert (await store.get(chat)).zone is Zone.DEVICE
    await store.finish(far.id, State.COMPLETE, "", reply=Reply(zone=Zone.CLOUD))
    await store.add(chat, None, Role.ASSISTANT, "", reply=Reply(zone=Zone.LAN))
    assert (await store.get(chat)).zone is Zone.CLOUD


async def test_finishing_without_a_reply_keeps_what_was_known(store: ConversationStore) -> None:
    chat = (await store.create("known")).id
    answer = await store.add(chat, None, Role.ASSISTANT, "", state=State.STREAMING, reply=WHOLE)
    await store.finish(answer.id, State.FAILED, "half")
    assert (await store.message(answer.id)).reply == WHOLE


async def test_a_late_keep_changes_nothing(store: ConversationStore) -> None:
    chat = (await store.create("late")).id
    answer = await store.add(chat, None, Role.ASSISTANT, "", state=State.STREAMING)
    await store.finish(answer.id, State.COMPLETE, "all of it")
    await store.keep(answer.id, "all")
    assert await texts(store, chat) == ["all of it"]


async def test_drafts_survive_a_restart_and_leave_the_list_in_order(paths: Paths) -> None:
    database = await Database.open(paths.database)
    store = ConversationStore(database)
    older, newer = (await store.create("older")).id, (await store.create("newer")).id
    await store.set_draft(older, "half a question")
    await store.set_draft(None, "a new one")
    await store.set_draft(None, "a newer one")
    await database.close()
    database = await Database.open(paths.database)
    store = ConversationStore(database)
    assert await store.draft(older) == Draft("half a question")
    assert await store.draft(newer) == Draft()
    assert await store.draft(None) == Draft("a newer one")
    assert [found.title for found in await store.list()] == ["newer", "older"]
    await database.close()


async def test_files_of_a_draft_are_kept_in_order_until_they_are_taken_away(store: ConversationStore) -> None:
    chat = (await store.create("with files")).id
    files = (Attachment("b.py", "b"), Attachment("a.gif", "", data=bytes(1000), media="image/gif"))
    await store.set_draft(chat, "text", files)
    await store.set_draft(None, "", files[:1])
    await store.set_draft(chat, "other text")
    assert await store.draft(chat) == Draft("other text", files)
    assert await store.draft(None) == Draft("", files[:1])
    await store.set_draft(chat, "", ())
    assert await store.draft(chat) == Draft()
    assert (await store.draft(None)).attachments == files[:1]


async def test_files_of_a_draft_go_with_their_conversation(store: ConversationStore) -> None:
    chat = (await store.create("gone")).id
    await store.set_draft(chat, "", [Attachment("secret.py", "xyzzyneedle")])
    await store.delete(chat)
    await asyncio.sleep(0.01)
    assert await store.purge(age=-1, grace=-1) == 1
    left = await store._database.read(lambda c: c.execute("SELECT count(*) FROM draft_attachments").fetchall())
    assert left == [(0,)]


async def test_the_input_history_is_newest_first_without_repeats(store: ConversationStore) -> None:
    chat = (await store.create("asked")).id
    for text in ("one", "two", "", "one", "three", "two"):
        await store.add(chat, None, Role.USER, text)
        await store.add(chat, None, Role.ASSISTANT, "an answer")
    assert await store.questions() == ["two", "three", "one"]
    assert await store.questions(limit=2) == ["two", "three"]


@pytest.mark.parametrize("number", [0, -1, 999, 2**63, 10**30])
async def test_an_unknown_id_is_said_to_be_unknown(store: ConversationStore, number: int) -> None:
    calls: list[Any] = [
        store.get(number), store.branch(number), store.messages(number), store.message(number), store.show(number),
        store.rename(number, "x"), store.pin(number, True), store.delete(number), store.restore(number),
        store.add(number, None, Role.USER, "x"), store.keep(number, "x"), store.set_draft(number, "x"),
        store.finish(number, State.COMPLETE, "x"), store.draft(number),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(UsageError, match=str(number)):
            await call


async def test_a_parent_must_be_of_the_same_conversation(store: ConversationStore) -> None:
    one, other = (await store.create("one")).id, (await store.create("other")).id
    message = await store.add(one, None, Role.USER, "x")
    with pytest.raises(UsageError, match="not in conversation"):
        await store.add(other, message.id, Role.ASSISTANT, "y")


async def test_halves_of_surrogate_pairs_out_of_a_clipboard_are_no_error(store: ConversationStore) -> None:
    chat = (await store.create("\ud83d", project="/\udcff")).id
    message = await store.add(chat, None, Role.USER, "a\ud83d\ude00b\udc00", attachments=[Attachment("\ud800", "x")])
    await store.set_parameters(chat, Parameters("\udfff"))
    await store.set_model(chat, ModelRef("llamacpp", "bad\udcff.gguf"))
    assert (await store.get(chat)).model == ModelRef("llamacpp", "bad\ufffd.gguf")
    assert (await store.create("t", model=ModelRef("llamacpp", "\udcff"))).model == ModelRef("llamacpp", "\ufffd")
    assert message.text == "a😀b\ufffd"
    assert (await store.get(chat)).parameters.system == "\ufffd"
    assert [found.id for found in await store.list("\ud83d", project="/\udcff")] == [chat]
