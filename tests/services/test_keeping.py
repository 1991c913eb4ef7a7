"""A reply on its way to disk: about once a second, by time and not by chance, and through a disk that is full."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

import pytest

from aqe_desktop.core.chat import Attachment, ChatEvent, Finished, Metered, Noted, Role, State, Stored, TextDelta
from aqe_desktop.core.errors import DiskFull, EngineCrashed
from aqe_desktop.core.history import Head, Reply, StoredMessage
from aqe_desktop.machine.files import read_attachment
from aqe_desktop.services.answer import unbroken
from aqe_desktop.services.chat import ChatService
from aqe_desktop.services.models import ModelService
from aqe_desktop.store.conversations import ConversationStore
from tests.services.conftest import Desk, collect, first, no_preference, text_of, until
from tests.services.engine_of_lines import DONE, Lines
from tests.services.privately import clearing_over


class Disk(ConversationStore):
    """A real store whose disk is full where a test says so."""

    full: tuple[str, ...] = ()

    def _write(self, what: str) -> None:
        if what in self.full:
            raise DiskFull("There is no space left.")

    async def add(
        self,
        conversation: int,
        parent: int | Head | None,
        role: Role,
        text: str,
        *,
        state: State = State.COMPLETE,
        attachments: Sequence[Attachment] = (),
        reply: Reply | None = None,
    ) -> StoredMessage:
        self._write("add")
        return await super().add(conversation, parent, role, text, state=state, attachments=attachments, reply=reply)

    async def keep(self, message: int, text: str, reasoning: str = "", reply: Reply | None = None) -> None:
        self._write("keep")
        await super().keep(message, text, reasoning, reply)

    async def finish(
        self, message: int, state: State, text: str, reasoning: str = "", reply: Reply | None = None
    ) -> None:
        self._write("finish")
        await super().finish(message, state, text, reasoning, reply)


@pytest.fixture
def disk(store: ConversationStore) -> Disk:
    return Disk(store._database, store._writer)


def chat_over(disk: Disk, engine: Lines, every: float = 0.01) -> ChatService:
    models = ModelService((engine,), no_preference)
    return ChatService(disk, models, clearing_over(models, disk._database), read_attachment, keep_every=every)


async def test_text_is_on_disk_within_the_time_also_when_the_stream_then_stalls(desk: Desk) -> None:
    desk.engine.steps = (TextDelta("Half"), asyncio.Event())
    events = desk.chat.ask(None, "Hi")
    async with aclosing(events):
        stored = await anext(events)
        assert isinstance(stored, Stored)
        waiting = asyncio.create_task(collect(events, []))

        async def on_disk() -> bool:
            return (await desk.store.message(stored.answer)).text == "Half"

        await until(on_disk)
        assert (await desk.store.message(stored.answer)).state is State.STREAMING
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_between_two_writes_passes_the_time_that_was_given(store: ConversationStore) -> None:
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)
        await asyncio.sleep(0)

    engine = Lines(TextDelta("a"), DONE)
    models = ModelService((engine,), no_preference)
    chat = ChatService(store, models, clearing_over(models, store._database), read_attachment, sleep=nap)
    await collect(chat.ask(None, "Hi"), [])
    assert set(naps) == {1.0}


async def test_a_full_disk_during_the_reply_is_told_once_and_the_reply_goes_on(disk: Disk) -> None:
    disk.full = ("keep",)
    pause = asyncio.Event()
    engine = Lines(TextDelta("one "), pause, TextDelta("two "), TextDelta("three"), DONE)
    events = chat_over(disk, engine).ask(None, "Hi")
    seen = []
    async with aclosing(events):
        async for event in events:
            seen.append(event)
            if isinstance(event, TextDelta) and not pause.is_set():
                await asyncio.sleep(0.1)
                pause.set()
    notes = [event for event in seen if isinstance(event, Noted)]
    assert len(notes) == 1
    assert "no space" in notes[0].text
    assert text_of(seen) == "one two three"
    row = await disk.message(first(seen, Stored).answer)
    assert (row.text, row.state) == ("one two three", State.COMPLETE)


async def test_a_disk_that_is_full_at_the_end_is_an_error_after_every_word_was_shown(disk: Disk) -> None:
    disk.full = ("finish",)
    seen: list[ChatEvent] = []
    with pytest.raises(DiskFull) as full:
        await collect(chat_over(disk, Lines()).ask(None, "Hi"), seen)
    assert full.value.hint
    assert text_of(seen) == "Hello there."
    assert not any(isinstance(event, Finished | Metered) for event in seen)


async def test_a_disk_that_is_full_before_the_question_stores_and_sends_nothing(disk: Disk) -> None:
    disk.full = ("add",)
    engine = Lines()
    with pytest.raises(DiskFull):
        await collect(chat_over(disk, engine).ask(None, "Hi"), [])
    assert engine.turns == []


async def test_a_crash_on_a_full_disk_tells_of_the_crash(disk: Disk) -> None:
    disk.full = ("finish",)
    with pytest.raises(EngineCrashed):
        await collect(chat_over(disk, Lines(TextDelta("a"), EngineCrashed("gone"))).ask(None, "Hi"), [])


async def test_stop_on_a_full_disk_is_still_a_stop(disk: Disk) -> None:
    disk.full = ("finish",)
    events = chat_over(disk, Lines(TextDelta("a"), asyncio.Event())).ask(None, "Hi")
    task = asyncio.create_task(collect(events, []))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_a_full_disk_refused_at_stop_is_written_once_there_is_room(disk: Disk) -> None:
    disk.full = ("keep", "finish")
    chat, seen = chat_over(disk, Lines(TextDelta("all of it"), asyncio.Event())), list[ChatEvent]()
    task = asyncio.create_task(collect(chat.ask(None, "Hi"), seen))

    async def shown() -> bool:
        return text_of(seen) == "all of it"

    await until(shown)
    task.cancel()
    await asyncio.wait({task})
    disk.full = ()
    await chat.aclose()
    row = await disk.message(first(seen, Stored).answer)
    assert (row.text, row.state) == ("all of it", State.STOPPED)


async def test_an_ending_is_tried_again_without_being_asked(disk: Disk) -> None:
    disk.full = ("finish",)
    chat, seen = chat_over(disk, Lines()), list[ChatEvent]()
    with pytest.raises(DiskFull):
        await collect(chat.ask(None, "Hi"), seen)
    disk.full = ()

    async def written() -> bool:
        row = await disk.message(first(seen, Stored).answer)
        return (row.text, row.state) == ("Hello there.", State.COMPLETE)

    await until(written)


async def test_a_reply_leaves_no_task_behind(desk: Desk) -> None:
    before = asyncio.all_tasks()
    await collect(desk.chat.ask(None, "Hi"), [])
    assert asyncio.all_tasks() == before


async def test_unbroken_work_ends_before_the_cancellation_goes_on() -> None:
    done = False

    async def work() -> None:
        nonlocal done
        await asyncio.sleep(0.02)
        done = True

    task = asyncio.create_task(unbroken(work()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done


async def test_unbroken_work_raises_its_own_error() -> None:
    async def work() -> None:
        raise DiskFull("no")

    with pytest.raises(DiskFull):
        await unbroken(work())


async def test_an_ending_that_the_disk_refuses_can_be_seen_until_it_is_written(disk: Disk) -> None:
    disk.full = ("keep", "finish")
    chat, seen = chat_over(disk, Lines(TextDelta("all of it"), asyncio.Event())), list[ChatEvent]()
    task = asyncio.create_task(collect(chat.ask(None, "Hi"), seen))

    async def shown() -> bool:
        return text_of(seen) == "all of it"

    await until(shown)
    task.cancel()
    await asyncio.wait({task})
    number = first(seen, Stored).answer
    row = await disk.message(number)
    assert row.state is State.STREAMING
    told = chat.unsaved.value[number].of(row)
    assert (told.text, told.state, told.kept) == ("all of it", State.STOPPED, False)
    disk.full = ()

    async def written() -> bool:
        return not chat.unsaved.value

    await until(written)
    assert (await disk.message(number)).state is State.STOPPED
