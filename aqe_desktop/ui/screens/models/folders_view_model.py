"""The folders of model files as the window lists and changes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from aqe_desktop.core.folders import ModelFolder
from aqe_desktop.ui.tasks import Tasks

if TYPE_CHECKING:
    from aqe_desktop.services.folders import FolderService


class FoldersViewModel(QObject):
    """`folders` is None until they were looked at. `altered`: one was added or removed, so the models are others."""

    changed = Signal()
    altered = Signal()
    failed = Signal(object)

    def __init__(self, service: FolderService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folders: tuple[ModelFolder, ...] | None = None
        self._service = service
        self._tasks = Tasks(self)
        self._tasks.failed.connect(self.failed)

    def load(self) -> None:
        self._tasks.start(self._list(), name="list folders")

    def add(self, path: Path) -> None:
        self._tasks.start(self._add(path), name="add a folder")

    def remove(self, path: Path) -> None:
        self._tasks.start(self._remove(path), name="remove a folder")

    async def aclose(self) -> None:
        await self._tasks.aclose()

    async def _list(self) -> None:
        self.folders = await self._service.list()
        self.changed.emit()

    async def _add(self, path: Path) -> None:
        await self._service.add(path)
        await self._then_list()

    async def _remove(self, path: Path) -> None:
        await self._service.remove(path)
        await self._then_list()

    async def _then_list(self) -> None:
        self.altered.emit()
        await self._list()
