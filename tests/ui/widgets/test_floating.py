"""Sheets and toasts: who has the keyboard, how they end, and what their end brings back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.field import Field
from aqe_desktop.ui.widgets.sheet import Sheet
from aqe_desktop.ui.widgets.toast import ToastHost
from tests.ui.clipping import clipped
from tests.ui.conftest import Look, Stage


def _window(stage: Stage) -> tuple[QWidget, Button]:
    behind = Button("Behind")
    window = stage(behind)
    window.resize(900, 600)
    behind.setFocus()
    return window, behind


def _sheet(window: QWidget) -> tuple[Sheet, Field, list[str]]:
    theme().set_reduced_motion(True)
    sheet = Sheet(window, "Rename the preset")
    field = Field("Name")
    sheet.body.addWidget(field)
    sheet.add_button("Delete", "danger", "delete")
    sheet.add_button("Cancel", "plain", "cancel")
    sheet.add_button("Save", "primary", "save", default=True)
    ended: list[str] = []
    sheet.finished.connect(ended.append)
    sheet.open()
    return sheet, field, ended


def test_a_sheet_opens_at_once_and_escape_gives_the_keyboard_back(look: Look, stage: Stage) -> None:
    window, behind = _window(stage)
    sheet, _field, ended = _sheet(window)
    assert Sheet.open_in(window)
    assert not behind.hasFocus()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert ended == [""]
    assert behind.hasFocus()
    assert not Sheet.open_in(window)


def test_tab_goes_round_inside_a_sheet(look: Look, stage: Stage) -> None:
    window, behind = _window(stage)
    sheet, _field, _ = _sheet(window)
    seen: set[QWidget] = set()
    for _ in range(12):
        focused = QApplication.focusWidget()
        assert focused is not None
        assert sheet.isAncestorOf(focused)
        seen.add(focused)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    assert len(seen) == 5
    assert behind not in seen


def test_enter_in_a_field_presses_the_default_and_never_the_danger(look: Look, stage: Stage) -> None:
    window, _ = _window(stage)
    _, field, ended = _sheet(window)
    assert field.hasFocus()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert ended == ["save"]


def test_a_click_beside_a_sheet_does_not_end_it(look: Look, stage: Stage) -> None:
    window, _ = _window(stage)
    sheet, _field, ended = _sheet(window)
    QTest.mouseClick(sheet, Qt.MouseButton.LeftButton)
    assert ended == []


def test_a_sheet_fits_a_small_window_and_clips_nothing(look: Look, stage: Stage) -> None:
    look("dark", 1.25)
    window, _ = _window(stage)
    sheet, _field, _ = _sheet(window)
    window.resize(420, 400)
    assert window.rect().contains(sheet.panel.geometry())
    assert clipped(sheet) == []


def test_undo_is_offered_reached_by_a_key_and_done_once(look: Look, stage: Stage, qtbot: QtBot) -> None:
    window, _ = _window(stage)
    toast = ToastHost(window).offer("“Retry logic” was deleted.")
    QTest.keyClick(window, Qt.Key.Key_F8)
    assert toast.button.hasFocus()
    with qtbot.waitSignal(toast.acted), qtbot.assertNotEmitted(toast.expired):
        QTest.keyClick(toast.button, Qt.Key.Key_Return)
    assert not toast.isVisible()


def test_a_toast_ends_by_itself(look: Look, stage: Stage, qtbot: QtBot) -> None:
    window, _ = _window(stage)
    toast = ToastHost(window).offer("Saved.", "", seconds=0.05)
    with qtbot.waitSignal(toast.expired):
        pass


def test_the_time_of_a_toast_stands_still_under_pointer_and_keyboard(look: Look, stage: Stage) -> None:
    window, behind = _window(stage)
    toast = ToastHost(window).offer("Deleted.")
    here = QPointF(4, 4)
    QApplication.sendEvent(toast, QEnterEvent(here, here, here))
    assert toast.is_paused()
    QApplication.sendEvent(toast, QEvent(QEvent.Type.Leave))
    assert not toast.is_paused()
    toast.button.setFocus(Qt.FocusReason.TabFocusReason)
    assert toast.is_paused()
    behind.setFocus()
    assert not toast.is_paused()


def test_escape_sends_a_toast_away_and_a_fourth_the_oldest(look: Look, stage: Stage, qtbot: QtBot) -> None:
    window, _ = _window(stage)
    host = ToastHost(window)
    toasts = [host.offer(f"Deleted {number}.") for number in range(3)]
    with qtbot.waitSignal(toasts[0].expired):
        host.offer("Deleted 3.")
    toasts[1].button.setFocus()
    with qtbot.waitSignal(toasts[1].expired):
        QTest.keyClick(toasts[1].button, Qt.Key.Key_Escape)
    bottoms = [toast.geometry().bottom() for toast in (toasts[2],)]
    assert max(bottoms) < window.height()


def test_a_toast_says_all_of_a_long_text_within_its_room(look: Look, stage: Stage) -> None:
    window, _ = _window(stage)
    room = QRect(300, 0, 400, 420)
    host = ToastHost(window, lambda: room)
    toast = host.offer("The settings could not be written: the disk is full. Free some space and change it again.", "")
    QApplication.sendPostedEvents()
    assert room.contains(toast.geometry().adjusted(12, 12, -12, -12))
    assert toast.label.height() >= 2 * toast.label.fontMetrics().height()
    assert clipped(toast) == []
    room.setWidth(900)
    host.place()
    QApplication.sendPostedEvents()
    assert toast.label.height() < 2 * toast.label.fontMetrics().height()
