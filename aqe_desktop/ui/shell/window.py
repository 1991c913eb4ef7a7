"""The window: rail, panes and status bar put together. It composes and forwards; it decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from aqe_desktop.settings.boot import Window
from aqe_desktop.ui.shell.commands import Commands
from aqe_desktop.ui.shell.panes import PaneArea, Panes
from aqe_desktop.ui.shell.rail import Rail
from aqe_desktop.ui.shell.screens import SCREENS, Entry
from aqe_desktop.ui.shell.status_bar import StatusBar
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.widgets.card import Ground

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent

    from aqe_desktop.ui.shell.palette import Palette
    from aqe_desktop.ui.widgets.toast import ToastHost

_LEAST = (720, 480)


class MainWindow(Ground):
    """A screen is built when it is first shown, the palette and the toasts when they are first wanted.

    `place()` is what `settings.boot` keeps of the window.
    `theme_chosen` is a choice made here, for the settings to keep."""

    closed = Signal()
    screen_shown = Signal(str)
    theme_chosen = Signal(str)

    def __init__(self, place: Window | None = None) -> None:
        super().__init__("surface")
        self.setWindowTitle("AQE Desktop")
        self.setMinimumSize(*_LEAST)
        self._builders: dict[str, Callable[[], Panes]] = {}
        self._built: dict[str, Panes] = {}
        self._current = ""
        self.rail = Rail(SCREENS)
        self.panes = PaneArea()
        self.status = StatusBar()
        self._arrange()
        self.commands = Commands(self)
        self._palette: Palette | None = None
        self._toasts: ToastHost | None = None
        self.rail.chosen.connect(self.show_screen)
        self.rail.sidebar_asked.connect(self.panes.toggle_sidebar)
        self.panes.folded.connect(lambda sidebar, _inspector: self.rail.set_folded(sidebar))
        self._add_commands()
        self._restore(place or Window())

    def add_screen(self, key: str, build: Callable[[], Panes]) -> None:
        """Say how the screen `key` of the rail is made."""
        self._builders[key] = build

    def show_front(self, key: str, panes: Panes) -> None:
        """What stands in the place of the screen `key` until that can be built."""
        self.panes.show_panes(panes)
        self.rail.set_current(key)
        panes.take_keyboard()

    def show_screen(self, key: str) -> None:
        """Bring a screen to the front; KeyError if nobody has said how to build it."""
        if key not in self._built:
            self._built[key] = self._builders[key]()
        if key == self._current:
            return
        self._current = key
        self.panes.show_panes(self._built[key])
        self.rail.set_current(key)
        self._built[key].take_keyboard()
        self.screen_shown.emit(key)

    @property
    def current_screen(self) -> str:
        """The key of the screen on show; empty before the first."""
        return self._current

    @property
    def toasts(self) -> ToastHost:
        if self._toasts is None:
            from aqe_desktop.ui.widgets.toast import ToastHost

            self._toasts = ToastHost(self, self.panes.free_room)
            self.panes.room_changed.connect(self._toasts.place)
        return self._toasts

    def toggle_sidebar(self) -> None:
        self.panes.toggle_sidebar()

    def toggle_inspector(self) -> None:
        self.panes.toggle_inspector()

    def place(self) -> Window:
        """Where the window is and which panes are wanted, to be restored at the next start."""
        normal = self.normalGeometry() if self.isMaximized() else self.geometry()
        wanted = {"sidebar": self.panes.sidebar_wanted, "inspector": self.panes.inspector_wanted}
        layout = " ".join(name for name, on in wanted.items() if not on)
        return Window(normal.width(), normal.height(), normal.x(), normal.y(), self.isMaximized(), layout)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)

    def _arrange(self) -> None:
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(self.rail)
        upper.addWidget(self.panes, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(upper, 1)
        column.addWidget(self.status)

    def _add_commands(self) -> None:
        add = self.commands.add
        add("Find a command", self._open_palette, "Ctrl+K", listed=False)
        add("Show or hide the sidebar", self.toggle_sidebar, "Ctrl+B")
        add("Show or hide the inspector", self.toggle_inspector, "Ctrl+Shift+B")
        add("Show the keyboard shortcuts", self._show_shortcuts, "Ctrl+/")
        for choice in ("light", "dark", "system"):
            name = f"Use the {choice} theme" if choice != "system" else "Follow the system's theme"
            add(name, partial(self._choose_theme, choice))
        for entry in SCREENS:
            self._add_screen_command(entry)

    def _open_palette(self) -> None:
        if self._palette is None:
            from aqe_desktop.ui.shell.palette import Palette

            self._palette = Palette(self, self.commands)
        self._palette.open()

    def _show_shortcuts(self) -> None:
        from aqe_desktop.ui.shell.shortcuts import show_shortcuts

        show_shortcuts(self, self.commands)

    def _choose_theme(self, choice: str) -> None:
        theme().apply(choice, theme().scale)
        self.theme_chosen.emit(choice)

    def _add_screen_command(self, entry: Entry) -> None:
        def built() -> bool:
            return entry.key in self._builders

        self.commands.add(f"Go to {entry.word}", lambda: self.show_screen(entry.key), entry.shortcut, enabled=built)

    def _restore(self, place: Window) -> None:
        self.panes.sidebar_wanted = "sidebar" not in place.layout.split()
        self.panes.inspector_wanted = "inspector" not in place.layout.split()
        self.resize(place.width, place.height)
        if place.x is not None and place.y is not None and _on_a_screen(place):
            # Without its frame, as it is kept: move() would count the frame, and the window creep at every start.
            self.setGeometry(place.x, place.y, place.width, place.height)
        if place.maximized:
            self.setWindowState(Qt.WindowState.WindowMaximized)


def _on_a_screen(place: Window) -> bool:
    """Whether enough of the title bar is on a screen that is there now to be grabbed."""
    from PySide6.QtGui import QGuiApplication

    bar = QRect(place.x or 0, place.y or 0, place.width, 40)
    return any(screen.availableGeometry().intersected(bar).width() > 80 for screen in QGuiApplication.screens())
