"""The screens over an open app: built, joined with the frame around them, and closed together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from aqe_desktop.core.errors import AqeError
from aqe_desktop.ui.screens.chat.screen import ChatScreen
from aqe_desktop.ui.screens.settings.screen import SettingsScreen
from aqe_desktop.ui.settings_watch import SettingsWatch
from aqe_desktop.ui.shell.window import MainWindow
from aqe_desktop.ui.tasks import Tasks

if TYPE_CHECKING:
    from aqe_desktop.app import App
    from aqe_desktop.core.models import ModelRef
    from aqe_desktop.settings.schema import Settings
    from aqe_desktop.ui.screens.chat.foot import Foot
    from aqe_desktop.ui.screens.help.screen import HelpScreen
    from aqe_desktop.ui.screens.ledger.screen import LedgerScreen
    from aqe_desktop.ui.screens.models.screen import ModelsScreen

# Seconds after which the screens that nobody needs at once are made.
_LATER = 0.5


class Rooms:
    """What the rail leads to. `begin` once the first screen is on show, `aclose` before the app is closed."""

    def __init__(self, app: App, window: MainWindow, foot: Foot | None = None) -> None:
        self._app = app
        self._window = window
        self._help: HelpScreen | None = None
        self._ledger: LedgerScreen | None = None
        self._models: ModelsScreen | None = None
        self._tasks = Tasks(window)
        self._tasks.failed.connect(self.tell)
        self.chat = ChatScreen(app, window, foot)
        self.settings = SettingsScreen(app, window)
        self.settings.applied.connect(self._apply)
        self._watch = SettingsWatch(app.settings, window)
        self._watch.read.connect(self._heed)
        self.chat.connect_window(window)
        self.settings.connect_window(window)
        self.settings.privacy.altered.connect(self.chat.findings.look_again)
        self.chat.projects.changed.connect(self._choose_project)
        window.add_screen("chat", self.chat.panes)
        window.add_screen("models", lambda: self._models_screen().panes())
        window.add_screen("ledger", lambda: self._ledger_screen().panes())
        window.add_screen("settings", self.settings.panes)
        window.add_screen("help", lambda: self._help_screen().panes())
        window.status.offline_chosen.connect(self.switch_offline)
        window.commands.add("Go offline, or online again", self._window.status.offline.click)
        window.theme_chosen.connect(lambda choice: self.keep({"appearance.theme": choice}))

    def begin(self) -> None:
        self._watch.start()
        self.chat.begin()
        # Its pages are read and laid out: not on the way to the first question.
        asyncio.get_running_loop().call_later(_LATER, self._make_later)

    async def aclose(self) -> None:
        """End what runs, keeping what arrived and what was drafted; afterwards nothing here asks the app for more."""
        await self._watch.aclose()
        await self._tasks.aclose()
        await self.chat.aclose()
        await self.settings.aclose()
        if self._ledger is not None:
            await self._ledger.aclose()
        if self._models is not None:
            await self._models.aclose()
        self._silence()
        # Whatever any view model of any screen still does would otherwise meet a closed database.
        for tasks in self._window.findChildren(Tasks):
            await tasks.aclose()

    def _heed(self, settings: Settings, problem: AqeError | None) -> None:
        """What the file says now. One that cannot be read may have said offline, so it counts as that."""
        self._show_offline(settings.network.offline or problem is not None)
        self.chat.apply(settings)
        if self._window.current_screen == "settings":
            self.settings.settings.load()
        elif problem is not None:
            self.tell(problem)

    def _choose_project(self) -> None:
        """What the settings show as private is that of the project one works in."""
        current = self.chat.projects.current
        self.settings.privacy.project = current.path if current else ""

    def _apply(self, settings: Settings) -> None:
        """What the settings screen has read or changed, without waiting for the watch."""
        self._show_offline(settings.network.offline or self.settings.settings.problem is not None)
        self.chat.apply(settings)

    def _show_offline(self, offline: bool) -> None:
        self._window.status.show_offline(offline)
        self.chat.set_offline(offline)

    async def _switch_offline(self, offline: bool) -> None:
        """In force once it is written; where that fails, or the file is wrong elsewhere, the switch goes back."""
        try:
            await self._app.settings.change({"network.offline": offline})
        except AqeError as error:
            self.tell(error)
            self._show_offline(not offline)
            return
        settings, problem = await asyncio.to_thread(self._app.settings.load_or_default)
        self._show_offline(settings.network.offline or problem is not None)
        if problem is not None:
            self.tell(problem)

    def _silence(self) -> None:
        """What ends now must not make another view model begin something: no signal and no timer gets through."""
        for screen in filter(None, (self.chat, self.settings, self._ledger, self._models)):
            for one in (screen, *screen.findChildren(QObject)):
                one.blockSignals(True)

    def _make_later(self) -> None:
        self._help_screen()
        self._ledger_screen()
        self._models_screen()

    def _ledger_screen(self) -> LedgerScreen:
        if self._ledger is None:
            from aqe_desktop.ui.screens.ledger.screen import LedgerScreen

            self._ledger = LedgerScreen(self._app, self._window)
            self._ledger.connect_window(self._window)
            self._ledger.how_asked.connect(lambda: self.read("ledger"))
        return self._ledger

    def _models_screen(self) -> ModelsScreen:
        if self._models is None:
            from aqe_desktop.ui.screens.models.screen import ModelsScreen

            self._models = ModelsScreen(self._app, self._window)
            self._models.connect_window(self._window)
            self._models.chat_asked.connect(self._chat_with)
        return self._models

    def _chat_with(self, model: ModelRef) -> None:
        self._window.show_screen("chat")
        self.chat.new_chat()
        self.chat.chat.set_model(model)
        self.chat.engine.use(model)

    def read(self, page: str) -> None:
        """Open a page of the guide by the name of its file."""
        self._window.show_screen("help")
        self._help_screen().show_page(page)

    def _help_screen(self) -> HelpScreen:
        """Made at the first wish for it, or a little after the start, so that its commands can be found."""
        if self._help is None:
            from aqe_desktop.ui.screens.help.screen import HelpScreen

            self._help = HelpScreen(self._window)
            self._help.connect_window(self._window)
        return self._help

    def switch_offline(self, offline: bool) -> None:
        self._tasks.start(self._switch_offline(offline), name="switch offline")

    def keep(self, changes: dict[str, Any]) -> None:
        """Save a setting that was changed in the window itself."""
        self._tasks.start(self._app.settings.change(changes), name="keep a setting")

    def tell(self, error: AqeError) -> None:
        """A failure that belongs to no screen."""
        self._window.toasts.offer(" ".join((error.message, error.hint)).strip(), "")
