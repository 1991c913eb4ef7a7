"""The chosen model and the engine behind it: what is loaded, how far loading is, where it runs and why we know."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing

from PySide6.QtCore import QObject, Signal

from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.models import Model, ModelRef, Phase, Place, RuntimeStatus
from aqe_desktop.services.models import ListedModel, ModelService
from aqe_desktop.ui.tasks import Tasks

_AT_WORK = (Phase.STARTING, Phase.LOADING)


class EngineViewModel(QObject):
    """Follows one runtime's status feed. `place` is None until the facts have been read.

    `loaded`: the wanted model is ready. `noted` is a sentence where it is not the one the user would expect."""

    changed = Signal()
    loaded = Signal()
    noted = Signal(str)
    failed = Signal(object)

    def __init__(self, models: ModelService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model: Model | None = None
        self.place: Place | None = None
        self.status: RuntimeStatus | None = None
        self.models: Sequence[ListedModel] = ()
        self._models = models
        self._work = Tasks(self)
        self._following = Tasks(self)

    @property
    def ready(self) -> bool:
        return self.status is not None and self.status.phase is Phase.READY and self._is_loaded()

    @property
    def loading(self) -> bool:
        return self.status is not None and self.status.phase in _AT_WORK

    @property
    def down(self) -> bool:
        """It failed or is not installed: nothing can be asked until something is done."""
        return self.status is not None and self.status.phase in (Phase.FAILED, Phase.ABSENT)

    def use(self, wanted: ModelRef | None) -> None:
        """Take this model, or the default one, and load it; another choice still under way is dropped."""
        self._work.cancel()
        self._work.start(self._use(wanted), name="load the model")

    def start_again(self) -> None:
        """Clear a failed engine and load the model anew."""
        self._work.cancel()
        self._work.start(self._start_again(), name="start the engine again")

    async def _use(self, wanted: ModelRef | None) -> None:
        try:
            self.models = await self._models.list()
            choice = await self._models.pick(wanted)
            self.model = choice.model
            if choice.note:
                self.noted.emit(choice.note)
            self._follow(self.model.ref.host)
            await self._load(self.model.ref)
        except AqeError as error:
            self.failed.emit(error)
        self.changed.emit()

    async def _start_again(self) -> None:
        if self.model is None:
            await self._use(None)
            return
        try:
            await self._models.clear_failure(self.model.ref.host)
            await self._load(self.model.ref)
        except AqeError as error:
            self.failed.emit(error)
        self.changed.emit()

    async def _load(self, model: ModelRef) -> None:
        self.place = None
        self.changed.emit()
        await self._models.load(model)
        self.place = await self._models.place(model)
        self.loaded.emit()

    def _follow(self, runtime: str) -> None:
        self._following.cancel()
        self._following.start(self._read_status(runtime), name="follow the engine")

    async def _read_status(self, runtime: str) -> None:
        async with aclosing(self._models.status(runtime).follow()) as statuses:
            async for status in statuses:
                self._take(status)

    def _take(self, status: RuntimeStatus) -> None:
        self.status = status
        if self._is_loaded() and status.phase is Phase.READY:
            self.place = status.place or self.place
        elif status.phase in (Phase.FAILED, Phase.STOPPED):
            self.place = None
        self.changed.emit()

    def _is_loaded(self) -> bool:
        return self.status is not None and self.model is not None and self.status.model in (None, self.model.ref)
