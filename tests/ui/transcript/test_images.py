"""Images in a question: their place is kept before they are decoded, they open larger, a broken one shows its name."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from aqe_desktop.ui.widgets.transcript import FileChip, Transcript, TranscriptMessage, menu
from aqe_desktop.ui.widgets.transcript.accessible import spoken_details
from aqe_desktop.ui.widgets.transcript.item import Item
from aqe_desktop.ui.widgets.transcript.spots import file_chips
from tests.pictures import png
from tests.ui.transcript.conftest import Show

SHOT = FileChip("shot.png", 300, png(520, 260), (520, 260))
TALL = FileChip("tall.png", 300, png(2, 900), (2, 900))
BROKEN = FileChip("broken.png", 60, png(90, 60)[:60], (90, 60))
NOTES = FileChip("notes.md", 12)


def asked(show: Show, *files: FileChip, width: int = 800) -> tuple[Transcript, Item]:
    view = show(size=(width, 700))
    view.set_messages([TranscriptMessage(7, "user", "What is this?", attachments=files)])
    view.grab()
    return view, view.column.items[0]


def centre(view: Transcript, item: Item, number: int) -> QPoint:
    return (file_chips(item)[number][1].center() + view.origin(item)).toPoint()


@pytest.mark.parametrize("width", [260, 800])
def test_images_and_files_have_their_places_within_the_bubble(show: Show, width: int) -> None:
    _, item = asked(show, SHOT, NOTES, TALL, BROKEN, width=width)
    places = [area for _, area in file_chips(item)]
    assert all(item.bubble.contains(place) for place in places)
    assert not any(one.intersects(other) for at, one in enumerate(places) for other in places[at + 1 :])
    assert abs(places[0].width() - 2 * places[0].height()) <= 2


def test_an_image_is_painted_when_it_is_ready_and_nothing_moves(show: Show, qtbot: QtBot) -> None:
    view, item = asked(show, SHOT)
    height, place = item.height, centre(view, item, 0)
    qtbot.waitUntil(lambda: view.viewport().grab().toImage().pixelColor(place).name() == "#c81e3c")
    assert item.height == height


def test_a_click_opens_the_image_and_a_file_stays_as_it_is(show: Show) -> None:
    view, item = asked(show, NOTES, SHOT)
    asked_for: list[tuple[object, str]] = []
    view.action_requested.connect(lambda message, action: asked_for.append((message, action)))
    for number in (0, 1):
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=centre(view, item, number))
    assert asked_for == [(7, "open_image:1")]


def test_the_keyboard_opens_it_by_the_menu_and_a_reader_hears_of_it(show: Show) -> None:
    view, item = asked(show, NOTES, FileChip("a & b.png", 300, png(), (5, 3)))
    asked_for: list[str] = []
    view.action_requested.connect(lambda _message, action: asked_for.append(action))
    opened = menu.open_at(view, item, view.mapToGlobal(QPoint(5, 5)), "")
    assert isinstance(opened, QMenu)
    next(each for each in opened.actions() if each.text() == "Open image a && b.png").trigger()
    opened.close()
    assert asked_for == ["open_image:1"]
    assert "notes.md, image a & b.png" in spoken_details(item)


def test_a_broken_image_is_shown_by_its_name(show: Show, qtbot: QtBot) -> None:
    view, item = asked(show, BROKEN)
    place = file_chips(item)[0][1].translated(view.origin(item)).toAlignedRect()

    def named() -> bool:
        """The letters have many shades; an empty place has none."""
        seen = view.viewport().grab(place).toImage()
        return len({seen.pixel(x, y) for x in range(seen.width()) for y in range(seen.height())}) > 5

    qtbot.waitUntil(named)
