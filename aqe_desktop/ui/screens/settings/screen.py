"""The settings as the window holds them; what is set takes effect here, and for the chat by `applied`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit

from aqe_desktop.services.diagnostics import Bundle
from aqe_desktop.ui import dialogs
from aqe_desktop.ui.screens.settings.privacy_model import ProjectPrivacyViewModel
from aqe_desktop.ui.screens.settings.view_model import SettingsViewModel
from aqe_desktop.ui.shell.panes import Panes
from aqe_desktop.ui.tasks import Tasks
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SECONDARY
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from aqe_desktop.app import App
    from aqe_desktop.settings.schema import Settings
    from aqe_desktop.ui.shell.window import MainWindow


class SettingsScreen(QObject):
    """Builds its page, which imports the schema, when it is first shown."""

    applied = Signal(object)

    def __init__(self, app: App, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = SettingsViewModel(app, self)
        self.settings.applied.connect(self._apply)
        self.settings.collected.connect(self._preview)
        self.privacy = ProjectPrivacyViewModel(app, self)
        self._tasks = Tasks(self)
        self._window: MainWindow | None = None

    def panes(self) -> Panes:
        from aqe_desktop.ui.screens.settings.view import SettingsView

        view = SettingsView(self.settings, self.privacy)
        view.not_opened.connect(self._tell_place)
        return Panes(view)

    def connect_window(self, window: MainWindow) -> None:
        """Read anew whenever the page is shown: the file may have been changed elsewhere."""
        self._window = window
        window.screen_shown.connect(lambda key: self._read() if key == "settings" else None)
        window.commands.add("Show a diagnostics bundle", self.settings.collect, section="Settings")

    async def aclose(self) -> None:
        await self._tasks.aclose()
        await self.privacy.aclose()
        await self.settings.aclose()

    def _read(self) -> None:
        self.settings.load()
        self.privacy.load()

    def _apply(self, settings: Settings) -> None:
        from aqe_desktop.settings.boot import FONT_SIZE

        look = settings.appearance
        theme().set_reduced_motion(look.reduced_motion)
        theme().apply(look.theme, look.font_size / FONT_SIZE)
        self.applied.emit(settings)

    def _tell_place(self, title: str, path: str) -> None:
        """Where the eye is: the row may be far below the page's beginning."""
        assert self._window is not None
        toast = self._window.toasts.offer(f"Nothing here opens folders. {title}: {path}", "Copy path")
        toast.acted.connect(lambda: QGuiApplication.clipboard().setText(path))

    def _preview(self, bundle: Bundle) -> None:
        """Everything that would be saved, before it is saved."""
        assert self._window is not None
        sheet = Sheet(self._window, "Diagnostics bundle", width=760)
        sheet.body.addWidget(
            Label("This is all of it. Nothing is sent; it is written where you choose.", token="muted")
        )
        sheet.body.addWidget(_text(bundle.preview))
        sheet.add_button("Cancel", key="cancel")
        sheet.add_button("Save as…", "primary", key="save", default=True)
        sheet.finished.connect(lambda key: self._save(bundle) if key == "save" else None)
        sheet.open()

    def _save(self, bundle: Bundle) -> None:
        self._tasks.start(self._ask_and_save(bundle), name="save diagnostics")

    async def _ask_and_save(self, bundle: Bundle) -> None:
        suggested = Path.home() / "aqe-diagnostics.zip"
        path = await dialogs.save_file(self._window, "Save the diagnostics bundle", suggested, ("Zip (*.zip)",))
        if path is not None:
            self.settings.save_bundle(bundle, path)


def _text(content: str) -> QPlainTextEdit:
    text = QPlainTextEdit(content)
    text.setReadOnly(True)
    text.setProperty("field", True)
    text.setAccessibleName("What the bundle holds")
    text.setFont(theme().font(SECONDARY, mono=True))
    text.setMinimumHeight(theme().dp(360))
    return text
