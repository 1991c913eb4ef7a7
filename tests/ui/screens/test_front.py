"""What is typed, and asked for, before anything is open: it stays, where it was, and is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from aqe_desktop.app import App, open_app
from aqe_desktop.core.chat import Role
from aqe_desktop.ui.rooms import Rooms
from aqe_desktop.ui.screens.chat.front import Front
from aqe_desktop.ui.screens.chat.intake import PASTE_LIMIT, judge
from aqe_desktop.ui.shell.window import MainWindow
from tests.ui.own_windows import OwnWindows
from tests.ui.screens.conftest import until

Play = Callable[[Coroutine[Any, Any, Any]], Any]


class Start:
    """The window as it stands at the first paint, with nothing open."""

    def __init__(self, qtbot: QtBot, send_key: str = "enter") -> None:
        self.window = MainWindow()
        qtbot.addWidget(self.window)
        self.front = Front(send_key)
        self.window.show_front("chat", self.front.panes())
        self.window.show()
        self.editor = self.front.foot.composer.editor

    @asynccontextmanager
    async def furnished(self) -> AsyncIterator[tuple[App, Rooms]]:
        async with open_app() as app:
            rooms = Rooms(app, self.window, self.front.foot)
            self.window.show_screen("chat")
            self.front.leave()
            rooms.begin()
            try:
                yield app, rooms
            finally:
                await rooms.aclose()


async def painted(qtbot: QtBot, send_key: str = "enter") -> Start:
    start = Start(qtbot, send_key)
    await until(start.editor.hasFocus)
    return start


def place(window: QWidget, editor: QPlainTextEdit) -> QRect:
    return QRect(editor.mapTo(window, QPoint()), editor.size())


async def leave_a_draft(text: str) -> None:
    async with open_app() as app:
        await app.history.set_draft(None, text)


async def kept_draft() -> str:
    async with open_app() as app:
        return (await app.history.draft(None)).text


def test_words_typed_into_the_first_frame_stay_where_they_are_and_are_sent(play: Play, qtbot: QtBot) -> None:
    async def scene() -> None:
        start = await painted(qtbot)
        QTest.keyClicks(start.editor, "Say ye")
        before = place(start.window, start.editor)
        async with start.furnished() as (_app, rooms):
            assert rooms.chat.view.composer.editor is start.editor
            assert start.editor.hasFocus()
            QTest.keyClicks(start.editor, "s.")
            await until(lambda: rooms.chat.engine.ready)
            assert place(start.window, start.editor) == before
            QTest.keyClick(start.editor, Qt.Key.Key_Return)
            await until(lambda: bool(rooms.chat.chat.messages))
            assert rooms.chat.chat.messages[0].text == "Say yes."

    play(scene())


def test_no_part_of_the_chat_is_a_window_of_its_own_for_a_moment(play: Play, qtbot: QtBot, qapp: QApplication) -> None:
    """Such a window takes the keyboard: what is typed while it is there arrives nowhere."""

    async def scene() -> None:
        start = await painted(qtbot)
        with OwnWindows(qapp) as windows:
            async with start.furnished() as (_app, rooms):
                await until(lambda: rooms.chat.engine.ready)
                start.window.toasts.offer("Deleted", "Undo")
        assert windows.seen == []

    play(scene())


def test_what_was_sent_from_the_first_frame_goes_alone_and_the_old_draft_waits(play: Play, qtbot: QtBot) -> None:
    async def scene() -> None:
        await leave_a_draft("an older thought")
        start = await painted(qtbot)
        QTest.keyClicks(start.editor, "Say yes.")
        QTest.keyClick(start.editor, Qt.Key.Key_Return)
        assert start.editor.toPlainText() == "Say yes."
        async with start.furnished() as (_app, rooms):
            await until(lambda: bool(rooms.chat.chat.messages))
            assert [m.text for m in rooms.chat.chat.messages if m.role is Role.USER] == ["Say yes."]
            await until(lambda: start.editor.toPlainText() == "")
            rooms.chat.new_chat()
            await until(lambda: start.editor.toPlainText() == "an older thought")

    play(scene())


def test_early_words_and_an_old_draft_do_not_take_each_others_place(play: Play, qtbot: QtBot) -> None:
    async def scene() -> None:
        await leave_a_draft("an older thought")
        start = await painted(qtbot)
        QTest.keyClicks(start.editor, "a new one")
        async with start.furnished():
            await until(lambda: start.editor.toPlainText() == "an older thought\na new one")
        assert await kept_draft() == "an older thought\na new one"

    play(scene())


def test_whoever_leaves_before_the_old_draft_is_read_loses_neither(play: Play, qtbot: QtBot) -> None:
    async def scene() -> None:
        await leave_a_draft("an older thought")
        start = await painted(qtbot)
        QTest.keyClicks(start.editor, "a new one")
        async with start.furnished():
            pass
        assert await kept_draft() == "an older thought\na new one"

    play(scene())


def test_a_large_paste_into_the_first_frame_is_attached(play: Play, qtbot: QtBot) -> None:
    async def scene() -> None:
        start = await painted(qtbot)
        start.editor.pasted.emit(judge("word " * PASTE_LIMIT))
        async with start.furnished() as (_app, rooms):
            await until(lambda: len(rooms.chat.state.files) == 1)

    play(scene())


def test_the_key_that_sends_is_known_in_the_first_frame(play: Play, qtbot: QtBot) -> None:
    async def scene() -> None:
        start = await painted(qtbot, "ctrl_enter")
        QTest.keyClicks(start.editor, "one")
        QTest.keyClick(start.editor, Qt.Key.Key_Return)
        assert start.editor.toPlainText() == "one\n"
        assert not start.front.foot.composer.was_asked
        QTest.keyClick(start.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        assert start.front.foot.composer.was_asked

    play(scene())
