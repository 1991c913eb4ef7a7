"""The settings as a page: the form from the schema, then where things are kept, and what this program is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.core.errors import AqeError
from aqe_desktop.ui.screens.settings.about import facts, show_licences
from aqe_desktop.ui.screens.settings.fields import sections, value_of
from aqe_desktop.ui.screens.settings.form import SettingRow
from aqe_desktop.ui.screens.settings.privacy import PrivacyPart
from aqe_desktop.ui.screens.settings.privacy_model import ProjectPrivacyViewModel
from aqe_desktop.ui.screens.settings.view_model import SettingsViewModel
from aqe_desktop.ui.theme.tokens import SECONDARY, SEMIBOLD, TITLE, XL, L, S
from aqe_desktop.ui.widgets.banner import Banner
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.card import Ground, HeaderBar, Line, TextColumn
from aqe_desktop.ui.widgets.label import Label, SectionLabel
from aqe_desktop.ui.widgets.param import FactRow
from aqe_desktop.ui.widgets.scroll_page import ScrollPage

MODEL = "What a new chat begins with; each chat keeps its own."


class SettingsView(Ground):
    """Drawn once the settings have been read; a change is shown when it counts, not when it is wished.

    `not_opened(title, path)`: nothing on this desktop opens folders."""

    not_opened = Signal(str, str)

    def __init__(
        self, settings: SettingsViewModel, privacy: ProjectPrivacyViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__("surface", parent=parent)
        self._settings, self._privacy = settings, privacy
        self.rows: dict[str, SettingRow] = {}
        self._broken = False
        self.banner = Banner("warning", closable=True)
        self.banner.closed.connect(self.banner.hide)
        self.banner.hide()
        self.bundle = Button("Show a diagnostics bundle")
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        self._lay_out()
        settings.applied.connect(lambda _settings: self._show())
        settings.refused.connect(self._refuse)
        settings.failed.connect(self._tell)
        privacy.failed.connect(self._tell)
        settings.saved.connect(lambda path: self.banner_says("The bundle was saved.", path))

    def banner_says(self, message: str, hint: str = "") -> None:
        self.banner.show_error(message, hint)
        self.banner.show()

    def _lay_out(self) -> None:
        content = QWidget()
        content.setObjectName("content")
        across = QHBoxLayout(content)
        across.setContentsMargins(XL, L, XL, XL)
        inside = TextColumn()
        inside.setLayout(self._column)
        across.addStretch(1)
        across.addWidget(inside, 1000)
        across.addStretch(1)
        scroll = ScrollPage("Settings")
        scroll.setWidget(content)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(_header())
        column.addWidget(scroll, 1)

    def _show(self) -> None:
        """The form on the first reading; afterwards the values that count now."""
        if not self.rows:
            self._build()
        settings = self._settings.settings
        assert settings is not None
        for name, row in self.rows.items():
            row.show_value(value_of(settings, name))
        if self._settings.problem is not None:
            self._tell(self._settings.problem)
        elif self._broken:
            self.banner.hide()
        self._broken = self._settings.problem is not None

    def _build(self) -> None:
        self._column.addWidget(self.banner)
        for section in sections():
            self._head(section.title)
            for field in section.fields:
                options = self._options(field.name)
                # The schema's words tell how to write it in the file; here it is chosen.
                row = SettingRow(replace(field, description=MODEL) if options else field, options)
                row.changed.connect(self._settings.change)
                self.rows[field.name] = row
                self._column.addWidget(row)
                self._column.addWidget(Line())
        self._head("Privacy")
        self.private = PrivacyPart(self._privacy)
        self._column.addWidget(self.private)
        self._build_places()
        self._build_about()
        self._column.addStretch(1)

    def _options(self, name: str) -> Sequence[tuple[str, Any]]:
        """A model is chosen from those that are there; one that was set and is gone stays visible."""
        settings = self._settings.settings
        if name != "chat.default_model" or settings is None:
            return ()
        options = [("Last used, or the starter", "")]
        options += [(each.model.name, str(each.model.ref)) for each in self._settings.models]
        known = {value for _, value in options}
        chosen = settings.chat.default_model
        return options if chosen in known else [*options, (f"{chosen} (not there)", chosen)]

    def _build_places(self) -> None:
        paths = self._settings.app.paths
        self._head("Data")
        self._place("Data folder", "Conversations, settings and models; AQE_HOME moves it.", paths.home)
        self._column.addWidget(Line())
        self._place("Logs", "What happened, without content and keys.", paths.logs, self.bundle)
        self._column.addWidget(Line())
        self.bundle.clicked.connect(self._settings.collect)

    def _place(self, title: str, description: str, folder: Path, extra: Button | None = None) -> None:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, S, 0, S)
        line.setSpacing(S)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Label(title))
        words.addWidget(Label(description, SECONDARY, token="muted", wrap=True))
        words.addWidget(Label(str(folder).replace("/", "/\u200b"), SECONDARY, mono=True, wrap=True))
        line.addLayout(words, 1)
        for button in (extra, *self._folder_buttons(title, folder)):
            if button is not None:
                line.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self._column.addWidget(row)

    def _folder_buttons(self, title: str, folder: Path) -> tuple[Button, Button]:
        opening, copying = Button("Open"), Button("Copy path")
        opening.setAccessibleName(f"Open: {title}")
        copying.setAccessibleName(f"Copy path: {title}")
        opening.clicked.connect(lambda: self._open(title, folder))
        copying.clicked.connect(lambda: QGuiApplication.clipboard().setText(str(folder)))
        return opening, copying

    def _open(self, title: str, folder: Path) -> None:
        """Hand it to the system's file manager, or say where to look: not every desktop has one."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.not_opened.emit(title, str(folder))

    def _build_about(self) -> None:
        self._head("About")
        statuses = self._settings.app.models.statuses()
        for name, value in facts(statuses):
            fact = FactRow(name, value)
            fact.layout().setContentsMargins(0, 4, 0, 4)  # type: ignore[union-attr]
            self._column.addWidget(fact)
        self._column.addSpacing(S)
        licences = Button("Show licences")
        licences.clicked.connect(lambda: show_licences(self.window()))
        self._column.addWidget(licences)

    def _head(self, title: str) -> None:
        if self._column.count() > 1:
            self._column.addSpacing(XL)
        self._column.addWidget(SectionLabel(title))
        self._column.addSpacing(S - 4)

    def _refuse(self, name: str, error: AqeError) -> None:
        row = self.rows.get(name)
        if row is not None:
            row.refuse(f"{error.message} {error.hint}".strip())

    def _tell(self, error: AqeError) -> None:
        self.banner_says(error.message, error.hint)


def _header() -> HeaderBar:
    header = HeaderBar()
    header.row.addWidget(Label("Settings", TITLE, SEMIBOLD))
    header.row.addWidget(Label("changes apply at once", SECONDARY, token="muted"))
    header.row.addStretch(1)
    return header
