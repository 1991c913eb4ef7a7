"""The offline switch in the status bar: written at once, heeded by every process, and true to the file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from aqe_desktop.app import App, open_app
from aqe_desktop.ui.rooms import Rooms
from aqe_desktop.ui.shell.window import MainWindow
from aqe_desktop.ui.widgets.zone_chip import RouteState, border_token
from tests.ui.screens.chat_scene import Play
from tests.ui.screens.conftest import until


class House:
    """A window with all of its screens over an open app."""

    def __init__(self, app: App) -> None:
        self.app, self.window = app, MainWindow()
        self.rooms = Rooms(app, self.window)
        self.switch = self.window.status.offline
        self.window.resize(1280, 800)
        self.window.show()
        self.window.show_screen("chat")
        self.rooms.begin()

    @property
    def detail(self) -> str:
        return self.rooms.chat.view.route.detail.text()

    def saved(self) -> bool:
        return self.app.settings.load().network.offline


@asynccontextmanager
async def house() -> AsyncIterator[House]:
    async with open_app() as app:
        made = House(app)
        try:
            await until(lambda: made.rooms.chat.engine.place is not None)
            yield made
        finally:
            await made.rooms.aclose()
            made.window.close()
            made.window.deleteLater()


def test_the_switch_is_written_at_once_and_the_route_says_why_it_stays(play: Play) -> None:
    async def run() -> None:
        async with house() as here:
            assert here.switch.accessibleName() == "Offline"
            assert not here.switch.isChecked()
            QTest.mouseClick(here.switch, Qt.MouseButton.LeftButton)
            await until(here.saved)
            await until(lambda: "offline: the switch below is on" in here.detail)
            assert here.rooms.chat.view.route.chip.text() == "Stays on this device"
            assert border_token(RouteState.OFFLINE) == here.rooms.chat.view.composer._border
            here.switch.setFocus(Qt.FocusReason.TabFocusReason)
            QTest.keyClick(here.switch, Qt.Key.Key_Space)
            await until(lambda: not here.saved())
            await until(lambda: "offline" not in here.detail)

    play(run())


def test_the_palette_has_the_switch(play: Play) -> None:
    async def run() -> None:
        async with house() as here:
            (command,) = [each for each in here.window.commands.all() if "offline" in each.name]
            here.window.commands.run(command)
            await until(here.saved)

    play(run())


def test_what_another_process_switches_shows_up_by_itself(play: Play) -> None:
    async def run() -> None:
        async with house() as here:
            here.app.paths.settings.write_text("[network]\noffline = true\n")
            await until(here.switch.isChecked)
            await until(lambda: "offline" in here.detail)

    play(run())


def test_a_settings_file_that_cannot_be_read_counts_as_offline(play: Play) -> None:
    async def run() -> None:
        async with house() as here:
            here.app.paths.settings.write_text("[network\n")
            await until(here.switch.isChecked)

    play(run())


def test_a_switch_that_cannot_be_written_goes_back(play: Play) -> None:
    async def run() -> None:
        async with house() as here:
            # A folder in the place of the file: not even root can write that.
            here.app.paths.settings.mkdir()
            await until(here.switch.isChecked)
            told = len(here.window.toasts._toasts)
            here.switch.click()
            assert not here.switch.isChecked()
            await until(lambda: len(here.window.toasts._toasts) > told)
            assert here.switch.isChecked()
            here.app.paths.settings.rmdir()

    play(run())


def test_a_mistake_elsewhere_in_the_file_keeps_the_switch_on_and_is_said(play: Play) -> None:
    async def run() -> None:
        async with house() as here:
            here.app.paths.settings.write_text("[Network]\noffline = true\n")
            await until(here.switch.isChecked)
            told = len(here.window.toasts._toasts)
            here.switch.click()
            await until(lambda: len(here.window.toasts._toasts) > told)
            assert here.switch.isChecked()
            assert "[Network]\noffline = true\n" in here.app.paths.settings.read_text()

    play(run())


def test_going_online_over_a_file_that_cannot_be_read_is_the_users_own_act(play: Play) -> None:
    async def run() -> None:
        async with house() as here:
            here.app.paths.settings.write_text("[network\noffline = true\n")
            await until(here.switch.isChecked)
            here.rooms.keep({"appearance.font_size": 14})
            await until(lambda: here.app.settings.load_or_default()[1] is None)
            assert here.saved()
            here.switch.click()
            await until(lambda: not here.saved())

    play(run())
