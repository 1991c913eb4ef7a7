"""The ledger as the window holds it: its commands, its file dialog, and the watch while it is on show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from aqe_desktop.ui import dialogs
from aqe_desktop.ui.screens.ledger.view import LedgerView
from aqe_desktop.ui.screens.ledger.view_model import LedgerViewModel
from aqe_desktop.ui.screens.ledger.words import counted
from aqe_desktop.ui.shell.panes import Panes
from aqe_desktop.ui.tasks import Tasks

if TYPE_CHECKING:
    from aqe_desktop.app import App
    from aqe_desktop.ui.shell.window import MainWindow

SECTION = "Ledger"
_FORMS = ("CSV (*.csv)", "JSON (*.json)")


class LedgerScreen(QObject):
    """`how_asked`: the user wants to read how to check the ledger without the app."""

    how_asked = Signal()

    def __init__(self, app: App, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ledger = LedgerViewModel(app.ledger, app.projects, self)
        self.view = LedgerView(self.ledger)
        self.view.export_asked.connect(self.export)
        self.view.how_asked.connect(self.how_asked)
        self._tasks = Tasks(self)
        self._window: MainWindow | None = None

    def panes(self) -> Panes:
        return Panes(self.view, first=self.view.verify)

    def connect_window(self, window: MainWindow) -> None:
        """Read anew whenever it comes to the front, and watched only while it is there."""
        self._window = window
        window.screen_shown.connect(self._turn)
        self.ledger.saved.connect(self._tell_saved)
        add = window.commands.add
        add("Verify the ledger", lambda: self._go(self.ledger.verify), section=SECTION)
        add("Export the ledger", lambda: self._go(self.export), section=SECTION)
        add("Search the ledger", lambda: self._go(self.view.focus_search), section=SECTION)

    def export(self) -> None:
        self._tasks.start(self._export(), name="ask where to export")

    async def aclose(self) -> None:
        await self._tasks.aclose()
        await self.ledger.aclose()

    def _turn(self, key: str) -> None:
        if key == "ledger":
            self.ledger.load()
            self.ledger.watch()
        else:
            self.ledger.unwatch()

    def _go(self, act: Callable[[], object]) -> None:
        assert self._window is not None
        self._window.show_screen("ledger")
        act()

    async def _export(self) -> None:
        suggested = Path.home() / "aqe-ledger.csv"
        path = await dialogs.save_file(self._window, "Export the ledger", suggested, _FORMS)
        if path is not None:
            self.ledger.save(path)

    def _tell_saved(self, path: str, rows: int) -> None:
        assert self._window is not None
        self._window.toasts.offer(f"Saved {counted(rows, 'row')} to {path}", "")
