"""The whole chat screen in the frame of the window, with the real engine and the real model."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from aqe_desktop.core.chat import Role, State
from aqe_desktop.ui.screens.chat.failure import Act
from aqe_desktop.ui.widgets.zone_chip import RouteState, border_token
from tests.ui.screens.chat_scene import LONG, Play, scene
from tests.ui.screens.conftest import opened_store, until


def test_a_question_is_answered_stopped_continued_and_still_there_at_the_next_start(play: Play) -> None:
    async def first() -> tuple[list[str], str]:
        async with scene() as on:
            assert on.view.welcome.isVisible()
            await on.ready()
            assert on.view.welcome.title.text() == "Ready on this device"
            assert on.view.composer._border == border_token(RouteState.STAYS)
            on.ask(LONG)
            await on.writing()
            assert on.editor.toPlainText() == ""
            assert on.view.composer.send_button.stops
            QTest.keyClick(on.editor, Qt.Key.Key_Escape)
            await on.ended()
            answer = on.chat.messages[-1]
            assert answer.state is State.STOPPED
            assert answer.text
            assert on.last() == answer.text
            assert on.view.composer.send_button.accessibleName() == "Send"
            on.view.transcript.action_requested.emit(answer.id, "continue")
            await on.writing(3)
            assert on.chat.live is not None
            assert on.chat.live.text.startswith(answer.text)
            on.chat.stop()
            await on.ended()
            continued = on.chat.messages[-1]
            assert continued.id != answer.id
            assert continued.text.startswith(answer.text)
            await until(lambda: on.titles() == [LONG])
            assert on.window.status._speed.text() == "idle"
            return [message.text for message in on.chat.messages], LONG

    async def second(texts: list[str], title: str) -> None:
        async with scene() as on:
            await until(lambda: on.titles() == [title])
            on.screen.open(on.screen.listed.conversations[0].id)
            await until(lambda: [m.text for m in on.chat.messages] == texts)
            assert [on.view.transcript.message(id_).text for id_ in on.view.transcript.ids()] == texts
            assert on.view.header.title.text() == title

    play(second(*play(first())))


def test_two_chats_stream_at_once_and_each_keeps_its_own_words(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            on.ask(LONG)
            await on.writing()
            first = on.chat.where.conversation
            assert first is not None
            on.screen.new_chat()
            assert on.view.transcript.ids() == []
            on.ask("Name three colours.")
            await until(lambda: on.chat.where.conversation not in (None, first))
            assert on.chat.answering(first)
            on.screen.open(first)
            await until(lambda: on.chat.live is not None and on.chat.where.conversation == first)
            before = len(on.last())
            await until(lambda: len(on.last()) > before)
            assert on.chat.live is not None
            assert on.last() == on.chat.live.text
            on.chat.stop()
            await on.ended()
            await until(lambda: not on.chat._running)
            texts = {c.title: await on.app.history.branch(c.id) for c in await on.app.history.list()}
            assert {title: len(branch) for title, branch in texts.items()} == {LONG: 2, "Name three colours.": 2}

    play(run())


def test_a_killed_engine_keeps_the_words_and_one_button_brings_it_back(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            on.ask(LONG)
            await on.writing(10)
            status = on.screen.engine.status
            assert status is not None
            assert status.pid is not None
            os.kill(status.pid, signal.SIGKILL)
            await on.ended()
            failure = on.chat.failure
            assert failure is not None
            assert failure.kind == "engine_crashed"
            kept = on.chat.messages[-1]
            assert kept.state is State.FAILED
            assert kept.text
            assert on.last() == kept.text
            assert on.view.notices.failure.isHidden()
            told = on.view.transcript.message(kept.id)
            assert told.reason == failure.message
            assert [offer.label for offer in told.offers] == [Act.START_ENGINE.value, Act.RETRY.value, "Continue"]
            on.press(Act.START_ENGINE.value)
            await on.ready()
            told = on.view.transcript.message(kept.id)
            assert [offer.label for offer in told.offers if offer.primary] == [Act.RETRY.value]
            on.press(Act.RETRY.value)
            await on.writing(3)
            assert on.view.notices.failure.isHidden()
            on.chat.stop()
            await on.ended()
            assert [m.role for m in on.chat.messages] == [Role.USER, Role.ASSISTANT]
            assert len(on.chat.messages[-1].versions) == 2

    play(run())


def test_parameters_reach_the_engine_and_are_read_back(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            form = on.screen.inspector.form
            form.numbers["temperature"]._set(0.0)
            form.numbers["max_output"]._set(8)
            form.numbers["seed"]._set(7)
            form.stop.setText("\\n\\n")
            form.stop.editingFinished.emit()
            on.ask("Say hello.")
            await until(lambda: bool(on.chat.messages) and on.chat.exchange is None)
            await on.ended()
            received = on.chat.messages[-1].reply.received
            assert (received["temperature"], received["max_output"], received["seed"]) == (0.0, 8, 7)
            assert received["stop"] == ["\n\n"]
            assert "not as set" not in on.screen.inspector.received.fold.text()
            on.screen.parameters.save_as("Mine")
            await until(lambda: on.screen.parameters.preset == "Mine")
            on.screen.new_chat()
            form.numbers["temperature"]._set(0.55)
            assert on.screen.parameters.preset == ""
            on.screen.parameters.apply("Mine")
            assert form.numbers["temperature"].value == 0.0
            form.schema.editor.setPlainText('{"type": "object"}')
            form.tools.editor.setPlainText('[{"type": "function", "function": {"name": "now"}}]')
            form.flush()
            sampling = on.screen.parameters.value.sampling
            assert (sampling.schema, sampling.tools[:1]) == ('{"type": "object"}', "[")
            await on.app.presets.remove("Mine")

    play(run())


def test_edit_and_regenerate_keep_the_other_versions(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            on.screen.parameters.set_sampling(max_output=6)
            on.ask("Say one word.")
            await until(lambda: bool(on.chat.messages))
            await on.ended()
            on.view.transcript.action_requested.emit(on.chat.messages[-1].id, "regenerate")
            await on.ended()
            await until(lambda: len(on.chat.messages[-1].versions) == 2)
            on.view.transcript.action_requested.emit(on.chat.messages[0].id, "edit")
            assert on.editor.toPlainText() == "Say one word."
            QTest.keyClicks(on.editor, " Again.")
            QTest.keyClick(on.editor, Qt.Key.Key_Return)
            await until(lambda: len(on.chat.messages[0].versions) == 2)
            await on.ended()
            assert on.chat.messages[0].text == "Say one word. Again."
            assert on.editor.toPlainText() == ""
            on.view.transcript.action_requested.emit(on.chat.messages[0].id, "previous_version")
            await until(lambda: on.chat.messages[0].text == "Say one word.")
            assert len(on.chat.messages[1].versions) == 2

    play(run())


def test_what_another_program_wrote_shows_by_itself(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            (mine,) = [await on.app.history.create("in the window")]
            on.screen.open(mine.id)
            await until(lambda: on.chat.conversation is not None)
            async with opened_store(on.app.paths.database) as other:
                await other.create("by aqe")
                await other.add(mine.id, None, Role.USER, "written elsewhere")
            await until(lambda: "by aqe" in on.titles())
            await until(lambda: [m.text for m in on.chat.messages] == ["written elsewhere"])
            assert on.last() == "written elsewhere"

    play(run())


def test_a_temporary_chat_leaves_nothing_on_disk(play: Play) -> None:
    async def run() -> Path:
        async with scene() as on:
            await on.ready()
            on.view.header.begin_temporary.click()
            on.screen.parameters.set_sampling(max_output=4)
            assert on.view.header.temporary.isVisible()
            assert not on.view.header.begin_temporary.isVisible()
            on.ask("xyzzyneedle")
            await until(lambda: bool(on.chat.messages))
            await on.ended()
            await until(lambda: len(on.screen.temporary.conversations) == 1)
            assert await on.app.history.list() == []
            return on.app.paths.home

    home = play(run())
    held = [path for path in home.rglob("*") if path.is_file() and b"xyzzyneedle" in path.read_bytes()]
    assert held == []


def test_deleting_the_open_chat_goes_to_its_neighbour_and_undo_comes_back(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            for title in ("one", "two"):
                await on.app.history.create(title)
            on.screen.listed.refresh()
            await until(lambda: len(on.titles()) == 2)
            one = next(row.id for row in on.screen.listed.conversations if row.title == "one")
            on.screen.open(one)
            await until(lambda: on.chat.conversation is not None)
            on.screen.delete_open()
            await until(lambda: on.titles() == ["two"])
            await until(lambda: on.view.header.title.text() == "two")
            on.window.toasts._toasts[-1].button.click()
            await until(lambda: on.view.header.title.text() == "one")

    play(run())
