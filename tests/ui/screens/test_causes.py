"""A banner leaves when its cause does, and none hides another for good."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from aqe_desktop.core.chat import Role, State
from aqe_desktop.core.errors import DiskFull, NotEnoughMemory
from aqe_desktop.core.models import ModelRef
from aqe_desktop.store.writers import Writer
from aqe_desktop.ui.screens.chat.composer import EMPTY, STILL_ANSWERING
from aqe_desktop.ui.screens.chat.notices import Notices
from tests.ui.conftest import Look, Stage
from tests.ui.screens.chat_scene import LONG, Play, Scene, scene
from tests.ui.screens.conftest import opened_store, until


def test_a_notice_waits_behind_a_newer_one_and_comes_back_when_that_is_over(look: Look, stage: Stage) -> None:
    notices, done = Notices(), list[str]()
    stage(notices)
    notices.tell("An answer was cut.", action="Show", act=lambda: done.append("shown"))
    notices.tell("The prompt is empty.")
    notices.tell("This has 9 tokens.", about="fit")
    notices.tell("This has 10 tokens.", about="fit")
    assert notices.notice.message.text() == "This has 10 tokens."
    notices.over("fit")
    assert notices.notice.message.text() == "The prompt is empty."
    notices.notice.closed.emit()
    assert notices.notice.message.text() == "An answer was cut."
    notices.notice.acted.emit()
    assert done == ["shown"]
    assert notices.notice.isHidden()


def test_an_empty_prompt_is_told_until_there_is_something_to_send(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            QTest.keyClick(on.editor, Qt.Key.Key_Return)
            assert on.view.notices.notice.message.text() == EMPTY
            assert on.view.notices.notice.isVisible()
            QTest.keyClicks(on.editor, "W")
            assert on.view.notices.notice.isHidden()

    play(run())


def test_still_answering_is_told_until_the_answer_ends(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            on.ask(LONG)
            await on.writing()
            on.ask("and another")
            assert on.view.notices.notice.message.text() == STILL_ANSWERING
            on.chat.stop()
            await on.ended()
            assert on.view.notices.notice.isHidden()

    play(run())


def test_what_kept_a_model_from_being_loaded_is_told_until_one_is(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            on.chat.show_error(NotEnoughMemory("The system ended the engine while it loaded."))
            assert on.view.notices.failure.isVisible()
            on.screen.engine.start_again()
            await until(lambda: on.view.notices.failure.isHidden())
            on.screen.engine.use(ModelRef("llamacpp", "gone"))
            await until(on.view.notices.failure.isVisible)
            on.screen.engine.use(on.screen.engine.models[0].model.ref)
            await until(lambda: on.view.notices.failure.isHidden())

    play(run())


def test_what_a_reply_noted_of_the_disk_is_over_once_all_is_saved(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            for text in ("The question before was too long.", "The disk is full."):
                on.chat.noted.emit(text)
            on.view.notices.notice.closed.emit()
            assert on.view.notices.notice.message.text() == "The question before was too long."
            on.chat.noted.emit("The disk is full.")
            on.chat.saved.emit()
            assert on.view.notices.notice.isHidden()

    play(run())


def test_that_another_program_answers_here_is_told_until_it_is_done(play: Play) -> None:
    async def run() -> None:
        async with scene() as on, opened_store(on.app.paths.database) as store:
            await on.ready()
            store._writer = Writer.claim(on.app.paths.home / "writers")
            chat = await store.create("elsewhere")
            question = await store.add(chat.id, None, Role.USER, "Why?")
            answer = await store.add(chat.id, question.id, Role.ASSISTANT, "Beca", state=State.STREAMING)
            on.screen.open(chat.id)
            await until(lambda: len(on.chat.messages) == 2)
            on.ask("and another")
            await until(on.view.notices.failure.isVisible)
            assert "still answering" in on.view.notices.failure.message.text()
            await store.finish(answer.id, State.COMPLETE, "Because.")
            await until(lambda: on.last() == "Because.")
            assert on.view.notices.failure.isHidden()
            assert on.editor.toPlainText() == "and another"
            store._writer.release()

    play(run())


def test_a_preferred_model_that_is_gone_is_said_and_not_replaced_in_silence(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            await on.app.settings.change({"chat.default_model": "llamacpp/gone"})
        async with scene() as on:
            on.view.notices.tell("An answer was cut off.")
            await on.ready()
            said = on.view.notices.notice.message.text()
            assert "llamacpp/gone is not on this device" in said
            assert on.screen.engine.models[0].model.name in said

    play(run())


class Disk:
    """Refuses whatever an answer writes, until there is room."""

    def __init__(self, on: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        kept = on.app.chat._exchange._conversations
        self._patch = monkeypatch
        for write in ("keep", "finish"):
            monkeypatch.setattr(kept, write, self._refuse)

    async def _refuse(self, *_values: object) -> None:
        raise DiskFull("There is no space left on the disk.")

    def make_room(self) -> None:
        self._patch.undo()


def test_a_stop_on_a_full_disk_shows_at_once_and_says_what_is_not_saved(
    play: Play,
) -> None:
    async def run() -> None:
        with pytest.MonkeyPatch.context() as patch:
            await stop_on_a_full_disk(patch)

    async def stop_on_a_full_disk(patch: pytest.MonkeyPatch) -> None:
        async with scene() as on:
            await on.ready()
            on.ask(LONG)
            await on.writing()
            disk = Disk(on, patch)
            QTest.keyClick(on.editor, Qt.Key.Key_Escape)
            await until(lambda: on.chat.exchange is None)
            row = on.chat.messages[-1].id
            await until(lambda: on.view.transcript.message(row).state == "stopped")
            told = on.view.transcript.message(row)
            assert told.reason == "Stopped. Not saved yet."
            assert told.text
            assert not told.offers
            await asyncio.sleep(1.5)
            assert on.view.transcript.message(row).reason == "Stopped. Not saved yet."
            disk.make_room()
            await until(lambda: on.view.transcript.message(row).reason == "Stopped. What had arrived is kept.")
            assert (await on.app.history.message(row)).state is State.STOPPED
            assert on.view.transcript.message(row).text == told.text
            assert on.chat.messages[-1].kept

    play(run())
