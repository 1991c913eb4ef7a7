"""The settings as they are, each change saved and in force at once; Qt's core only."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from aqe_desktop.core.errors import AqeError
from aqe_desktop.services.diagnostics import Bundle
from aqe_desktop.services.models import ListedModel
from aqe_desktop.ui.tasks import Tasks

if TYPE_CHECKING:
    from aqe_desktop.app import App
    from aqe_desktop.settings.schema import Settings


class SettingsViewModel(QObject):
    """`applied(Settings)` follows the first reading and every change. `problem` is what is wrong with the file.

    `refused(name, AqeError)`: this value was not taken, the old one counts. `failed(AqeError)`: anything else."""

    applied = Signal(object)
    refused = Signal(str, object)
    collected = Signal(object)
    saved = Signal(str)
    failed = Signal(object)

    def __init__(self, app: App, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.app = app
        self.settings: Settings | None = None
        self.problem: AqeError | None = None
        self.models: Sequence[ListedModel] = ()
        self._tasks = Tasks(self)
        self._tasks.failed.connect(self.failed)

    def load(self) -> None:
        self._do(self._load(), "read the settings")

    def change(self, name: str, value: Any) -> None:
        """Save "section.key"; several changes keep their order."""
        self._do(self._change(name, value), "save a setting")

    def collect(self) -> None:
        """Gather the diagnostics bundle; `collected(Bundle)` carries it for the preview."""
        self._do(self._collect(), "collect diagnostics")

    def save_bundle(self, bundle: Bundle, path: Path) -> None:
        """Write exactly what was shown."""
        self._do(self._save_bundle(bundle, path), "save diagnostics")

    async def aclose(self) -> None:
        await self._tasks.aclose()

    async def _load(self) -> None:
        self.settings, self.problem = await asyncio.to_thread(self.app.settings.load_or_default)
        self.models = await self.app.models.list()
        self.applied.emit(self.settings)

    async def _change(self, name: str, value: Any) -> None:
        try:
            await self.app.settings.change({name: value})
        except AqeError as error:
            self.refused.emit(name, error)
            return
        # Another line may be wrong as well.
        self.settings, self.problem = await asyncio.to_thread(self.app.settings.load_or_default)
        self.applied.emit(self.settings)

    async def _collect(self) -> None:
        self.collected.emit(await self.app.diagnostics.collect())

    async def _save_bundle(self, bundle: Bundle, path: Path) -> None:
        await self.app.diagnostics.save(bundle, path)
        self.saved.emit(str(path))

    def _do(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.start(work, name=name)
