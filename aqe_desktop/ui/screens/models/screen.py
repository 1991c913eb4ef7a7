"""The models as the window holds them: commands, sheets, and the look at the runtimes when the screen is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from aqe_desktop.core.models import ModelRef
from aqe_desktop.ui.screens.models.folders import FoldersSheet
from aqe_desktop.ui.screens.models.folders_view_model import FoldersViewModel
from aqe_desktop.ui.screens.models.inspector import ModelInspector, file_of
from aqe_desktop.ui.screens.models.listing import Row, is_loaded
from aqe_desktop.ui.screens.models.load_view_model import LoadViewModel
from aqe_desktop.ui.screens.models.making import CopySheet, CreateSheet
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
        self.load = LoadViewModel(self.models, app.load_settings, self)
        self.folders = FoldersViewModel(app.folders, self)
        self.folders.altered.connect(self.models.load)
        self.view = ModelsView(self.models)
        self.inspector = ModelInspector(self.models, self.load)
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
        add("Create a model from a GGUF file", lambda: self._go(self.create), section=SECTION)
        add("Folders of models", lambda: self._go(self.show_folders), section=SECTION)
        add("Search the models", lambda: self._go(self.view.search.setFocus), section=SECTION)

    def get(self) -> None:
        """By name or out of the list for this computer."""
        if self._window is not None and self.models.stocking:
            sheet = GetSheet(self._window, self.models)
            sheet.pull_asked.connect(self.models.pull)
            sheet.create_asked.connect(self.create)
            sheet.open()

    def show_folders(self) -> None:
        """Whose GGUF files are listed, and which could be."""
        if self._window is not None:
            FoldersSheet(self._window, self.folders).open()

    def create(self, row: Row | None = None) -> None:
        """A model of a GGUF file, of this model's where one is given."""
        if self._window is not None and self.models.stocking:
            sheet = CreateSheet(self._window, self.models, file_of(row) if row is not None else None)
            sheet.made.connect(self._say_made)
            sheet.open()

    def _rename(self) -> None:
        if self._window is not None and self.models.chosen is not None:
            sheet = CopySheet(self._window, self.models, self.models.chosen)
            sheet.made.connect(self._say_made)
            sheet.open()

    def _say_made(self, model: ModelRef) -> None:
        self.models.done.emit(f"{model} is here.")
        self.models.load()

    async def aclose(self) -> None:
        await self._tasks.aclose()
        await self.folders.aclose()
        await self.load.aclose()
        await self.models.aclose()

    def _connect(self) -> None:
        table, inspector = self.view.table, self.inspector
        table.row_chosen.connect(self.models.choose)
        table.load_asked.connect(self._load)
        table.delete_asked.connect(self._delete)
        inspector.load_asked.connect(lambda: self._load(self.models.chosen))
        inspector.delete_asked.connect(lambda: self._delete(self.models.chosen))
        inspector.copy_asked.connect(self._copy)
        inspector.rename_asked.connect(self._rename)
        inspector.create_asked.connect(lambda: self.create(self.models.row(self.models.chosen)))
        inspector.use_asked.connect(lambda: self.chat_asked.emit(self.models.chosen))
        inspector.form.again_asked.connect(self.load.load_again)
        self.view.get_asked.connect(self.get)
        self.view.folders_asked.connect(self.show_folders)
        self.view.runtimes.log_asked.connect(self._show_log)
        self.view.runtimes.engine_asked.connect(self._show_settings)

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
            self._tasks.start(self._save_and_load(row.ref), name=f"load {row.ref}")

    async def _save_and_load(self, model: ModelRef) -> None:
        """What stands in the form is what the model is loaded with."""
        if self.load.model == model:
            await self.load.keep()
        self.models.load_model(model)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(str(self.models.chosen or ""))

    def _show_settings(self) -> None:
        """Which engine is used is one of them."""
        assert self._window is not None
        self._window.show_screen("settings")

    def _show_log(self, runtime: str) -> None:
        assert self._window is not None
        LogSheet(self._window, self.models, runtime, self.models.lists[runtime].status.name).open()

    def _delete(self, model: ModelRef | None) -> None:
        if model is not None and self.models.can_stock(model.host):
            self._tasks.start(self._ask_to_delete(model), name="ask to delete")

    async def _ask_to_delete(self, model: ModelRef) -> None:
        assert self._window is not None
        sheet = DeleteSheet(self._window, model, self.models.removes(model.host), await self.models.also_used_by(model))
        sheet.finished.connect(lambda key: self.models.delete(model) if key == "delete" else None)
        sheet.open()
