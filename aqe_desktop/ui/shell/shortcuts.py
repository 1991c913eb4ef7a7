"""The shortcuts sheet: what the keyboard can do, drawn from the commands, so that it is never out of date."""

from __future__ import annotations

from itertools import groupby

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from aqe_desktop.ui.shell.commands import Command, Commands
from aqe_desktop.ui.theme.tokens import XS, M, S
from aqe_desktop.ui.widgets.key_hint import KeyHint
from aqe_desktop.ui.widgets.label import Label, SectionLabel
from aqe_desktop.ui.widgets.sheet import Sheet
from aqe_desktop.ui.widgets.toast import REACH_KEY

# Keys that belong to a widget and not to the window.
_FIXED = (
    ("Go to the newest notice", REACH_KEY),
    ("Rename in the list", "F2"),
    ("Delete in the list", "Del"),
    ("Close what lies above, or stop", "Esc"),
)


def show_shortcuts(window: QWidget, commands: Commands) -> Sheet:
    """Open the sheet; returns at once."""
    sheet = Sheet(window, "Keyboard shortcuts", width=480)
    content = QWidget()
    content.setObjectName("content")
    column = QVBoxLayout(content)
    column.setContentsMargins(0, 0, S, 0)
    column.setSpacing(XS + 2)
    keyed = sorted((command for command in commands.all() if command.shortcut), key=_section)
    for section, group in groupby(keyed, key=_section):
        column.addWidget(SectionLabel(section))
        for command in group:
            column.addLayout(_line(command.name, command.shortcut))
        column.addSpacing(M)
    column.addWidget(SectionLabel("Everywhere"))
    for name, keys in _FIXED:
        column.addLayout(_line(name, keys))
    scroll = _Scroll(content)
    sheet.body.addWidget(scroll, 1)
    sheet.open()
    return sheet


class _Scroll(QScrollArea):
    """As tall as its content where the window allows it."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setAccessibleName("Keyboard shortcuts")

    def sizeHint(self) -> QSize:
        return self._content.sizeHint()


def _line(name: str, keys: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(Label(name), 1)
    row.addWidget(KeyHint(keys))
    return row


def _section(command: Command) -> str:
    return command.section
