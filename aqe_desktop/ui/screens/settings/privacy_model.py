"""What is private in one project, as the settings show it: its policy, its own words, what was called not private."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from aqe_desktop.core.effective import Effective, Loosening
from aqe_desktop.core.errors import AqeError, UsageError
from aqe_desktop.core.findings import Dismissal
from aqe_desktop.core.history import Project
from aqe_desktop.core.policy import OwnWord
from aqe_desktop.ui.tasks import Tasks

if TYPE_CHECKING:
    from aqe_desktop.app import App


class ProjectPrivacyViewModel(QObject):
    """`project` "" is what belongs to none. `changed` follows every reading; `altered` every act of the user's, so that
    who shows findings looks again. `refused(AqeError)`: a word was not taken. `failed(AqeError)`: anything else."""

    changed = Signal()
    altered = Signal()
    refused = Signal(object)
    failed = Signal(object)

    def __init__(self, app: App, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = ""
        self.recent: Sequence[Project] = ()
        self.effective = Effective()
        self.words: Sequence[OwnWord] = ()
        self.dismissed: Sequence[Dismissal] = ()
        self._app = app
        self._tasks = Tasks(self)
        self._tasks.failed.connect(self.failed)

    def load(self) -> None:
        self._do(self._load(), "read what is private")

    def choose(self, project: str) -> None:
        self.project = project
        self.load()

    def add_word(self, word: str) -> None:
        self._do(self._add_word(word), "add an own word")

    def remove_word(self, word: OwnWord) -> None:
        """Of the project it belongs to, which may be a folder above."""
        self._act(self._app.policy.remove_word(word.project, word.word), "remove an own word")

    def recall(self, dismissal: Dismissal) -> None:
        self._act(self._app.privacy.recall(dismissal), "call a finding private again")

    def trust(self, loosening: Loosening) -> None:
        """The file as it was shown; one that has changed since is refused."""
        self._act(self._app.policy.trust(loosening.folder, loosening.sha256), "trust a policy")

    def distrust(self, loosening: Loosening) -> None:
        self._act(self._app.policy.distrust(loosening.folder), "distrust a policy")

    async def aclose(self) -> None:
        await self._tasks.aclose()

    async def _load(self) -> None:
        project = self.project
        self.recent = await self._app.projects.list()
        effective = await self._app.policy.effective(project or None)
        words = await self._app.policy.words(project or None)
        dismissed = await self._app.privacy.dismissed(project)
        if project == self.project:
            self.effective, self.words, self.dismissed = effective, words, dismissed
            self.changed.emit()

    async def _add_word(self, word: str) -> None:
        try:
            await self._app.policy.add_word(self.project, word)
        except UsageError as error:
            self.refused.emit(error)
            return
        self.altered.emit()
        await self._load()

    def _act(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._do(self._acted(work), name)

    async def _acted(self, work: Coroutine[Any, Any, Any]) -> None:
        """What failed is shown as it is now: another window may have done it already."""
        try:
            await work
        except AqeError as error:
            self.failed.emit(error)
        self.altered.emit()
        await self._load()

    def _do(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.start(work, name=name)
