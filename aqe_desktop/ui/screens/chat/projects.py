"""The folder that new chats belong to, and the folders opened before; Qt's core only."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.history import Project
from aqe_desktop.core.ports import Projects
from aqe_desktop.services.policy import PolicyService
from aqe_desktop.ui.policy_words import in_one_line
from aqe_desktop.ui.tasks import Tasks

_EVERY = 2.0  # seconds


class ProjectsViewModel(QObject):
    """`current` None means no project: every conversation is listed. `changed` covers both list and choice.

    `policy` is that of the current one in one line, `warnings` what is wrong with it; `policy_changed` follows them."""

    changed = Signal()
    policy_changed = Signal()
    failed = Signal(object)

    def __init__(self, projects: Projects, policies: PolicyService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.current: Project | None = None
        self.recent: Sequence[Project] = ()
        self.policy = ""
        self.warnings: tuple[str, ...] = ()
        self._projects, self._policies = projects, policies
        self._tasks = Tasks(self)
        self._tasks.failed.connect(self.failed)
        self._watching = Tasks(self)
        self.changed.connect(self._watch)

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

    def _watch(self) -> None:
        """Look at the policy files of the current project now, and every few seconds: others write them."""
        self._watching.cancel()
        self._watching.start(self._follow_policy(self.current), name="watch the policy")

    async def _follow_policy(self, project: Project | None) -> None:
        while True:
            try:
                effective = await self._policies.effective(project.path if project else None)
            except AqeError:
                # What fails here fails again, and is said, where something is to leave.
                return
            told = (in_one_line(effective), effective.warnings)
            if told != (self.policy, self.warnings):
                self.policy, self.warnings = told
                self.policy_changed.emit()
            if project is None:
                return
            await asyncio.sleep(_EVERY)

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
