"""What is pressed, switched and chosen: by mouse, by keyboard, mirrored, scaled, and never cut off."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolTip
from pytestqt.qtbot import QtBot

from aqe_desktop.core.models import Place, Proof, Zone
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.widgets.button import Button, IconButton
from aqe_desktop.ui.widgets.chip import Chip
from aqe_desktop.ui.widgets.combo import Combo
from aqe_desktop.ui.widgets.control import Control
from aqe_desktop.ui.widgets.menu import Menu
from aqe_desktop.ui.widgets.segmented import Segmented
from aqe_desktop.ui.widgets.toggle import Checkbox, Toggle
from aqe_desktop.ui.widgets.zone_chip import RouteState, ZoneChip, border_token
from tests.ui.clipping import clipped, settle
from tests.ui.conftest import Look, Stage

_LONG = "Datenschutzgrundverordnungskonforme Verarbeitungsprotokolle"


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_a_button_is_pressed_by_keyboard(look: Look, stage: Stage, qtbot: QtBot, key: Qt.Key) -> None:
    button = Button("Load")
    stage(button)
    with qtbot.waitSignal(button.clicked):
        QTest.keyClick(button, key)


def test_the_focus_ring_is_for_the_keyboard_only(look: Look, stage: Stage) -> None:
    first, second = Button("First"), Button("Second")
    holder = stage(first, second)
    holder.activateWindow()
    QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    assert not first.ringed
    first.setFocus(Qt.FocusReason.OtherFocusReason)
    QTest.keyClick(first, Qt.Key.Key_Tab)
    assert second.ringed
    assert not first.ringed


def test_the_ring_is_the_accent_two_pixels_wide(look: Look, stage: Stage) -> None:
    look("light")
    button = Button("Load")
    holder = stage(button)
    button.ringed = True
    settle(holder)
    picture = button.grab().toImage()
    middle = picture.height() // 2
    accent = theme().color("accent").name()
    assert [picture.pixelColor(x, middle).name() for x in range(3)] == [accent, accent, theme().color("app").name()]


def test_an_icon_button_without_a_name_is_refused(look: Look) -> None:
    with pytest.raises(ValueError, match="spoken"):
        IconButton("search", "")


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("rtl", [False, True])
def test_a_long_word_is_elided_and_whole_on_hover(look: Look, stage: Stage, scale: float, rtl: bool) -> None:
    look("light", scale, rtl=rtl)
    controls: list[Control] = [
        Button(_LONG, icon="play"),
        Chip(_LONG, icon="file", removable=True),
        Combo([(_LONG, 1)], "Choice"),
        Checkbox(_LONG),
    ]
    for control in controls:
        control.setFixedWidth(140)
    holder = stage(*controls)
    assert clipped(holder) == []
    for control in controls:
        assert control.cut
        QApplication.sendEvent(
            control, QHelpEvent(QEvent.Type.ToolTip, QPoint(5, 5), control.mapToGlobal(QPoint(5, 5)))
        )
        assert _LONG in QToolTip.text()
        assert _LONG in (control.accessibleName(), control.accessibleDescription())


def test_a_tooltip_never_reads_markup_in_a_name(look: Look, stage: Stage) -> None:
    chip = Chip('<img src="file:///etc/hostname">.py ' + _LONG)
    chip.setFixedWidth(90)
    holder = stage(chip)
    settle(holder)
    QApplication.sendEvent(chip, QHelpEvent(QEvent.Type.ToolTip, QPoint(5, 5), chip.mapToGlobal(QPoint(5, 5))))
    assert "&lt;img" in QToolTip.text()


def test_a_chip_that_only_says_something_is_passed_over_by_tab(look: Look) -> None:
    chip = Chip("bound to this device", icon="lock")
    assert chip.focusPolicy() == Qt.FocusPolicy.NoFocus
    chip.set_clickable(True)
    assert chip.focusPolicy() == Qt.FocusPolicy.TabFocus


def test_a_file_chip_goes_by_its_cross_and_by_delete(look: Look, stage: Stage) -> None:
    chip = Chip("notes.md", icon="file", removable=True)
    stage(chip)
    gone: list[str] = []
    chip.removed.connect(lambda: gone.append("removed"))
    chip.clicked.connect(lambda: gone.append("clicked"))
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton, pos=QPoint(chip.width() - 8, chip.height() // 2))
    QTest.keyClick(chip, Qt.Key.Key_Delete)
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton, pos=QPoint(12, 10))
    assert gone == ["removed", "removed", "clicked"]


def test_every_route_state_has_words_and_only_a_decided_one_colours_the_composer(look: Look) -> None:
    chip, seen = ZoneChip(), set()
    for state in RouteState:
        chip.show_state(state, "box-4090")
        assert chip.text()
        assert "{" not in chip.text()
        seen.add(state)
    assert len(seen) == 12
    undecided = {"checking", "needs_yes", "blocked", "nothing_local", "over_budget"}
    assert {state for state in RouteState if border_token(state) == "line_strong"} == undecided


@pytest.mark.parametrize(
    ("place", "name", "said"),
    [
        (Place(Zone.DEVICE, Proof.PROVED), "", "This device"),
        (Place(Zone.DEVICE, Proof.DECLARED), "", "This device, declared"),
        (Place(Zone.LAN, Proof.PROVED), "box-4090", "box-4090"),
        (Place(Zone.CLOUD, Proof.UNPROVED), "127.0.0.1:9000", "127.0.0.1:9000, unproved"),
    ],
)
def test_a_place_is_said_with_its_proof(look: Look, place: Place, name: str, said: str) -> None:
    chip = ZoneChip()
    chip.show_place(place, name)
    assert chip.text() == said


def test_a_switch_is_switched_by_keyboard_and_says_so(look: Look, stage: Stage, qtbot: QtBot) -> None:
    toggle = Toggle("Offline")
    stage(toggle)
    with qtbot.waitSignal(toggle.toggled):
        QTest.keyClick(toggle, Qt.Key.Key_Space)
    assert toggle.isChecked()
    spoken = QAccessible.queryAccessibleInterface(toggle)
    assert spoken.state().checked
    assert spoken.role() == QAccessible.Role.CheckBox


def test_a_mirrored_switch_has_its_knob_on_the_other_side(look: Look, stage: Stage) -> None:
    toggle = Toggle("Offline", checked=True)
    stage(toggle)
    straight = toggle.grab().toImage()
    toggle.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert toggle.grab().toImage() != straight


def test_a_combo_opens_our_menu_without_waiting_and_says_the_choice(look: Look, stage: Stage, qtbot: QtBot) -> None:
    combo = Combo([("SmolLM2", "a"), ("Qwen", "b")], "Model")
    stage(combo)
    QTest.keyClick(combo, Qt.Key.Key_Down)
    menu = combo.findChild(QMenu)
    assert isinstance(menu, Menu)
    assert menu.isVisible()
    with qtbot.waitSignal(combo.chosen) as chosen:
        menu.actions()[1].trigger()
    assert chosen.args == ["b"]
    assert (combo.value, combo.accessibleDescription()) == ("b", "Qwen")


def test_selecting_by_program_emits_nothing_and_new_options_keep_the_value(
    look: Look, stage: Stage, qtbot: QtBot
) -> None:
    combo = Combo([("One", 1), ("Two", 2)], "Number")
    with qtbot.assertNotEmitted(combo.chosen):
        combo.select(2)
        combo.set_options([("Two", 2), ("Three", 3)])
        assert combo.value == 2
        combo.set_options([("Four", 4)])
    assert combo.value == 4


def test_segments_are_chosen_by_click_and_by_arrow(look: Look, stage: Stage) -> None:
    segmented = Segmented([("All", "all"), ("Device", "device"), ("LAN", "lan")], "Zone")
    stage(segmented)
    chosen: list[str] = []
    segmented.chosen.connect(chosen.append)
    segments = segmented.findChildren(Control)
    QTest.mouseClick(segments[1], Qt.MouseButton.LeftButton)
    segments[1].setFocus()
    QTest.keyClick(segments[1], Qt.Key.Key_Right)
    assert chosen == ["device", "lan"]
    assert segmented.value == "lan"


def test_a_menu_shows_ampersands_and_cuts_a_name_that_is_too_long(look: Look, stage: Stage) -> None:
    holder = stage()
    menu = Menu(holder)
    assert menu.add("R&D", lambda: None).text() == "R&&D"
    action = menu.add("x" * 200, lambda: None)
    assert len(action.text()) == 60
    assert "x" * 200 in action.toolTip()
    menu.close()
