"""The folders whose GGUF files are models here: ours, those the user added, and found ones that are offered."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.core.figures import grouped, size_text
from aqe_desktop.core.folders import FolderKind, ModelFolder
from aqe_desktop.ui.dialogs import open_folder
from aqe_desktop.ui.screens.models.folders_view_model import FoldersViewModel
from aqe_desktop.ui.tasks import Tasks
from aqe_desktop.ui.theme.tokens import SECONDARY, SEMIBOLD, SMALL, XS, L, S
from aqe_desktop.ui.widgets.banner import Banner
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.card import Line
from aqe_desktop.ui.widgets.label import Label, SectionLabel
from aqe_desktop.ui.widgets.scroll_page import ScrollPage
from aqe_desktop.ui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from aqe_desktop.core.errors import AqeError

SAID = "Nothing is copied, and nothing in a folder is deleted when it is removed from this list."
_TITLES = {FolderKind.OURS: "Of this app", FolderKind.ADDED: "Added by you", FolderKind.FOUND: "Found on this computer"}


class FoldersSheet(Sheet):
    """Each folder with what it holds and the one thing that can be done with it."""

    def __init__(self, window: QWidget, folders: FoldersViewModel) -> None:
        super().__init__(window, "Folders", 680)
        self._folders = folders
        self._tasks = Tasks(self)
        self._acted: Path | None = None
        self.failed = Banner("failed")
        self.failed.hide()
        self.list = ScrollPage("Folders")
        self._content = QWidget()
        self._content.setObjectName("content")
        self._rows = QVBoxLayout(self._content)
        self._rows.setContentsMargins(0, 0, S, 0)
        self._rows.setSpacing(S)
        self.list.setWidget(self._content)
        self.list.setMinimumHeight(300)
        self.body.addWidget(Label(SAID, SECONDARY, token="muted", wrap=True))
        self.body.addWidget(self.failed)
        self.body.addWidget(self.list, 1)
        self.add = self.add_button("Add a folder")
        self.add.clicked.connect(lambda: self._tasks.start(self._choose(), name="choose a folder"))
        self.add_button("Close", "primary", key="close")
        folders.changed.connect(self._show)
        folders.failed.connect(self._say)
        self._show()
        folders.load()

    async def _choose(self) -> None:
        path = await open_folder(self.window(), "Choose a folder of GGUF files")
        if path is not None:
            self._folders.add(path)

    def _say(self, error: AqeError) -> None:
        self.failed.show_error(error.message, error.hint)
        self.failed.show()
        self.place()

    def _show(self) -> None:
        while item := self._rows.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self._buttons_by_path: dict[Path, Button] = {}
        folders = self._folders.folders
        if folders is None:
            self._rows.addWidget(Label("Looking for folders", token="muted"))
        for kind, title in _TITLES.items():
            of_kind = [each for each in folders or () if each.kind is kind]
            if of_kind:
                self._rows.addWidget(SectionLabel(title))
            for each in of_kind:
                self._rows.addWidget(self._row(each))
                self._rows.addWidget(Line())
        self._rows.addStretch(1)
        self._keep_keyboard()

    def _row(self, folder: ModelFolder) -> QWidget:
        holder = QWidget()
        words = QVBoxLayout()
        words.setSpacing(XS)
        words.addWidget(Label(folder.name or folder.path.name or str(folder.path), weight=SEMIBOLD))
        words.addWidget(Label(str(folder.path), SMALL, token="muted", wrap=True, selectable=True))
        if folder.problem:
            words.addWidget(Label(folder.problem, SMALL, wrap=True))
        noun = "model" if folder.models == 1 else "models"
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(L)
        row.addLayout(words, 1)
        row.addWidget(Label(f"{grouped(folder.models)} {noun} · {size_text(folder.bytes)}", SECONDARY, token="muted"))
        if folder.kind is not FolderKind.OURS:
            found = folder.kind is FolderKind.FOUND
            verb = "Add" if found else "Remove"
            button = Button(verb, small=True)
            button.setAccessibleName(f"{verb} {folder.path}")
            button.clicked.connect(partial(self._act, folder.path, add=found))
            row.addWidget(button)
            self._buttons_by_path[folder.path] = button
        return holder

    def _act(self, path: Path, *, add: bool) -> None:
        self._acted = path
        self.failed.hide()
        (self._folders.add if add else self._folders.remove)(path)

    def _keep_keyboard(self) -> None:
        """On the folder that was added or removed, for its button is another one now."""
        button = self._buttons_by_path.get(self._acted) if self._acted is not None else None
        if button is not None:
            button.setFocus(Qt.FocusReason.TabFocusReason)
        self._acted = None
