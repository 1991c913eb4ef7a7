"""The frame: screens built when first shown, panes that fold, and a place that is found again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from aqe_desktop.core.models import Phase, RuntimeStatus
from aqe_desktop.settings.boot import Window
from aqe_desktop.ui.shell.panes import Panes
from aqe_desktop.ui.shell.rail import RailButton
from aqe_desktop.ui.shell.screens import SCREENS
from aqe_desktop.ui.shell.status_bar import ReplyFigures
from aqe_desktop.ui.shell.window import MainWindow
from aqe_desktop.ui.widgets.field import Field
from aqe_desktop.ui.widgets.sheet import Sheet
from tests.ui.clipping import clipped
from tests.ui.conftest import Look

Open = Callable[..., MainWindow]


@pytest.fixture
def open_window(look: Look, qtbot: QtBot) -> Open:
    windows: list[MainWindow] = []

    def opened(place: Window | None = None) -> MainWindow:
        window = MainWindow(place)
        qtbot.addWidget(window)
        windows.append(window)
        window.add_screen("chat", lambda: Panes(Field("Message"), Field("Search"), Field("Temperature")))
        window.add_screen("settings", lambda: Panes(Field("Font size")))
        window.show_screen("chat")
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        return window

    return opened


def _field(window: MainWindow, name: str) -> QWidget:
    return next(field for field in window.findChildren(Field) if field.accessibleName() == name)


def test_wide_it_shows_sidebar_work_and_inspector_at_their_widths(open_window: Open) -> None:
    window = open_window(Window(1440, 900))
    sidebar, work, inspector = (_field(window, name) for name in ("Search", "Message", "Temperature"))
    assert all(part.isVisible() for part in (sidebar, work, inspector))
    left = work.mapTo(window.panes, work.rect().topLeft()).x()
    assert left == 264
    assert window.panes.width() - left - work.width() == 308
    assert window.rail.width() == 64
    assert window.status.height() == 28


@pytest.mark.parametrize(
    ("width", "sidebar", "inspector"), [(1100, True, True), (1099, True, False), (859, False, False)]
)
def test_panes_fold_at_their_widths(open_window: Open, width: int, sidebar: bool, inspector: bool) -> None:
    window = open_window(Window(width, 600))
    assert _field(window, "Search").isVisible() is sidebar
    assert _field(window, "Temperature").isVisible() is inspector
    assert _field(window, "Message").isVisible()


def test_a_folded_sidebar_opens_above_the_work_area_and_escape_closes_it(open_window: Open) -> None:
    window = open_window(Window(800, 600))
    work_width = _field(window, "Message").width()
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    search = _field(window, "Search")
    assert search.isVisible()
    assert search.hasFocus()
    assert _field(window, "Message").width() == work_width
    QTest.keyClick(search, Qt.Key.Key_Escape)
    assert not search.isVisible()


def test_a_press_beside_a_floating_pane_folds_it(open_window: Open) -> None:
    window = open_window(Window(900, 600))
    window.toggle_inspector()
    assert _field(window, "Temperature").isVisible()
    veil = window.panes.childAt(20, 300)
    assert veil is not None
    QTest.mouseClick(veil, Qt.MouseButton.LeftButton)
    assert not _field(window, "Temperature").isVisible()


def test_a_floating_pane_takes_its_place_when_the_window_grows(open_window: Open) -> None:
    window = open_window(Window(900, 600))
    window.toggle_inspector()
    window.resize(1300, 700)
    assert _field(window, "Temperature").isVisible()
    assert window.panes._veil.isHidden()


def test_the_rail_offers_the_sidebar_only_while_it_is_folded(open_window: Open) -> None:
    window = open_window(Window(1200, 700))
    assert not window.rail._unfold.isVisible()
    window.resize(800, 700)
    assert window.rail._unfold.isVisible()
    window.show_screen("settings")
    assert not window.rail._unfold.isVisible()


def test_a_screen_is_built_when_it_is_first_shown_and_only_once(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    built: list[int] = []

    def build() -> Panes:
        built.append(1)
        return Panes(Field("Topics"))

    window.add_screen("help", build)
    assert built == []
    with qtbot.waitSignal(window.screen_shown) as shown:
        QTest.keyClick(window, Qt.Key.Key_F1)
    assert shown.args == ["help"]
    window.show_screen("chat")
    window.show_screen("help")
    assert built == [1]
    assert not _field(window, "Search").isVisible()


def test_the_rail_has_an_entry_for_every_screen_and_marks_the_one_on_show(open_window: Open) -> None:
    window = open_window()
    buttons = {button.entry.key: button for button in window.rail.findChildren(RailButton)}
    assert list(buttons) == [entry.key for entry in SCREENS]
    QTest.mouseClick(buttons["settings"], Qt.MouseButton.LeftButton)
    assert window.current_screen == "settings"
    assert buttons["settings"].isChecked()
    assert not buttons["chat"].isChecked()


def test_arrows_move_along_the_rail(open_window: Open) -> None:
    window = open_window()
    first, second, *_ = window.rail.findChildren(RailButton)
    first.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(first, Qt.Key.Key_Down)
    assert second.hasFocus()
    assert window.current_screen == "chat"


def test_the_place_of_a_window_is_found_again(open_window: Open) -> None:
    window = open_window(Window(1200, 700, 30, 40))
    window.toggle_inspector()
    place = window.place()
    assert (place.width, place.height, place.x, place.y) == (1200, 700, 30, 40)
    again = open_window(place)
    assert again.size() == window.size()
    assert not _field(again, "Temperature").isVisible()
    assert _field(again, "Search").isVisible()


def test_a_place_on_a_screen_that_is_gone_is_left_to_the_system(open_window: Open) -> None:
    window = open_window(Window(900, 600, 20_000, 20_000))
    assert window.x() < 10_000


def test_closing_is_said(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    with qtbot.waitSignal(window.closed):
        window.close()


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5])
@pytest.mark.parametrize("rtl", [False, True])
@pytest.mark.parametrize("width", [900, 1440])
def test_no_word_of_the_frame_is_cut_off(look: Look, open_window: Open, scale: float, rtl: bool, width: int) -> None:
    look("dark", scale, rtl=rtl)
    window = open_window(Window(width, 600))
    window.status.show_runtime(RuntimeStatus("llamacpp", "llama.cpp", Phase.LOADING, progress=0.42))
    window.status.show_reply(ReplyFigures(10_000, 123.4, 10.0, "$0.0000", "free"))
    assert clipped(window) == []


def test_a_mirrored_window_has_its_rail_and_sidebar_on_the_right(look: Look, open_window: Open) -> None:
    look("light", rtl=True)
    window = open_window(Window(1440, 900))
    assert window.rail.x() > window.panes.x()
    sidebar = _field(window, "Search").parentWidget()
    assert sidebar is not None
    assert sidebar.geometry().right() == window.panes.width() - 1


def test_changing_figures_move_nothing_in_the_status_bar(open_window: Open) -> None:
    window = open_window(Window(1440, 900))
    window.status.show_runtime(RuntimeStatus("llamacpp", "llama.cpp", Phase.READY))
    QApplication.sendPostedEvents()
    before = {id(part): part.geometry() for part in window.status.children() if isinstance(part, QWidget)}
    for tokens in (1, 158, 9_999):
        window.status.show_reply(ReplyFigures(tokens, tokens / 7, 0.31, "$0.0000", "free"))
        QApplication.sendPostedEvents()
        after = {id(part): part.geometry() for part in window.status.children() if isinstance(part, QWidget)}
        assert after == before


def test_a_runtime_is_said_in_words_and_its_light_can_be_pressed(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    window.status.show_runtime(RuntimeStatus("llamacpp", "llama.cpp", Phase.READY))
    window.status.show_runtime(
        RuntimeStatus("llamacpp", "llama.cpp", Phase.FAILED, message="It ended.", hint="Start it again.")
    )
    (light,) = window.status._lights.values()
    assert light.text() == "llama.cpp failed"
    assert "Start it again." in light.toolTip()
    with qtbot.waitSignal(window.status.runtime_clicked) as pressed:
        QTest.mouseClick(light, Qt.MouseButton.LeftButton)
    assert pressed.args == ["llamacpp"]


def test_an_estimate_is_marked_and_the_exact_cost_is_spoken(open_window: Open) -> None:
    window = open_window()
    window.status.show_reply(ReplyFigures(1, 2.0, 0.3, "$0.0021", "computed", "0.002134000000", estimated=True))
    assert window.status._cost.text() == "≈ $0.0021"
    assert "0.002134000000" in window.status._cost.accessibleName()


def test_shortcuts_rest_while_a_sheet_is_open(open_window: Open) -> None:
    window = open_window()
    done: list[int] = []
    window.commands.add("New chat", lambda: done.append(1), "Ctrl+N", "Chat")
    sheet = Sheet(window, "Rename")
    sheet.open()
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert done == []
    sheet.close_with("")
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert done == [1]


@pytest.mark.parametrize("width", [720, 900, 1440])
def test_a_toast_covers_nothing_that_is_used(open_window: Open, width: int) -> None:
    window = open_window(Window(width, 600))
    work, foot = QWidget(), Field("Composer")
    column = QVBoxLayout(work)
    column.addStretch(1)
    column.addWidget(foot)
    window.add_screen("help", lambda: Panes(work, Field("Pages"), foot=foot))
    window.show_screen("help")
    toasts = [window.toasts.offer(f"Deleted “A chat with a title that goes on and on, number {n}”") for n in range(2)]

    def free() -> bool:
        QApplication.sendPostedEvents()
        edge = foot.mapTo(window, QPoint()).y()
        left = work.mapTo(window, QPoint()).x()
        inner = [toast.geometry().adjusted(12, 12, -12, -12) for toast in toasts]
        return all(place.bottom() < edge and left <= place.left() and place.right() < width for place in inner)

    assert free()
    foot.setMinimumHeight(90)
    foot.setMaximumHeight(90)
    assert free()
    window.toggle_sidebar()
    assert free()
