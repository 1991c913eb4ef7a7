"""Bad input, things that are gone, and the keyboard: the chat says what happened and what to do."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollBar, QWidget

from aqe_desktop.core.models import ModelRef
from aqe_desktop.ui.screens.chat.composer import EMPTY, STILL_ANSWERING
from aqe_desktop.ui.screens.chat.facts_popover import FactsPopover
from tests.ui.screens.chat_scene import LONG, Play, scene
from tests.ui.screens.conftest import until


def test_a_prompt_that_cannot_fit_is_said_before_it_is_sent_and_refused_whole(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            path = on.app.paths.home / "large.txt"
            path.write_text("words and more words\n" * 6000)
            on.screen.state.attach([path])
            await until(lambda: bool(on.screen.state.files) and on.screen.state.files[0].tokens)
            notice = on.view.notices.notice
            assert "the model holds 8\u2009192" in notice.message.text()
            on.ask("What is in this file?")
            await until(lambda: on.chat.failure is not None)
            failure = on.chat.failure
            assert failure is not None
            assert failure.kind == "context_too_long"
            await on.ended()
            assert on.chat.messages[0].attachments[0].text == path.read_text()

    play(run())


@pytest.mark.parametrize("shortcut", ["Ctrl+N", "Ctrl+F", "Ctrl+L", "Ctrl+K"])
def test_the_keys_of_the_chat_are_commands_of_the_window(play: Play, shortcut: str) -> None:
    async def run() -> None:
        async with scene() as on:
            assert shortcut in {command.shortcut for command in on.window.commands.all()}
            await asyncio.sleep(0)

    play(run())


def test_everything_the_keyboard_reaches_has_a_name_to_speak(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            on.screen.inspector.form.more.click()
            nameless = [
                f"{type(widget).__name__} {widget.objectName()}"
                for widget in on.window.findChildren(QWidget)
                if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
                and widget.isVisible()
                and not widget.accessibleName()
                and not isinstance(widget, QScrollBar)
            ]
            assert nameless == []

    play(run())


def test_tab_goes_from_the_rail_through_everything_before_the_composer(play: Play) -> None:
    async def work() -> None:
        async with scene() as made:
            await made.ready()
            made.ask("Say yes.")
            await made.writing(1)
            await made.ended()
            seen: list[QWidget | None] = [made.editor]
            for _ in range(60):
                QTest.keyClick(QApplication.focusWidget() or made.window, Qt.Key.Key_Tab)
                seen.append(QApplication.focusWidget())
                if made.view.transcript in seen and made.view.header.search in seen:
                    return
            raise AssertionError(f"Tab reached {[type(widget).__name__ for widget in seen]}")

    play(work())


def test_the_facts_behind_the_chip_are_one_key_away(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            chip = on.view.route.chip
            assert chip.accessibleName() == "Stays on this device"
            chip.setFocus(Qt.FocusReason.TabFocusReason)
            QTest.keyClick(chip, Qt.Key.Key_Return)
            (facts,) = on.window.findChildren(FactsPopover)
            place = on.screen.engine.place
            assert place is not None
            assert place.facts
            assert all(fact in facts.accessibleName() for fact in place.facts)
            QTest.keyClick(facts, Qt.Key.Key_Escape)
            await until(lambda: not on.window.findChildren(FactsPopover))

    play(run())


def test_an_empty_prompt_and_a_second_question_are_answered_with_the_next_step(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            QTest.keyClick(on.editor, Qt.Key.Key_Return)
            assert on.view.notices.notice.message.text() == EMPTY
            on.ask(LONG)
            await on.writing()
            on.ask("and another")
            assert on.view.notices.notice.message.text() == STILL_ANSWERING
            assert on.editor.toPlainText() == "and another"
            on.chat.stop()
            await on.ended()
            assert len(on.chat.messages) == 2

    play(run())


def test_a_chat_whose_model_is_gone_can_be_given_another(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            gone = await on.app.history.create("old", model=ModelRef("llamacpp", "gone"))
            on.screen.open(gone.id)
            await until(lambda: on.chat.failure is not None)
            combo = on.view.composer.model
            assert combo.text() == "gone (not there)"
            starter = on.screen.engine.models[0].model.ref
            combo._choose(starter)
            on.screen.parameters.set_sampling(max_output=4)
            on.ask("Hello")
            await until(lambda: bool(on.chat.messages))
            await on.ended()
            assert on.chat.messages[-1].reply.model == starter

    play(run())


def test_five_megabytes_pasted_become_a_file_and_say_what_fits(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            mime = QMimeData()
            mime.setText("def add(a, b):\n    return a + b\n\n" * 156_250)
            on.editor.insertFromMimeData(mime)
            await until(lambda: on.screen.state.files[0].tokens is not None)
            tokens = on.screen.state.files[0].tokens
            assert tokens is not None
            assert tokens > 1_000_000
            assert "the model holds" in on.view.notices.notice.message.text()
            assert on.editor.toPlainText() == ""
            on.screen.state.detach(0)
            await until(lambda: not on.view.notices.notice.isVisible())

    play(run())


def test_a_full_disk_keeps_the_text_where_it_was_typed(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            database = on.app.history._conversations._database  # type: ignore[attr-defined]
            pages = await database.read(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
            await database.read(lambda c: c.execute(f"PRAGMA max_page_count = {pages}").fetchone())
            text = "words that fill more than the pages that are left " * 1200
            on.editor.setPlainText(text)
            QTest.keyClick(on.editor, Qt.Key.Key_Return)
            await until(lambda: on.chat.failure is not None)
            assert on.chat.failure is not None
            assert on.chat.failure.kind == "disk_full"
            assert on.chat.failure.hint
            assert on.editor.toPlainText() == text
            await database.read(lambda c: c.execute("PRAGMA max_page_count = 1073741823").fetchone())
            on.screen.parameters.set_sampling(max_output=4)
            on.editor.setPlainText("Hello")
            QTest.keyClick(on.editor, Qt.Key.Key_Return)
            await until(lambda: bool(on.chat.messages))
            await on.ended()
            assert on.view.notices.failure.isHidden()
            assert on.editor.toPlainText() == ""

    play(run())


def test_files_dropped_anywhere_on_the_chat_are_attached(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            path = on.app.paths.home / "dropped.py"
            path.write_text("print()\n")
            mime = QMimeData()
            mime.setUrls([QUrl.fromLocalFile(str(path))])
            copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
            entered = QDragEnterEvent(QPoint(300, 100), copy, mime, left, none)
            QApplication.sendEvent(on.view, entered)
            assert entered.isAccepted()
            QApplication.sendEvent(on.view, QDropEvent(QPointF(300, 100), copy, mime, left, none))
            await until(lambda: [file.attachment.name for file in on.screen.state.files] == ["dropped.py"])

    play(run())


def test_in_a_low_window_what_is_written_is_whole_and_the_tries_make_way(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            on.window.resize(900, 600)
            await until(lambda: on.view.welcome.tries.isVisible())
            on.editor.insertPlainText("word\n" * 12 + "x" * 400)
            await until(lambda: not on.view.welcome.tries.isVisible())
            composer = on.view.composer
            await until(lambda: on.editor.geometry().bottom() < composer.paperclip.geometry().top(), 10)
            assert on.editor.horizontalScrollBar().maximum() == 0
            on.editor.clear()
            await until(lambda: on.view.welcome.tries.isVisible())

    play(run())
