"""The parameters of the open chat and the presets they can come from; Qt's core only."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from aqe_desktop.core.chat import Parameters
from aqe_desktop.core.ports import Presets
from aqe_desktop.ui.screens.chat.view_model import ChatViewModel
from aqe_desktop.ui.tasks import Tasks


class ParametersViewModel(QObject):
    """Edits go to the open chat at once. `listed` says that `presets` changed."""

    changed = Signal()
    listed = Signal()
    failed = Signal(object)

    def __init__(self, chat: ChatViewModel, presets: Presets, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.presets: dict[str, Parameters] = {}
        self._chat, self._kept = chat, presets
        self._tasks = Tasks(self)
        self._tasks.failed.connect(self.failed)
        chat.opened.connect(self.changed)

    @property
    def value(self) -> Parameters:
        return self._chat.parameters

    @property
    def preset(self) -> str:
        """The preset that was chosen here, or whose values these are; "" for values of their own.

        Where all is left to the engine, only a choice makes it a preset: else every new chat would be called by it."""
        chosen = self.value.preset
        if self.presets.get(chosen) == self.value:
            return chosen
        equal = (name for name, parameters in self.presets.items() if parameters == self.value)
        return "" if self.value == Parameters() else next(equal, "")

    def set_sampling(self, **values: Any) -> None:
        """Change some of the sampling parameters, named as in core.chat.Sampling; None leaves one to the engine.

        A text that was read from a file stays that file's while it is edited: what is left of it may be private."""
        gone = {f"{name}_from": None for name in ("schema", "tools") if values.get(name) == ""}
        values = {**values, **gone}
        self._set(replace(self.value, sampling=replace(self.value.sampling, **values)))

    def set_system(self, text: str) -> None:
        self._set(replace(self.value, system=text))

    def apply(self, name: str) -> None:
        if name in self.presets:
            # Kept also where the values are the same: then only the name is another.
            self._chat.set_parameters(replace(self.presets[name], preset=name))
            self.changed.emit()

    def load(self) -> None:
        self._do(self._list(), "list presets")

    def save_as(self, name: str) -> None:
        self._do(self._save(name, self.value), "save a preset")

    def remove(self, name: str) -> None:
        self._do(self._remove(name), "remove a preset")

    def _set(self, parameters: Parameters) -> None:
        if parameters != self.value:
            self._chat.set_parameters(parameters)
            self.changed.emit()

    async def _list(self) -> None:
        self.presets = dict(await self._kept.list())
        self.listed.emit()

    async def _save(self, name: str, parameters: Parameters) -> None:
        await self._kept.save(name, parameters)
        await self._list()

    async def _remove(self, name: str) -> None:
        await self._kept.remove(name)
        await self._list()

    def _do(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.start(work, name=name)
