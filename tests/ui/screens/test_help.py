"""The guide in the window: a link to a page opens the page, any other address is shown first."""

from __future__ import annotations

import re

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from aqe_desktop.ui.screens.help.pages import FIRST, pages
from aqe_desktop.ui.screens.help.screen import HelpScreen
from aqe_desktop.ui.shell.window import MainWindow
from aqe_desktop.ui.widgets.sheet import Sheet
from aqe_desktop.ui.widgets.transcript.markdown import PAGE
from tests.ui.conftest import Look


def opened(qtbot: QtBot) -> tuple[MainWindow, HelpScreen]:
    window = MainWindow()
    qtbot.addWidget(window)
    screen = HelpScreen(window)
    window.add_screen("help", screen.panes)
    window.resize(1280, 900)
    window.show()
    window.show_screen("help")
    qtbot.waitExposed(window)
    return window, screen


def link_places(screen: HelpScreen) -> dict[str, QPoint]:
    """A point of each link of the page that is in sight."""
    view = screen.text
    item = view.column.items[0]
    found = {}
    for number, unit in enumerate(item.units):
        for link in unit.page.links if unit.page else ():
            rect = unit.rects(link.start, link.start + 1)[0]
            place = view.origin(item) + rect.center()
            found[link.href] = QPoint(round(place.x() + item.text_left), round(place.y() + item.tops[number]))
    return found


def test_a_link_to_a_page_opens_it(look: Look, qtbot: QtBot) -> None:
    window, screen = opened(qtbot)
    places = link_places(screen)
    assert PAGE + "command-line" in places
    QTest.mouseClick(screen.text.viewport(), Qt.MouseButton.LeftButton, pos=places[PAGE + "command-line"])
    assert screen.text.ids() == ["command-line"]
    assert screen.title.text() == next(page.title for page in pages() if page.name == "command-line")
    assert not window.findChildren(Sheet)


def test_every_link_of_the_guide_leads_to_a_page_that_is_there(look: Look) -> None:
    names = {page.name for page in pages()}
    linked = {name for page in pages() for name in re.findall(rf"\]\({PAGE}([^)]+)\)", page.body())}
    assert FIRST in names
    assert len(linked) > 3
    assert linked <= names
    assert not [page.name for page in pages() if ".md)" in page.body()]


def test_an_address_out_of_the_guide_is_shown_before_it_is_opened(look: Look, qtbot: QtBot) -> None:
    window, screen = opened(qtbot)
    screen.text.link_activated.emit("https://a.example/b")
    (sheet,) = window.findChildren(Sheet)
    assert screen.text.ids() == [FIRST]
    sheet.close()


def test_the_scheme_of_pages_is_not_shown_to_the_reader(look: Look, qtbot: QtBot) -> None:
    _, screen = opened(qtbot)
    assert PAGE not in screen.text.column.items[0].flat
