"""In a window that reads from the right everything stands at the other side; strong contrast greys nothing out."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from aqe_desktop.ui.screens.chat.flow import FlowLayout
from aqe_desktop.ui.screens.help.page_list import PageList
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.widgets.field import Field, SearchField
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.number import NumberField
from aqe_desktop.ui.widgets.param import FactRow
from aqe_desktop.ui.widgets.transcript import TranscriptMessage
from tests.ui.conftest import Look, Stage
from tests.ui.screens.chat_scene import Play, scene

ENGLISH = "The engine is a process of this app. " * 3


@pytest.mark.parametrize("rtl", [False, True])
def test_wrapped_words_and_empty_fields_begin_where_reading_begins(look: Look, stage: Stage, rtl: bool) -> None:
    look(rtl=rtl)
    label, search, number = Label(ENGLISH, wrap=True), SearchField(), NumberField(0, 10, empty="default")
    stage(label, search, number, width=300)
    begins, ends = (Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft)[:: 1 if rtl else -1]
    assert label.alignment() & search.alignment() & begins
    assert number.alignment() & ends
    assert label.alignment() & search.alignment() & number.alignment() & Qt.AlignmentFlag.AlignAbsolute


def test_a_field_that_is_right_again_says_again_what_it_is_for(look: Look, stage: Stage) -> None:
    field = Field("Title")
    field.setToolTip("What it is for")
    field.set_invalid(True, "Too long.")
    assert field.toolTip() == "Too long."
    field.set_invalid(False)
    assert field.toolTip() == "What it is for"


def test_a_name_that_does_not_fit_is_cut_before_its_figure(look: Look, stage: Stage, qtbot: QtBot) -> None:
    row = FactRow("Zeit bis zum ersten Wort der Antwort", "600 (388 reused)")
    stage(row, width=240)
    row.grab()
    assert row.label.cut
    assert not row.value.cut
    row.set_value("1 234 567 (1 234 000 reused), and more")
    for width in (400, 160):
        row.setFixedWidth(width)
        qtbot.waitUntil(lambda: row.value.width() <= row.width() * 2 // 3, timeout=2000)


def test_words_stand_in_the_middle_of_their_line_of_chips(look: Look, stage: Stage) -> None:
    holder = QWidget()
    flow = FlowLayout(holder)
    low, high = QWidget(), QWidget()
    low.setFixedSize(30, 10)
    high.setFixedSize(30, 22)
    for widget in (low, high):
        flow.addWidget(widget)
    stage(holder, width=200)
    assert low.geometry().center().y() == high.geometry().center().y()


def test_the_inspector_keeps_the_place_of_the_scroll_bar_at_the_other_side(look: Look, play: Play) -> None:
    look(rtl=True)

    async def run() -> None:
        async with scene() as on:
            await on.ready()
            inspector = on.screen.inspector
            inspector.show()
            on.window.resize(1440, 900)
            inspector.grab()
            card = inspector.route
            right = inspector.width() - card.mapTo(inspector, QPoint(card.width(), 0)).x()
            left = card.mapTo(inspector, QPoint(0, 0)).x()
            assert (left, right) == (15, 15)

    play(run())


@pytest.mark.parametrize("rtl", [False, True])
@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_the_composer_is_as_wide_as_the_messages_and_stands_below_them(
    look: Look, play: Play, rtl: bool, scale: float
) -> None:
    look("light", scale, rtl=rtl)

    async def run() -> None:
        async with scene() as on:
            await on.ready()
            on.window.resize(1900, 900)
            on.view._stack.setCurrentWidget(on.view.transcript)
            for messages in (1, 80):
                on.view.transcript.set_messages([TranscriptMessage(n, "user", "Q") for n in range(messages)])
                QApplication.sendPostedEvents()
                assert (on.view.transcript.verticalScrollBar().maximum() > 0) == (messages > 1)
                left = on.view.transcript.viewport().mapTo(on.view, QPoint(on.view.transcript.column_left, 0)).x()
                composer = on.view.composer
                assert abs(left - composer.mapTo(on.view, QPoint(0, 0)).x()) <= 1
                assert abs(on.view.transcript.column.width - composer.width()) <= 1

    play(run())


def test_with_strong_contrast_the_chosen_page_can_be_read(look: Look, stage: Stage, qtbot: QtBot) -> None:
    look(contrast=True)
    pages = PageList([("Getting started", 1), ("Chat", 2)])
    stage(pages, width=260)
    pages.select(1)
    row = pages.rows[1]
    row.update()
    ground = QColor(row.grab().toImage().pixelColor(row.width() - 20, row.height() // 2))
    assert ground == theme().color("hover")
    assert ground.lightnessF() - theme().color("text").lightnessF() > 0.6


@pytest.mark.parametrize("rtl", [False, True])
def test_the_words_of_an_empty_chat_begin_where_its_title_begins(look: Look, play: Play, rtl: bool) -> None:
    look(rtl=rtl)

    async def run() -> None:
        async with scene() as on:
            side = Qt.AlignmentFlag.AlignRight if rtl else Qt.AlignmentFlag.AlignLeft
            for label in (on.view.welcome.title, on.view.welcome.sentence):
                assert label.alignment() & side
                assert label.alignment() & Qt.AlignmentFlag.AlignAbsolute

    play(run())
