"""The conversation list: ten thousand rows, by mouse and by keyboard, and a title that is being edited."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from aqe_desktop.ui.widgets.row import Entry, Group, Row
from aqe_desktop.ui.widgets.row_paint import RowDelegate
from aqe_desktop.ui.widgets.rows import RowList
from tests.ui.conftest import Look, Stage

_ROWS: list[Entry] = [
    Group("Today"),
    Row(1, "Retry logic", "device", bound=True),
    Row(2, "Lookahead", "cloud", pinned=True),
    Group("Last week"),
    Row(3, "Monthly report", "lan"),
]


def _list(stage: Stage) -> RowList:
    rows = RowList()
    stage(rows).resize(264, 300)
    rows.set_rows(_ROWS, current=1)
    rows.setFocus()
    return rows


def _at(rows: RowList, row: int) -> QPoint:
    return rows.visualRect(rows.model().index(row, 0)).center()


def test_a_click_opens_a_row_and_none_opens_a_heading(look: Look, stage: Stage) -> None:
    rows = _list(stage)
    opened: list[int] = []
    rows.opened.connect(opened.append)
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=_at(rows, 2))
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=_at(rows, 3))
    assert opened == [2]


def test_arrows_pass_over_headings_and_enter_opens(look: Look, stage: Stage) -> None:
    rows = _list(stage)
    opened: list[int] = []
    rows.opened.connect(opened.append)
    for _ in range(2):
        QTest.keyClick(rows, Qt.Key.Key_Down)
    assert opened == []
    QTest.keyClick(rows, Qt.Key.Key_Return)
    assert opened == [3]


def test_delete_asks_for_the_row_with_the_keyboard(look: Look, stage: Stage, qtbot: QtBot) -> None:
    rows = _list(stage)
    with qtbot.waitSignal(rows.delete_asked) as asked:
        QTest.keyClick(rows, Qt.Key.Key_Delete)
    assert asked.args == [1]


def test_a_title_is_renamed_in_place(look: Look, stage: Stage, qtbot: QtBot) -> None:
    rows = _list(stage)
    QTest.keyClick(rows, Qt.Key.Key_F2)
    editor = rows.viewport().findChild(QLineEdit)
    assert editor is not None
    QTest.keyClicks(editor, "New title")
    with qtbot.waitSignal(rows.renamed) as renamed:
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert renamed.args == [1, "New title"]


def test_the_enter_that_ends_a_rename_opens_and_leaves_nothing(look: Look, stage: Stage, qtbot: QtBot) -> None:
    rows = _list(stage)
    QTest.keyClick(rows, Qt.Key.Key_F2)
    editor = rows.viewport().findChild(QLineEdit)
    assert editor is not None
    QTest.keyClicks(editor, "New title")
    with qtbot.assertNotEmitted(rows.opened), qtbot.assertNotEmitted(rows.left), qtbot.waitSignal(rows.renamed):
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert rows.hasFocus()


def test_an_empty_title_asks_for_the_automatic_one_and_the_same_one_for_nothing(
    look: Look, stage: Stage, qtbot: QtBot
) -> None:
    rows = _list(stage)
    rows.edit_row(2)
    editor = rows.viewport().findChild(QLineEdit)
    assert editor is not None
    with qtbot.assertNotEmitted(rows.renamed, wait=50):
        QTest.keyClick(editor, Qt.Key.Key_Return)
    rows.edit_row(2)
    editor = rows.viewport().findChildren(QLineEdit)[-1]
    editor.setText("   ")
    with qtbot.waitSignal(rows.renamed) as renamed:
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert renamed.args == [2, ""]


def test_a_click_leaves_the_keyboard_in_the_list_and_enter_and_letters_want_to_leave(
    look: Look, stage: Stage, qtbot: QtBot
) -> None:
    rows = _list(stage)
    rows.clearFocus()
    with qtbot.assertNotEmitted(rows.left):
        QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=_at(rows, 2))
    assert rows.hasFocus()
    with qtbot.waitSignal(rows.left):
        QTest.keyClick(rows, Qt.Key.Key_Return)
    typed: list[str] = []
    rows.typed.connect(typed.append)
    QTest.keyClicks(rows, "W")
    QTest.keyClick(rows, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(rows, Qt.Key.Key_Space)
    QTest.keyClick(rows, Qt.Key.Key_Down)
    assert typed == ["W"]


def test_a_list_that_changes_meanwhile_waits_for_the_edit(look: Look, stage: Stage) -> None:
    rows = _list(stage)
    rows.edit_row(1)
    editor = rows.viewport().findChild(QLineEdit)
    assert editor is not None
    QTest.keyClicks(editor, "Half")
    rows.set_rows([Row(9, "Written elsewhere")], current=9)
    assert editor.text() == "Half"
    assert rows.model().rowCount() == len(_ROWS)
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert rows.model().rowCount() == 1


def test_the_menu_key_asks_for_the_menu_of_the_marked_row(look: Look, stage: Stage, qtbot: QtBot) -> None:
    rows = _list(stage)
    with qtbot.waitSignal(rows.menu_asked) as asked:
        event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
        QApplication.sendEvent(rows, event)
    assert asked.args[0] == 1


def test_new_rows_keep_the_place_of_the_reader_and_the_keyboard(look: Look, stage: Stage) -> None:
    rows = _list(stage)
    many = [Row(number, f"Chat {number}") for number in range(200)]
    rows.set_rows(many, current=5)
    rows.verticalScrollBar().setValue(900)
    rows.set_rows([*many, Row(500, "One more")], current=5)
    assert rows.verticalScrollBar().value() == 900
    rows.select(150)
    rows.set_rows(many, current=150)
    assert rows.currentIndex().data() == "Chat 150"


class _Counting(RowDelegate):
    asked = 0

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        self.asked += 1
        return super().sizeHint(option, index)


def test_ten_thousand_rows_are_not_laid_out_one_by_one(look: Look, stage: Stage) -> None:
    rows = _list(stage)
    delegate = _Counting(rows)
    rows.setItemDelegate(delegate)
    rows.set_rows([Row(number, f"Chat {number}", "device") for number in range(10_000)])
    rows.grab()
    rows.verticalScrollBar().setValue(rows.verticalScrollBar().maximum())
    rows.grab()
    assert 0 < delegate.asked < 200


def test_a_screen_reader_hears_what_the_glyphs_say() -> None:
    assert (
        Row(1, "Retry logic", "device", pinned=True, bound=True).spoken() == "Retry logic, This device, pinned, bound"
    )


def test_a_mirrored_list_paints_its_glyphs_on_the_other_side(look: Look, stage: Stage) -> None:
    rows = _list(stage)
    straight = rows.grab().toImage()
    rows.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert rows.grab().toImage() != straight
