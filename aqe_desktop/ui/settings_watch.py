"""Settings that another window, `aqe` or an editor has changed: they count here too, without being asked for."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QObject, Signal

from aqe_desktop.settings.file import SettingsFile
from aqe_desktop.ui.tasks import Tasks

_EVERY = 1.0  # seconds


class SettingsWatch(QObject):
    """`read(Settings, AqeError | None)`: at the start, and whenever the file is another; the error is what is wrong.

    Two changes within one look are told as one."""

    read = Signal(object, object)

    def __init__(self, settings: SettingsFile, parent: QObject | None = None, *, every: float = _EVERY) -> None:
        super().__init__(parent)
        self._settings, self._every = settings, every
        self._tasks = Tasks(self)

    def start(self) -> None:
        self._tasks.start(self._watch(), name="watch the settings")

    async def aclose(self) -> None:
        await self._tasks.aclose()

    async def _watch(self) -> None:
        seen: object = None
        while True:
            stamp = await asyncio.to_thread(self._stamp)
            if stamp != seen:
                settings, problem = await asyncio.to_thread(self._settings.load_or_default)
                seen = stamp
                self.read.emit(settings, problem)
            await asyncio.sleep(self._every)

    def _stamp(self) -> tuple[int, int, int]:
        """By which the file is known to be as it was; zeros where there is none or nobody may look."""
        try:
            found = self._settings.path.stat()
        except OSError:
            return 0, 0, 0
        return found.st_ino, found.st_mtime_ns, found.st_size
