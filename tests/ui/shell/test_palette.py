"""Finding and running a command by a few letters, and the sheet that lists the keys."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from aqe_desktop.ui.shell.commands import Commands
from aqe_desktop.ui.shell.fuzzy import score
from aqe_desktop.ui.shell.palette import Palette
from aqe_desktop.ui.shell.shortcuts import show_shortcuts
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.key_hint import KeyHint
from tests.ui.clipping import clipped
from tests.ui.conftest import Look, Stage


def _palette(stage: Stage) -> tuple[Palette, list[str], QWidget]:
    behind = Button("Behind")
    window = stage(behind)
    window.resize(900, 600)
    behind.setFocus()
    done: list[str] = []
    commands = Commands(window)
    for name in ("New chat", "Find in this chat", "Use the dark theme", "Open a folder"):
        commands.add(name, partial(done.append, name), section="Chat")
    commands.add("Never now", lambda: done.append("never"), enabled=lambda: False)
    palette = Palette(window, commands)
    palette.open()
    return palette, done, behind


def _names(palette: Palette) -> list[str]:
    model = palette.list.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_it_lists_what_can_be_done_now(look: Look, stage: Stage) -> None:
    palette, _, _ = _palette(stage)
    assert _names(palette) == ["New chat", "Find in this chat", "Use the dark theme", "Open a folder"]


def test_a_few_letters_and_enter_run_a_command_and_give_the_keyboard_back(look: Look, stage: Stage) -> None:
    palette, done, behind = _palette(stage)
    assert palette.field.hasFocus()
    QTest.keyClicks(palette.field, "dth")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert done == ["Use the dark theme"]
    assert not palette.isVisible()
    assert behind.hasFocus()


def test_arrows_and_tab_move_the_mark_and_the_field_keeps_the_keyboard(look: Look, stage: Stage) -> None:
    palette, done, _ = _palette(stage)
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    QTest.keyClick(palette.field, Qt.Key.Key_Tab)
    QTest.keyClick(palette.field, Qt.Key.Key_Up)
    assert QApplication.focusWidget() is palette.field
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert done == ["Find in this chat"]


def test_nothing_found_is_said_and_enter_does_nothing(look: Look, stage: Stage) -> None:
    palette, done, _ = _palette(stage)
    QTest.keyClicks(palette.field, "zzz")
    assert _names(palette) == []
    assert palette._nothing.isVisible()
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert done == []


def test_it_goes_when_a_shortcut_leads_the_keyboard_elsewhere(look: Look, stage: Stage) -> None:
    palette, _, behind = _palette(stage)
    behind.setFocus(Qt.FocusReason.ShortcutFocusReason)
    assert not palette.isVisible()
    assert behind.hasFocus()


def test_escape_and_a_click_beside_it_close_it(look: Look, stage: Stage) -> None:
    palette, _, _ = _palette(stage)
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    palette.open()
    QTest.mouseClick(palette, Qt.MouseButton.LeftButton)
    assert not palette.isVisible()


@pytest.mark.parametrize(
    ("needle", "better", "worse"),
    [
        ("nc", "New chat", "Find in this chat"),
        ("chat", "New chat", "Catch that"),
        ("dark", "Use the dark theme", "Delete a rare keyword"),
    ],
)
def test_starts_of_words_and_runs_of_letters_come_first(needle: str, better: str, worse: str) -> None:
    best, other = score(needle, better), score(needle, worse)
    assert best is not None
    assert other is None or best > other


def test_letters_in_another_order_are_not_found() -> None:
    assert score("tahc", "chat") is None
    assert score("", "chat") == 0


def test_the_sheet_lists_every_shortcut_and_cuts_none(look: Look, stage: Stage) -> None:
    theme().set_reduced_motion(True)
    window = stage(Button("Behind"))
    window.resize(900, 700)
    commands = Commands(window)
    commands.add("New chat", lambda: None, "Ctrl+N", "Chat")
    commands.add("Without a key", lambda: None)
    sheet = show_shortcuts(window, commands)
    keys = [hint.accessibleName() for hint in sheet.findChildren(KeyHint)]
    assert "Ctrl+N" in keys
    assert "F8" in keys
    assert clipped(sheet) == []
