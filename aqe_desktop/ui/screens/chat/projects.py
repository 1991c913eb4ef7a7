"""The folder that new chats belong to, and the folders opened before; Qt's core only."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from aqe_desktop.core.history import Project
from aqe_desktop.core.ports import Projects
from aqe_desktop.ui.tasks import Tasks


class ProjectsViewModel(QObject):
    """`current` None means no project: every conversation is listed. `changed` covers both list and choice."""

    changed = Signal()
    failed = Signal(object)

    def __init__(self, projects: Projects, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.current: Project | None = None
        self.recent: Sequence[Project] = ()
        self._projects = projects
        self._tasks = Tasks(self)
        self._tasks.failed.connect(self.failed)

    def load(self) -> None:
        self._do(self._list(), "list projects")

    def open(self, path: str) -> None:
        """Work in this folder; it becomes the newest of the recent ones."""
        self._do(self._open(path), "open a project")

    def close(self) -> None:
        """Work without a project."""
        if self.current is not None:
            self.current = None
            self.changed.emit()

    def remove(self, path: str) -> None:
        """Forget the folder; nothing in it is touched, and its conversations are kept."""
        self._do(self._remove(path), "forget a project")

    async def _list(self) -> None:
        self.recent = await self._projects.list()
        self.changed.emit()

    async def _open(self, path: str) -> None:
        self.current = await self._projects.open(path)
        await self._list()

    async def _remove(self, path: str) -> None:
        await self._projects.remove(path)
        if self.current is not None and self.current.path == path:
            self.current = None
        await self._list()

    def _do(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.start(work, name=name)
