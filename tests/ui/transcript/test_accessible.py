"""The screen reader's side: a list of messages, each with name, text and caret, asked through Qt as a bridge asks."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QAccessibleTextInterface
from PySide6.QtTest import QTest

from aqe_desktop.ui.widgets.transcript import Transcript, TranscriptMessage
from aqe_desktop.ui.widgets.transcript.selection import Place
from tests.ui.transcript.conftest import Show


def ask(view: Transcript) -> QAccessibleInterface:
    found = QAccessible.queryAccessibleInterface(view)
    assert found is not None
    return found


def text_of(view: Transcript, index: int) -> QAccessibleTextInterface:
    return ask(view).child(index).textInterface()


def test_the_conversation_is_a_list_of_named_messages(show: Show) -> None:
    view = show("What is this?", "An **answer**.")
    reader = ask(view)
    assert reader.role() == QAccessible.Role.List
    assert reader.childCount() == 2
    assert [reader.child(index).text(QAccessible.Text.Name) for index in range(2)] == [
        "You: What is this?",
        "Answer, This device, proved: An **answer**.",
    ]
    assert reader.child(1).role() == QAccessible.Role.ListItem
    assert reader.indexOfChild(reader.child(1)) == 1
    assert reader.child(2) is None


def test_what_stands_around_the_text_is_said_as_its_description(show: Show) -> None:
    view = show("Q", "see [x](https://example.org/a)")
    view.update_message(1, meta="3 tokens", state="failed", reason="The engine ended.", versions=(2, 3))
    said = ask(view).child(1).text(QAccessible.Text.Description)
    assert said == "starter, 3 tokens, failed, The engine ended., version 2 of 3, https://example.org/a"


def test_the_text_is_what_is_shown_code_and_tables_included(show: Show) -> None:
    view = show("Q", "A *b*.\n\n```py\nx = 1\n```\n\n| a | b |\n|---|---|\n| c | d |\n\n- one\n- two")
    text = text_of(view, 1)
    whole = "A b.\nx = 1\na\tb\nc\td\n\u2022\tone\n\u2022\ttwo"
    assert text.characterCount() == len(whole)
    assert text.text(0, len(whole)) == whole
    assert text.text(5, 10) == "x = 1"


def test_a_message_that_was_never_laid_out_can_be_read(show: Show) -> None:
    view = show(*[f"Message **{number}**" for number in range(400)])
    assert view.column.items[1].known is False
    assert text_of(view, 1).text(0, 100) == "Message 1"


def test_the_caret_can_be_asked_for_and_set(show: Show) -> None:
    view = show("Q", "First.\n\nSecond here.")
    text = text_of(view, 1)
    assert text.cursorPosition() == 0
    text.setCursorPosition(10)
    head = view.selection.head
    assert head is not None
    assert (head.unit, head.position) == (1, 3)
    assert text.cursorPosition() == 10
    assert view.current is view.column.items[1]
    QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert text.cursorPosition() == 11
    assert text_of(view, 0).cursorPosition() == 0


def test_setting_the_caret_scrolls_to_it(show: Show) -> None:
    view = show("Q", "\n\n".join(f"Paragraph {number}" for number in range(100)))
    text_of(view, 1).setCursorPosition(3)
    assert view.top < 200


def test_a_selection_can_be_set_and_taken_away(show: Show) -> None:
    view = show("Q", "First.\n\nSecond here.")
    text = text_of(view, 1)
    text.setSelection(0, 2, 13)
    assert view.selection.text() == "rst.\n\nSecond"
    text.removeSelection(0)
    assert view.selection.ends is None


def test_characters_have_a_place_and_places_a_character(show: Show) -> None:
    view = show("Q", "Some words here.")
    text = text_of(view, 1)
    area = text.characterRect(5)
    assert area.width() > 3
    assert view.viewport().rect().contains(view.viewport().mapFromGlobal(area.center()))
    assert text.offsetAtPoint(QPoint(area.left() + 1, area.center().y())) == 5
    place = Place(view.column.items[1], 0, 5)
    rect = view.place_rect(place)
    assert rect is not None
    assert area.left() == pytest.approx(
        view.viewport().mapToGlobal(QPoint(view.column_left, 0)).x() + rect.left(), abs=1
    )


def test_the_current_message_is_the_focused_child(show: Show) -> None:
    view = show("a", "b", "c")
    view.setFocus(Qt.FocusReason.TabFocusReason)
    assert ask(view).focusChild().text(QAccessible.Text.Name) == "You: c"
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert ask(view).focusChild().text(QAccessible.Text.Name) == "Answer, This device, proved: b"
    assert ask(view).child(1).state().focused


def test_every_other_interface_is_refused_without_harm(show: Show) -> None:
    """A bridge asks each message for all of them; the wrong kind of no kills the process."""
    child = ask(show("a")).child(0)
    assert child.actionInterface() is None
    assert child.valueInterface() is None
    assert child.selectionInterface() is None
    assert child.textInterface().selectionCount() == 0


def test_a_message_that_is_gone_says_so(show: Show) -> None:
    view = show("a", "b")
    child = ask(view).child(1)
    view.remove_after(0)
    assert not child.isValid()
    assert child.text(QAccessible.Text.Name) == ""
    view.append(TranscriptMessage(7, "user", "new"))
    assert child.text(QAccessible.Text.Name) == "You: new"


def test_positions_count_as_qt_counts(show: Show) -> None:
    view = show("Q", "\U0001f600 a\n\nb")
    text = text_of(view, 1)
    assert text.characterCount() == 6
    assert text.text(2, 6) == " a\nb"
