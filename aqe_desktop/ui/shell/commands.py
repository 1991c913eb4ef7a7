"""Everything that can be done, by name: one list for the shortcuts, the palette and the shortcuts sheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Command:
    """`name` is a verb and its noun; `shortcut` as Qt writes it; `section` the screen it belongs to.

    One that is not `listed` is missing in the palette only."""

    name: str
    run: Callable[[], object]
    shortcut: str = ""
    section: str = "Window"
    enabled: Callable[[], bool] = field(default=_always)
    listed: bool = True


class Commands(QObject):
    """The commands of one window. A shortcut rests while a sheet covers it or its command is not enabled."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._commands: list[Command] = []

    def add(
        self,
        name: str,
        run: Callable[[], object],
        shortcut: str = "",
        section: str = "Window",
        enabled: Callable[[], bool] = _always,
        listed: bool = True,
    ) -> Command:
        """Register a command and bind its shortcut to the window."""
        command = Command(name, run, shortcut, section, enabled, listed)
        self._commands.append(command)
        if shortcut:
            QShortcut(QKeySequence(shortcut), self._window, lambda: self.run(command))
        return command

    def all(self) -> list[Command]:
        """Every command, in the order they were added."""
        return list(self._commands)

    def run(self, command: Command) -> None:
        """Do it, unless something modal lies above the window or it cannot be done now."""
        from aqe_desktop.ui.widgets.sheet import Sheet  # not on the way to the first frame

        if command.enabled() and not Sheet.open_in(self._window):
            command.run()
