"""The screens over an open app: built, joined with the frame around them, and closed together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aqe_desktop.core.errors import AqeError
from aqe_desktop.ui.screens.chat.screen import ChatScreen
from aqe_desktop.ui.shell.window import MainWindow
from aqe_desktop.ui.tasks import Tasks

if TYPE_CHECKING:
    from aqe_desktop.app import App
    from aqe_desktop.settings.schema import Settings


class Rooms:
    """What the rail leads to. `begin` once the first screen is on show, `aclose` before the app is closed."""

    def __init__(self, app: App, window: MainWindow, settings: Settings) -> None:
        self._app = app
        self._window = window
        self._tasks = Tasks(window)
        self._tasks.failed.connect(self.tell)
        self.chat = ChatScreen(app, window)
        self.chat.connect_window(window)
        self.chat.apply(settings)
        window.add_screen("chat", self.chat.panes)
        window.theme_chosen.connect(lambda choice: self.keep({"appearance.theme": choice}))

    def begin(self) -> None:
        self.chat.begin()

    async def aclose(self) -> None:
        """End what runs, keeping what arrived and what was drafted."""
        await self._tasks.aclose()
        await self.chat.aclose()

    def keep(self, changes: dict[str, Any]) -> None:
        """Save a setting that was changed in the window itself."""
        self._tasks.start(self._app.settings.change(changes), name="keep a setting")

    def tell(self, error: object) -> None:
        """A failure that belongs to no screen."""
        if isinstance(error, AqeError):
            self._window.toasts.offer(" ".join((error.message, error.hint)).strip(), "")
