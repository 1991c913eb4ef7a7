"""The settings page: drawn from the schema, in force at once, saved, and honest about a broken file."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from aqe_desktop.app import open_app
from aqe_desktop.machine.paths import find_paths
from aqe_desktop.settings.schema import Settings
from aqe_desktop.ui.screens.help.pages import pages
from aqe_desktop.ui.screens.help.screen import HelpScreen
from aqe_desktop.ui.screens.settings.fields import sections, value_of
from aqe_desktop.ui.screens.settings.screen import SettingsScreen
from aqe_desktop.ui.screens.settings.view import SettingsView
from aqe_desktop.ui.shell.window import MainWindow
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.segmented import Segmented
from aqe_desktop.ui.widgets.sheet import Sheet
from aqe_desktop.ui.widgets.toast import Toast
from tests.ui.screens.conftest import until

Play = Callable[[Coroutine[Any, Any, Any]], Any]


def test_every_shown_setting_has_its_words_and_a_default_its_editor_can_show() -> None:
    shown = [field for section in sections() for field in section.fields]
    assert [section.title for section in sections()] == ["Appearance", "Chat", "Network", "Ollama", "llama.cpp"]
    for field in shown:
        assert field.title
        assert field.description
        assert value_of(Settings(), field.name) == field.default
        if field.kind == "number":
            assert field.least <= field.default <= field.most
        if field.kind == "choice":
            assert field.default in {value for _, value in field.choices}


def test_a_change_is_in_force_at_once_and_kept(play: Play) -> None:
    async def scene() -> None:
        async with open_app() as app:
            window, screen, view = opened(app)
            await until(lambda: "appearance.theme" in view.rows)
            applied: list[Settings] = []
            screen.applied.connect(applied.append)
            editor = view.rows["appearance.theme"].editor
            assert isinstance(editor, Segmented)
            dark = next(segment for segment in editor._segments if segment.value == "dark")
            dark.click()
            await until(lambda: applied)
            assert theme().tokens.name == "dark"
            assert app.settings.load().appearance.theme == "dark"
            size = view.rows["appearance.font_size"].editor
            size.setFocus()
            QTest.keyClick(size, Qt.Key.Key_Up)
            await until(lambda: app.settings.load().appearance.font_size == 14)
            await until(lambda: theme().scale > 1)
            screen.settings.change("chat.default_model", "no reference")
            await until(lambda: not view.rows["chat.default_model"].trouble.isHidden())
            screen.settings.change("appearance.theme", None)
            screen.settings.change("appearance.font_size", None)
            await until(lambda: theme().scale == 1)
            await closed(screen, window)

    play(scene())


def test_a_broken_settings_file_is_named_and_left_alone(play: Play) -> None:
    paths = find_paths()
    paths.settings.write_text('[appearance]\ntheme = "pink"\n')

    async def scene() -> None:
        async with open_app() as app:
            window, screen, view = opened(app)
            await until(lambda: view.banner.isVisible())
            assert "line 2" in view.banner.message.text()
            assert paths.settings.read_text() == '[appearance]\ntheme = "pink"\n'
            paths.settings.write_text('[appearance]\ntheme = "dark"\n')
            screen.settings.load()
            await until(lambda: view.banner.isHidden())
            await closed(screen, window)

    play(scene())


def test_a_diagnostics_bundle_is_shown_whole_before_it_is_saved(play: Play) -> None:
    async def scene() -> None:
        async with open_app() as app:
            window, screen, view = opened(app)
            await until(lambda: bool(view.rows))
            view.bundle.click()
            await until(lambda: Sheet.open_in(window))
            (sheet,) = [each for each in window.findChildren(Sheet) if each.isVisible()]
            assert sheet.title.text() == "Diagnostics bundle"
            bundle = await app.diagnostics.collect()
            assert [name for name, _ in bundle.files] == ["versions.json", "settings.json", "doctor.json", "log.txt"]
            target = app.paths.home / "bundle.zip"
            screen.settings.save_bundle(bundle, target)
            await until(target.exists)
            sheet.close_with("")
            await closed(screen, window)

    play(scene())


def test_every_page_of_the_guide_opens(play: Play) -> None:
    async def scene() -> None:
        window = MainWindow()
        screen = HelpScreen(window)
        screen.connect_window(window)
        window.add_screen("help", screen.panes)
        window.show()
        for command in [each for each in window.commands.all() if each.name.startswith("Read: ")]:
            window.commands.run(command)
            assert f"Read: {screen.title.text()}" == command.name
            assert screen.text.verticalScrollBar().value() == 0
        assert len(pages()) >= 6
        assert pages()[0].name == "getting-started"
        window.close()
        window.deleteLater()

    play(scene())


def opened(app: Any) -> tuple[MainWindow, SettingsScreen, SettingsView]:
    window = MainWindow()
    screen = SettingsScreen(app, window)
    screen.connect_window(window)
    window.add_screen("settings", screen.panes)
    window.resize(1280, 800)
    window.show()
    window.show_screen("settings")
    view = window._built["settings"].work
    assert isinstance(view, SettingsView)
    return window, screen, view


async def closed(screen: SettingsScreen, window: MainWindow) -> None:
    await screen.aclose()
    window.close()
    window.deleteLater()


@pytest.mark.qt_log_ignore("^This plugin does not support", "Unable to detect", extend=True)
def test_a_folder_that_nothing_opens_is_named_with_its_place(play: Play) -> None:
    async def scene() -> None:
        async with open_app() as app:
            window, screen, view = opened(app)
            await until(lambda: "appearance.theme" in view.rows)
            button = next(each for each in view.findChildren(Button) if each.accessibleName() == "Open: Logs")
            button.click()
            (toast,) = window.findChildren(Toast)
            assert toast.label.text() == f"Nothing here opens folders. Logs: {app.paths.logs}"
            toast.button.click()
            assert QApplication.clipboard().text() == str(app.paths.logs)
            await closed(screen, window)

    play(scene())
