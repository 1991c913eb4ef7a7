"""The sheets that make one model of another: a model of a GGUF file, and a second name for one."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.models import ModelRef
from aqe_desktop.ui.dialogs import open_files
from aqe_desktop.ui.screens.models.downloads import show_transfer
from aqe_desktop.ui.screens.models.view_model import ModelsViewModel
from aqe_desktop.ui.tasks import Tasks
from aqe_desktop.ui.theme.tokens import SECONDARY, S
from aqe_desktop.ui.widgets.banner import Banner
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.combo import Combo
from aqe_desktop.ui.widgets.field import Field
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.progress import Progress
from aqe_desktop.ui.widgets.sheet import Sheet

_COPIED = "The runtime keeps a copy of its own; the file stays where it is."
_ANOTHER = "A second name for the same files: it takes no more room on the disk."


class CreateSheet(Sheet):
    """A GGUF file becomes a model of a runtime that keeps its own copies. `made(ModelRef)`; closing it while it works
    cancels."""

    made = Signal(object)

    def __init__(self, window: QWidget, models: ModelsViewModel, file: Path | None = None) -> None:
        super().__init__(window, "Create from a GGUF file", 560)
        self._models = models
        self._tasks = Tasks(self)
        self._tasks.failed.connect(self._say)
        self.file = Field("Path of the file", "GGUF file")
        self.choose = Button("Choose", icon="file")
        self.name = Field("Such as my-coder:7b", "Name of the model")
        self.runtime = Combo(models.stocking, "Runtime")
        self.failed = Banner("failed")
        self.progress: Progress | None = None
        self.warned = Label("", SECONDARY, wrap=True)
        self._lay_out()
        if file is not None:
            self._take(file)

    def _lay_out(self) -> None:
        self.body.addWidget(Label(_COPIED, SECONDARY, token="muted", wrap=True))
        for parts in ((self.file, self.choose), (self.name, self.runtime)):
            line = QHBoxLayout()
            line.setSpacing(S)
            line.addWidget(parts[0], 1)
            line.addWidget(parts[1])
            self.body.addLayout(line)
        for part in (self.failed, self.warned):
            part.hide()
            self.body.addWidget(part)
        self.close_button = self.add_button("Cancel", key="cancel")
        self.start = self.add_button("Create", "primary")
        self.start.clicked.connect(self._begin)
        self.choose.clicked.connect(lambda: self._tasks.start(self._ask(), name="choose a file"))

    async def _ask(self) -> None:
        chosen = await open_files(self.window(), "Choose a GGUF file", filters=("GGUF files (*.gguf)",))
        if chosen:
            self._take(chosen[0])

    def _take(self, file: Path) -> None:
        self.file.setText(str(file))
        if not self.name.text():
            self.name.setText(file.stem.casefold())

    def _begin(self) -> None:
        """Fields that are empty are marked; the rest is for the runtime to judge."""
        for field, why in ((self.file, "Choose a GGUF file."), (self.name, "Give the new model a name.")):
            field.set_invalid(not field.text().strip(), why)
        if self.file.text().strip() and self.name.text().strip() and self.runtime.value is not None:
            model = ModelRef(self.runtime.value, self.name.text().strip())
            self._tasks.start(self._make(model, Path(self.file.text().strip())), name=f"create {model}")

    async def _make(self, model: ModelRef, file: Path) -> None:
        self.failed.hide()
        self._work(model)
        try:
            async with aclosing(self._models.create(model.host, model.model, file)) as steps:
                async for step in steps:
                    assert self.progress is not None
                    show_transfer(self.progress, step)
        except AqeError:
            self._rest()
            raise
        self._rest()
        self.made.emit(model)
        warnings = await self._models.warnings_of(model)
        if not warnings:
            self.close_with("made")
            return
        self.start.hide()
        self.close_button.setText("Close")
        self.warned.set_text("\n".join((f"{model} is here.", *warnings)))
        self.warned.show()
        self.place()

    def _work(self, model: ModelRef) -> None:
        self.warned.hide()
        self.progress = Progress(model.model, f"for {model.host}", cancellable=False)
        self.progress.show_busy("Reading the file")
        self.body.addWidget(self.progress)
        self._enable(False)
        self.place()

    def _rest(self) -> None:
        if self.progress is not None:
            self.progress.hide()
            self.progress.deleteLater()
            self.progress = None
        self._enable(True)

    def _enable(self, enabled: bool) -> None:
        for part in (self.file, self.choose, self.name, self.runtime, self.start):
            part.setEnabled(enabled)

    def _say(self, error: AqeError) -> None:
        self.failed.show_error(error.message, error.hint)
        self.failed.show()
        self.place()


class CopySheet(Sheet):
    """A second name for a model of a runtime that keeps them by name. `made(ModelRef)`."""

    made = Signal(object)

    def __init__(self, window: QWidget, models: ModelsViewModel, model: ModelRef) -> None:
        super().__init__(window, f"Copy {model.model}", 440)
        self._model, self._models = model, models
        self._tasks = Tasks(self)
        self._tasks.failed.connect(self._say)
        self.name = Field("Name of the copy", "Name of the copy")
        self.failed = Banner("failed")
        self.failed.hide()
        self.body.addWidget(Label(_ANOTHER, SECONDARY, token="muted", wrap=True))
        self.body.addWidget(self.name)
        self.body.addWidget(self.failed)
        self.add_button("Cancel", key="cancel")
        self.save = self.add_button("Copy", "primary", default=True)
        self.save.setEnabled(False)
        self.save.clicked.connect(self._begin)
        self.name.textChanged.connect(lambda text: self.save.setEnabled(bool(text.strip())))

    def _begin(self) -> None:
        if not self._tasks.busy:
            self._tasks.start(self._make(), name=f"copy {self._model}")

    async def _make(self) -> None:
        made = await self._models.copy(self._model, self.name.text().strip())
        self.made.emit(made)
        self.close_with("made")

    def _say(self, error: AqeError) -> None:
        self.failed.show_error(error.message, error.hint)
        self.failed.show()
        self.place()
