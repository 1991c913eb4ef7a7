"""Selection: with the mouse and the keyboard, across messages, laid out or not."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from aqe_desktop.ui.widgets.transcript import Transcript
from aqe_desktop.ui.widgets.transcript.selection import Place
from tests.ui.transcript.conftest import Show

_LEFT, _NONE, _SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


def point(view: Transcript, item: int, unit: int, position: int) -> QPoint:
    """Where a text position is in the viewport."""
    place = Place(view.column.items[item], unit, position)
    rect = view.place_rect(place)
    assert rect is not None
    return QPointF(rect.left() + view.column_left, rect.center().y() - view.top).toPoint()


def drag(view: Transcript, start: QPoint, end: QPoint) -> None:
    port = view.viewport()
    QTest.mousePress(port, _LEFT, _NONE, start)
    QTest.mouseMove(port, (start + end) / 2)
    QTest.mouseMove(port, end)
    QTest.mouseRelease(port, _LEFT, _NONE, end)


def copied(qtbot: QtBot, view: Transcript) -> str:
    with qtbot.waitSignal(view.copy_requested) as signal:
        QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    text = signal.args[0]
    assert isinstance(text, str)
    return text


def test_dragging_selects_across_messages(qtbot: QtBot, show: Show) -> None:
    view = show("A first question", "An **answer** here.\n\n- one\n- two")
    drag(view, point(view, 0, 0, 2), point(view, 1, 1, 5))
    assert copied(qtbot, view) == "first question\n\nAn answer here.\n\n\u2022 one"


def test_dragging_upwards_selects_the_same(qtbot: QtBot, show: Show) -> None:
    view = show("A first question", "An answer here.")
    drag(view, point(view, 1, 0, 9), point(view, 0, 0, 8))
    assert copied(qtbot, view) == "question\n\nAn answer"


def test_a_double_click_takes_a_word_and_a_third_the_paragraph(qtbot: QtBot, show: Show) -> None:
    view = show("Q", "Some words here.")
    at = point(view, 1, 0, 7)
    QTest.mouseClick(view.viewport(), _LEFT, _NONE, at)
    QTest.mouseDClick(view.viewport(), _LEFT, _NONE, at)
    assert view.selection.text() == "words"
    QTest.mouseRelease(view.viewport(), _LEFT, _NONE, at)
    QTest.mousePress(view.viewport(), _LEFT, _NONE, at)
    assert view.selection.text() == "Some words here."


def test_an_end_before_the_first_letter_adds_no_empty_lines(show: Show) -> None:
    view = show("One", "Two")
    view.selection.set(Place(view.column.items[0], 0, 0), Place(view.column.items[1], 0, 0))
    assert view.selection.text() == "One"


def test_shift_click_extends(show: Show) -> None:
    view = show("Q", "Some words here.")
    QTest.mouseClick(view.viewport(), _LEFT, _NONE, point(view, 1, 0, 5))
    QTest.mouseClick(view.viewport(), _LEFT, _SHIFT, point(view, 1, 0, 10))
    assert view.selection.text() == "words"


def test_everything_is_selected_also_what_was_never_laid_out(qtbot: QtBot, show: Show) -> None:
    view = show(*[f"Message {number}" for number in range(300)])
    QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert copied(qtbot, view) == "\n\n".join(f"Message {number}" for number in range(300))


def test_shift_and_arrows_move_the_caret_through_units_and_messages(show: Show) -> None:
    view = show("ab", "cd\n\nef")
    view.selection.set(Place(view.column.items[0], 0, 1), Place(view.column.items[0], 0, 1))
    for _ in range(4):
        QTest.keyClick(view, Qt.Key.Key_Right, _SHIFT)
    assert view.selection.text() == "b\n\ncd"
    QTest.keyClick(view, Qt.Key.Key_End, _SHIFT | Qt.KeyboardModifier.ControlModifier)
    assert view.selection.text() == "b\n\ncd\n\nef"
    QTest.keyClick(view, Qt.Key.Key_Left, _SHIFT)
    assert view.selection.text() == "b\n\ncd\n\ne"


def test_control_shift_and_arrows_move_by_words(show: Show) -> None:
    view = show("Q", "one two three")
    start = Place(view.column.items[1], 0, 0)
    view.selection.set(start, start)
    QTest.keyClick(view, Qt.Key.Key_Right, _SHIFT | Qt.KeyboardModifier.ControlModifier)
    assert view.selection.text() == "one "


def test_shift_and_down_moves_by_lines(show: Show) -> None:
    view = show("Q", "```\nline one\nline two\nline three\n```")
    start = Place(view.column.items[1], 0, 5)
    view.selection.set(start, start)
    QTest.keyClick(view, Qt.Key.Key_Down, _SHIFT)
    assert view.selection.text() == "one\nline "


def test_positions_beyond_the_basic_plane_are_right(show: Show) -> None:
    view = show("Q", "\U0001f600 smile **b\U0001f600ld** end")
    drag(view, point(view, 1, 0, 9), point(view, 1, 0, 14))
    assert view.selection.text() == "b\U0001f600ld"


def test_a_table_is_copied_with_tabs(show: Show) -> None:
    view = show("Q", "| a | b |\n|---|---|\n| c | d |")
    drag(view, point(view, 1, 0, 0), point(view, 1, 0, 7))
    assert view.selection.text() == "a\tb\nc\td"


def test_a_cut_line_is_copied_whole(show: Show) -> None:
    line = "y" * 9_500
    view = show(line, f"```\n{line}\nnext\n```\n\n{line}")
    view.selection.all()
    assert view.selection.text() == f"{line}\n\n{line}\nnext\n\n{line}"


def test_whole_messages_can_be_copied_as_their_source(show: Show) -> None:
    view = show("Q *as typed*", "An **answer**")
    view.selection.all()
    assert view.selection.markdown() == "Q *as typed*\n\nAn **answer**"


def test_a_selection_in_finished_text_survives_streaming(qtbot: QtBot, show: Show) -> None:
    view = show("Q", "Finished here.\n\nOpen", streaming=True)
    drag(view, point(view, 1, 0, 0), point(view, 1, 0, 8))
    view.stream(1, " and more\n\nmore")
    qtbot.waitUntil(lambda: len(view.column.items[1].units) == 3)
    assert view.selection.text() == "Finished"


@pytest.mark.parametrize(
    "text", ["\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd", "\u0645\u0631\u062d\u0628\u0627 \u0628\u0643"]
)
def test_right_to_left_text_is_set_from_the_right_and_selects_from_there(show: Show, text: str) -> None:
    view = show("Q", text)
    start, end = point(view, 1, 0, 0), point(view, 1, 0, len(text))
    assert start.x() > end.x()
    assert start.x() > view.column_left + 500
    drag(view, start, end)
    assert view.selection.text() == text


def test_dragging_beyond_the_edge_scrolls(qtbot: QtBot, show: Show) -> None:
    view = show(*[f"Message {number}" for number in range(60)])
    QTest.mousePress(view.viewport(), _LEFT, _NONE, QPoint(400, 100))
    QTest.mouseMove(view.viewport(), QPoint(400, -80))
    qtbot.waitUntil(lambda: len(view.selection.items()) > 12)
    QTest.mouseRelease(view.viewport(), _LEFT, _NONE, QPoint(400, -80))
    assert view.selection.text().count("Message") >= 11
