"""A new chat, and the way between the list and the composer."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from aqe_desktop.core.chat import Parameters
from tests.ui.screens.chat_scene import Play, Scene, scene
from tests.ui.screens.conftest import until


def place_of(on: Scene, row: int) -> QPoint:
    rows = on.screen.sidebar.rows
    return rows.visualRect(rows._rows.index_of(row)).center()


async def listed(on: Scene, *titles: str) -> list[int]:
    made = [(await on.app.history.create(title)).id for title in titles]
    on.screen.listed.refresh()
    await until(lambda: len(on.titles()) == len(titles))
    return made


def test_a_new_chat_takes_no_parameters_from_the_one_before(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            old, _ = await listed(on, "old", "other")
            on.screen.open(old)
            await until(lambda: on.chat.conversation is not None)
            on.screen.parameters.set_system("Answer like a pirate.")
            on.screen.parameters.set_sampling(stop=("ahoy",))
            on.screen.new_chat()
            assert on.chat.parameters == Parameters()
            assert on.screen.inspector.form.stop.text() == ""
            on.screen.parameters.set_system("Be short.")
            on.screen.open(old)
            await until(lambda: on.chat.conversation is not None)
            assert on.chat.parameters.system == "Answer like a pirate."
            on.screen.new_chat()
            assert on.chat.parameters == Parameters()

    play(run())


def test_the_list_keeps_the_keyboard_on_a_click_and_gives_it_up_for_words(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            one, two, _ = await listed(on, "one", "two", "three")
            rows = on.screen.sidebar.rows
            QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place_of(on, two))
            await until(lambda: on.view.header.title.text() == "two")
            assert rows.hasFocus()
            QTest.keyClick(rows, Qt.Key.Key_Delete)
            await until(lambda: on.view.header.title.text() == "one")
            assert rows.hasFocus()
            QTest.keyClicks(rows, "Wh")
            assert on.editor.hasFocus()
            assert on.editor.toPlainText().startswith("W")
            QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place_of(on, one))
            QTest.keyClick(rows, Qt.Key.Key_Return)
            assert on.editor.hasFocus()

    play(run())
