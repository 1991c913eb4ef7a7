"""Fields: what may stand in them, what they give, and what they say of themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from aqe_desktop.ui.screens.chat.editor import Editor
from aqe_desktop.ui.widgets.field import Field, SearchField, TextArea
from aqe_desktop.ui.widgets.field_note import FieldNote
from aqe_desktop.ui.widgets.label import Label, SectionLabel
from aqe_desktop.ui.widgets.number import NumberField
from aqe_desktop.ui.widgets.param import FactRow, ParamRow
from aqe_desktop.ui.widgets.plain_text import PlainText
from tests.ui.clipping import clipped
from tests.ui.conftest import Look, Stage


def _number(stage: Stage) -> NumberField:
    field = NumberField(0, 2, 0.1, 2, "default", "Temperature")
    stage(field)
    field.setFocus()
    return field


def test_a_number_is_given_once_and_only_when_it_fits(look: Look, stage: Stage) -> None:
    field = _number(stage)
    given: list[float | None] = []
    field.value_changed.connect(given.append)
    QTest.keyClicks(field, "0,75")
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert given == [0.75]


@pytest.mark.parametrize("typed", ["3", "-1", "abc", "1e9", "nan", "inf"])
def test_a_wrong_number_is_shown_as_wrong_and_never_given(look: Look, stage: Stage, qtbot: QtBot, typed: str) -> None:
    field = _number(stage)
    field.set_value(0.5)
    field.selectAll()
    with qtbot.assertNotEmitted(field.value_changed):
        QTest.keyClicks(field, typed)
        assert field.property("invalid")
        assert "from 0 to 2" in field.accessibleDescription()
        field.clearFocus()
    assert field.value == 0.5
    assert field.text() == "0.5"
    assert not field.property("invalid")


@pytest.mark.parametrize(("typed", "reason"), [("3", "Too large"), ("-1", "Too small"), ("x", "Not a number")])
def test_what_is_wrong_with_a_number_is_said_below_it_and_its_look_is_kept(
    look: Look, stage: Stage, typed: str, reason: str
) -> None:
    look("light", 1.5)
    field, after = NumberField(0, 2, 0.1, 2, "default", bare=True), Label("what follows")
    holder = stage(field, after)
    field.setFocus()
    font, place = field.font(), after.geometry()
    QTest.keyClicks(field, typed)
    (note,) = holder.findChildren(FieldNote)
    assert note.isVisible()
    assert note.label.text() == f"{reason}; use a number from 0 to 2."
    assert not note.label.cut
    assert (field.font(), after.geometry()) == (font, place)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not note.isVisible()
    assert field.font() == font


def test_a_note_scrolls_with_its_field(look: Look, stage: Stage) -> None:
    page, field = QScrollArea(), NumberField(0, 1_000_000, name="Max output")
    content = QWidget()
    column = QVBoxLayout(content)
    column.addWidget(field)
    column.addSpacing(600)
    page.setWidget(content)
    page.setWidgetResizable(True)
    field.set_invalid(True, "Not on show yet.")
    assert page.findChildren(FieldNote) == []
    stage(page)
    field.set_invalid(True, "Too large; use a number from 1 to 1\u2009000\u2009000.")
    (note,) = page.findChildren(FieldNote)
    assert note.parentWidget() is content


@pytest.mark.parametrize("make", [Editor, lambda: TextArea("Instructions")])
def test_several_lines_keep_their_placeholder_as_large_as_their_text(
    look: Look, stage: Stage, make: Callable[[], PlainText]
) -> None:
    small = make()
    small.setPlaceholderText("Instructions")
    stage(small, width=500)
    look("light", 1.5)
    large = make()
    large.setPlaceholderText("Instructions")
    stage(large, width=500)
    for edit in (small, large):
        edit.setFixedSize(400, 100)
        edit.clearFocus()
    assert small.grab().toImage() == large.grab().toImage()


@pytest.mark.parametrize("make", [Editor, lambda: TextArea("Instructions")])
def test_the_caret_of_an_empty_text_stands_where_reading_begins(
    look: Look, stage: Stage, make: Callable[[], PlainText]
) -> None:
    look(rtl=True)
    edit = make()
    stage(edit, width=500)
    assert edit.cursorRect().x() > 300
    edit.insertPlainText("latin letters")
    start = edit.textCursor()
    start.setPosition(0)
    assert edit.cursorRect(start).x() < 20
    edit.clear()
    assert edit.cursorRect().x() > 300
    edit.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    assert edit.cursorRect().x() < 20


def test_an_emptied_number_means_the_default(look: Look, stage: Stage, qtbot: QtBot) -> None:
    field = _number(stage)
    field.set_value(0.5)
    field.selectAll()
    with qtbot.waitSignal(field.value_changed) as given:
        QTest.keyClick(field, Qt.Key.Key_Delete)
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert given.args == [None]
    assert field.placeholderText() == "default"


def test_arrows_step_within_the_range(look: Look, stage: Stage) -> None:
    field = _number(stage)
    field.set_value(1.95)
    for _ in range(3):
        QTest.keyClick(field, Qt.Key.Key_Up)
    assert field.value == 2
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert field.value == pytest.approx(1.9)


def test_escape_brings_the_last_good_number_back(look: Look, stage: Stage) -> None:
    field = _number(stage)
    field.set_value(0.5)
    QTest.keyClicks(field, "9")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "0.5"


def test_large_numbers_are_grouped_until_they_are_edited(look: Look, stage: Stage) -> None:
    field = NumberField(0, 1_000_000, name="Context")
    stage(Field("First"), field)
    field.set_value(8192)
    assert field.text() == "8\u2009192"
    field.setFocus()
    assert field.text() == "8192"


def test_escape_empties_a_search_and_then_leaves_it(look: Look, stage: Stage, qtbot: QtBot) -> None:
    search = SearchField()
    stage(search)
    QTest.keyClicks(search, "billing")
    with qtbot.assertNotEmitted(search.escaped):
        QTest.keyClick(search, Qt.Key.Key_Escape)
    assert search.text() == ""
    with qtbot.waitSignal(search.escaped):
        QTest.keyClick(search, Qt.Key.Key_Escape)


def test_a_search_leaves_room_for_its_glass_on_either_side(look: Look, stage: Stage) -> None:
    search = SearchField()
    stage(search)
    assert search.textMargins().left() > 15
    search.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert search.textMargins().right() > 15


def test_tab_leaves_a_text_area(look: Look, stage: Stage) -> None:
    area, after = TextArea("System prompt"), Field("Name")
    stage(area, after)
    area.setFocus()
    QTest.keyClick(area, Qt.Key.Key_Tab)
    assert after.hasFocus()
    assert area.toPlainText() == ""


def test_a_parameter_names_its_field_for_a_screen_reader(look: Look, stage: Stage) -> None:
    field = NumberField(0, 99, empty="auto")
    row = ParamRow("GPU layers", field, "more is faster")
    stage(row)
    assert (field.accessibleName(), field.accessibleDescription()) == ("GPU layers", "more is faster")
    look("light", 1.5)
    assert field.width() == 168
    fact = FactRow("Output")
    fact.set_value("158")
    assert fact.accessibleName() == "Output: 158"


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_labels_never_cut_a_word_and_keep_the_place_of_a_figure(look: Look, stage: Stage, scale: float) -> None:
    look("dark", scale)
    figure = Label("0")
    figure.reserve("123.4 tok/s")
    width = figure.sizeHint().width()
    figure.set_text("41.2 tok/s")
    assert figure.sizeHint().width() == width
    long = Label("Datenschutzgrundverordnungskonforme Verarbeitungsprotokolle")
    long.setFixedWidth(100)
    wrapped = Label("What had arrived is kept in this chat. " * 4, wrap=True)
    holder = stage(figure, long, wrapped, SectionLabel("Parameters", "Precise"))
    layout = holder.layout()
    assert layout is not None
    holder.resize(240, layout.totalHeightForWidth(240))
    assert clipped(holder) == []
    assert long.cut


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_a_long_act_gives_way_to_the_name_of_its_group(look: Look, stage: Stage, scale: float) -> None:
    look("light", scale)
    section = SectionLabel("Parameters", "A preset whose name somebody wrote out in full for the quarterly report")
    stage(section, width=300)
    assert section.width() <= 300
    assert section.label.width() >= section.label.sizeHint().width()
    section.grab()
    assert not section.label.cut
    assert section.action.cut


def test_a_label_shows_markup_as_it_is_written(look: Look) -> None:
    assert Label("<b>x</b>").textFormat() == Qt.TextFormat.PlainText


def test_an_action_of_a_group_can_be_renamed_and_taken_away(look: Look, stage: Stage) -> None:
    section = SectionLabel("Parameters", "Precise")
    stage(section)
    section.set_action("Balanced")
    assert section.action.accessibleName() == "Balanced"
    section.set_action("")
    assert not section.action.isVisible()
