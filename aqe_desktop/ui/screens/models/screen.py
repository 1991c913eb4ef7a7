"""The models as the window holds them: commands, sheets, and the look at the runtimes when the screen is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from aqe_desktop.core.models import ModelRef
from aqe_desktop.ui.screens.models.inspector import ModelInspector
from aqe_desktop.ui.screens.models.listing import is_loaded
from aqe_desktop.ui.screens.models.sheets import DeleteSheet, GetSheet, LogSheet
from aqe_desktop.ui.screens.models.view import ModelsView
from aqe_desktop.ui.screens.models.view_model import ModelsViewModel
from aqe_desktop.ui.shell.panes import Panes
from aqe_desktop.ui.tasks import Tasks

if TYPE_CHECKING:
    from aqe_desktop.app import App
    from aqe_desktop.ui.shell.window import MainWindow

SECTION = "Models"


class ModelsScreen(QObject):
    """`chat_asked(ModelRef)`: the user wants a new chat with this model."""

    chat_asked = Signal(object)

    def __init__(self, app: App, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.models = ModelsViewModel(app.models, app.stock, app.planning, self)
        self.view = ModelsView(self.models)
        self.inspector = ModelInspector(self.models)
        self._tasks = Tasks(self)
        self._tasks.failed.connect(self.models.failed)
        self._window: MainWindow | None = None
        self._connect()

    def panes(self) -> Panes:
        return Panes(self.view, inspector=self.inspector, first=self.view.search)

    def connect_window(self, window: MainWindow) -> None:
        """Looked at when it comes to the front, and watched only while it is there."""
        self._window = window
        window.screen_shown.connect(self._turn)
        self.view.panel.clicked.connect(window.toggle_inspector)
        self.models.done.connect(lambda text: window.toasts.offer(text, ""))
        add = window.commands.add
        add("Look at the models again", lambda: self._go(self.models.load), section=SECTION)
        add("Get a model", lambda: self._go(self.get), section=SECTION)
        add("Search the models", lambda: self._go(self.view.search.setFocus), section=SECTION)

    def get(self) -> None:
        """By name or out of the list for this computer."""
        if self._window is not None and self.models.stocking:
            sheet = GetSheet(self._window, self.models)
            sheet.pull_asked.connect(self.models.pull)
            sheet.open()

    async def aclose(self) -> None:
        await self._tasks.aclose()
        await self.models.aclose()

    def _connect(self) -> None:
        table, inspector = self.view.table, self.inspector
        table.row_chosen.connect(self.models.choose)
        table.load_asked.connect(self._load)
        table.delete_asked.connect(self._delete)
        inspector.load_asked.connect(lambda: self._load(self.models.chosen))
        inspector.delete_asked.connect(lambda: self._delete(self.models.chosen))
        inspector.copy_asked.connect(self._copy)
        inspector.use_asked.connect(lambda: self.chat_asked.emit(self.models.chosen))
        self.view.get_asked.connect(self.get)
        self.view.runtimes.log_asked.connect(self._show_log)

    def _turn(self, key: str) -> None:
        if key == "models":
            self.models.load()
            self.models.watch()
        else:
            self.models.unwatch()

    def _go(self, act: Callable[[], object]) -> None:
        assert self._window is not None
        self._window.show_screen("models")
        act()

    def _load(self, model: ModelRef | None) -> None:
        """The same place lets go of one that is loaded."""
        row = self.models.row(model)
        if row is not None and is_loaded(row):
            self.models.unload(row.ref)
        elif row is not None:
            self.models.load_model(row.ref)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(str(self.models.chosen or ""))

    def _show_log(self, runtime: str) -> None:
        assert self._window is not None
        LogSheet(self._window, self.models, runtime, self.models.lists[runtime].status.name).open()

    def _delete(self, model: ModelRef | None) -> None:
        if model is not None and self.models.can_stock(model.host):
            self._tasks.start(self._ask_to_delete(model), name="ask to delete")

    async def _ask_to_delete(self, model: ModelRef) -> None:
        assert self._window is not None
        sheet = DeleteSheet(self._window, str(model), await self.models.also_used_by(model))
        sheet.finished.connect(lambda key: self.models.delete(model) if key == "delete" else None)
        sheet.open()
