"""From the first paint to the last word: the one coroutine in which the window's app is opened, lived in and closed."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from aqe_desktop.core.errors import AqeError, DatabaseTooNew
from aqe_desktop.machine import logs
from aqe_desktop.machine.paths import Paths
from aqe_desktop.ui import instance
from aqe_desktop.ui.faults import Faults
from aqe_desktop.ui.first_paint import painted
from aqe_desktop.ui.screens.chat.front import Front
from aqe_desktop.ui.shell.window import MainWindow

if TYPE_CHECKING:
    from aqe_desktop.app import App
    from aqe_desktop.ui.rooms import Rooms

log = logging.getLogger("aqe_desktop.session")
# The exit status when the user leaves a profile that could not be opened.
_UNUSABLE = 4
# Seconds after which everything that the start makes is there, the screens for later included.
_SETTLED = 1.5
_HEAVY = ("aqe_desktop.app", "aqe_desktop.ui.rooms")


class Session(QObject):
    """One run of the window over one profile. `_reported` brings reports of faults over from other threads.

    `front` is on show already; what is typed into it is kept also by a user who leaves before anything was open."""

    _reported = Signal(str)

    def __init__(
        self, window: MainWindow, front: Front, paths: Paths, seat: instance.Seat | AqeError, faults: Faults
    ) -> None:
        super().__init__()
        self._window = window
        self._front: Front | None = front
        self._paths = paths
        self._seat: instance.Seat | AqeError | None = seat
        self._log = _Log(paths)
        self._faults = faults
        self._reported.connect(self._offer_report)
        faults.show_with(self._reported.emit)
        # No screen yet: a click in the rail has nowhere to go.
        window.rail.setEnabled(False)

    async def run(self, leave: asyncio.Event) -> int:
        """Live until `leave` is set, then close in order: screens and their tasks, the app, the seat, the window."""
        self._log.start()
        try:
            return await self._live(leave)
        finally:
            self._faults.show_with(None)
            self._log.stop()
            if isinstance(self._seat, instance.Seat):
                self._seat.close()
            self._window.close()

    async def _live(self, leave: asyncio.Event) -> int:
        status = 0
        while not leave.is_set() or (self._front is not None and self._front.holds_words):
            try:
                if not await self._sit():
                    return 0
                await self._open(leave)
                status = 0
            except AqeError as error:
                log.error("the profile cannot be opened: %s: %s", error.kind, error.message)
                status = _UNUSABLE
                if leave.is_set():
                    break
                await self._explain(error, leave)
        return status

    async def _sit(self) -> bool:
        """Take the seat and answer knocks; False when another window has it. Raises why the profile is unusable."""
        if self._seat is None:
            self._seat = await asyncio.to_thread(instance.take, self._paths)
        if isinstance(self._seat, AqeError):
            error, self._seat = self._seat, None
            raise error
        if self._seat is not None:
            await self._seat.serve(self._raise_window)
        return self._seat is not None

    async def _open(self, leave: asyncio.Event) -> None:
        """The app over the profile until `leave`. Raises StorageFailed or a kind of it."""
        # Modules take longest; in a thread the window stays alive meanwhile.
        await asyncio.to_thread(_import_heavy)
        from aqe_desktop.app import open_app

        self._log.stop()
        try:
            await self._live_in(open_app(self._paths), leave)
        finally:
            self._log.start()

    async def _live_in(self, opened: AbstractAsyncContextManager[App], leave: asyncio.Event) -> None:
        async with opened as app:
            await self._load_classes()
            rooms = self._furnish(app)
            try:
                # Lists, settings (pydantic) and the engine come once the rest of the chat is painted.
                shown = asyncio.Event()
                painted(self._window, shown.set)
                await shown.wait()
                rooms.begin()
                asyncio.get_running_loop().call_later(_SETTLED, _keep_for_good)
                await leave.wait()
            finally:
                await self._clear(app, rooms)

    async def _load_classes(self) -> None:
        """The first widget that Qt itself has made brings all of its classes to Python: a turn of the loop alone."""
        if self._front is not None:
            self._front.foot.composer.editor.viewport()
            await asyncio.sleep(0)

    def _furnish(self, app: App) -> Rooms:
        from aqe_desktop.ui.rooms import Rooms

        front, self._front = self._front, None
        rooms = Rooms(app, self._window, front.foot if front else None)
        self._window.rail.setEnabled(True)
        self._window.show_screen("chat")
        if front is not None:
            front.leave()
        return rooms

    async def _clear(self, app: App, rooms: Rooms) -> None:
        """What was said and drafted is kept first; where the window was is only a convenience."""
        await rooms.aclose()
        place = asdict(self._window.place())
        try:
            await app.settings.note({f"window.{key}": value for key, value in place.items()})
        except AqeError as error:
            log.warning("the window's place was not kept: %s", error.message)

    async def _explain(self, error: AqeError, leave: asyncio.Event) -> None:
        """The failed state of the whole window, until its one action or the end."""
        from aqe_desktop.ui.shell.panes import Panes
        from aqe_desktop.ui.widgets.empty import EmptyState

        hopeless = isinstance(error, DatabaseTooNew)
        view = EmptyState(error.message, error.hint, "Quit" if hopeless else "Try again", "warning")
        acted = asyncio.Event()
        view.acted.connect(leave.set if hopeless else acted.set)
        self._window.panes.show_panes(Panes(view))
        waiting = [asyncio.create_task(event.wait()) for event in (acted, leave)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()
        view.setEnabled(False)

    def _raise_window(self) -> None:
        window = self._window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized | Qt.WindowState.WindowActive)
        window.raise_()
        window.activateWindow()

    def _offer_report(self, report: str) -> None:
        from PySide6.QtGui import QGuiApplication

        text = "An error in AQE Desktop was caught and logged. The report holds no content."
        toast = self._window.toasts.offer(text, "Copy report", 60)
        toast.acted.connect(lambda: QGuiApplication.clipboard().setText(report))


class _Log:
    """The log while no app is open, which has its own: what goes wrong before and after it is kept as well."""

    def __init__(self, paths: Paths) -> None:
        self._folder = paths.logs
        self._handler: logging.Handler | None = None

    def start(self) -> None:
        self._handler = logs.start_logging(self._folder, "window")

    def stop(self) -> None:
        if self._handler is not None:
            logs.stop_logging(self._handler)
        self._handler = None


def _keep_for_good() -> None:
    """Take what the start made out of the collector's sight: it stays, and looking through it holds up the window."""
    gc.collect()
    gc.freeze()


def _import_heavy() -> None:
    for name in _HEAVY:
        importlib.import_module(name)
