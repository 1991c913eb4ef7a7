"""The load settings of the chosen model as they are edited: what is saved, a draft, and what waits for a load."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from aqe_desktop.core.load_checks import chosen
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import ModelRef
from aqe_desktop.ui.screens.models.listing import is_loaded
from aqe_desktop.ui.screens.models.view_model import ModelsViewModel
from aqe_desktop.ui.tasks import Tasks

if TYPE_CHECKING:
    from aqe_desktop.services.load_settings import LoadSettingsService


class LoadViewModel(QObject):
    """`saved` is None until it has been read. `changed`: another model, or its settings were read, saved or taken back.
    `edited`: the draft differs now from what it was. The memory plan follows each edit."""

    changed = Signal()
    edited = Signal()
    failed = Signal(object)

    def __init__(self, models: ModelsViewModel, kept: LoadSettingsService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model: ModelRef | None = None
        self.saved: LoadSettings | None = None
        self.draft = LoadSettings()
        self.takes: frozenset[str] = frozenset()
        self._models, self._kept = models, kept
        self._waiting: dict[ModelRef, frozenset[str]] = {}
        self._tasks, self._reading = Tasks(self), Tasks(self)
        for tasks in (self._tasks, self._reading):
            tasks.failed.connect(self.failed)
        models.chosen_changed.connect(self._follow)
        models.changed.connect(self._forget_loaded)

    @property
    def dirty(self) -> bool:
        """Whether the draft holds what is not saved."""
        return self.saved is not None and self.draft != self.saved

    @property
    def waiting(self) -> frozenset[str]:
        """Settings that were saved after the model had been loaded."""
        return frozenset() if self.model is None else self._waiting.get(self.model, frozenset())

    def others_with(self, name: str) -> list[str]:
        """Which of the other runtimes know this setting."""
        return [] if self.model is None else self._models.runtimes_with(name, self.model.host)

    def edit(self, name: str, value: object) -> None:
        draft = replace(self.draft, **{name: value})  # type: ignore[arg-type]
        if draft != self.draft:
            self.draft = draft
            self._models.replan(draft)
            self.edited.emit()

    def take_back(self) -> None:
        """What is saved again; where nothing else stands, everything is left to the engine."""
        self.draft = self.saved if self.dirty and self.saved is not None else LoadSettings()
        self._models.replan(self.draft)
        self.changed.emit()

    def save(self) -> None:
        self._tasks.start(self.keep(), name="save load settings")

    async def keep(self) -> None:
        """Save the draft where there is one. Raises what the service says of a value that cannot be."""
        model, before, draft = self.model, self.saved, self.draft
        if model is None or before is None or draft == before:
            return
        await self._kept.save(model, draft)
        saved = await self._kept.get(model)
        row = self._models.row(model)
        if row is not None and is_loaded(row):
            self._waiting[model] = self._waiting.get(model, frozenset()) | _differing(before, draft)
        if self.model == model:
            self.draft = saved if self.draft == draft else self.draft
            self.saved = saved
            self.changed.emit()

    def load_again(self) -> None:
        """Let the model go and load it with what is saved now."""
        if self.model is not None:
            self._waiting.pop(self.model, None)
            self._models.load_again(self.model)
            self.changed.emit()

    async def aclose(self) -> None:
        for tasks in (self._reading, self._tasks):
            await tasks.aclose()

    def _follow(self) -> None:
        if self._models.chosen == self.model:
            return
        self.model, self.saved, self.draft = self._models.chosen, None, LoadSettings()
        self.takes = frozenset() if self.model is None else self._kept.takes(self.model)
        self._reading.cancel()
        self.changed.emit()
        if self.model is not None:
            self._reading.start(self._read(self.model), name="read load settings")

    def _forget_loaded(self) -> None:
        """What was let go waits for nothing."""
        for model in list(self._waiting):
            row = self._models.row(model)
            if row is None or not is_loaded(row):
                del self._waiting[model]

    async def _read(self, model: ModelRef) -> None:
        saved = await self._kept.get(model)
        if model == self.model:
            self.saved = self.draft = saved
            self.changed.emit()


def _differing(one: LoadSettings, other: LoadSettings) -> frozenset[str]:
    mine, theirs = chosen(one), chosen(other)
    return frozenset(name for name in {*mine, *theirs} if mine.get(name) != theirs.get(name))
