"""The moment when the window is on screen: before it nothing heavy may be imported or opened."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

# A window that starts minimised, or on another desktop, is not painted; the app must open all the same.
_AT_MOST = 2.0


async def first_paint(window: QWidget) -> None:
    """Return once the window has been painted, or after two seconds."""
    watcher = _Watcher(window)
    try:
        async with asyncio.timeout(_AT_MOST):
            await watcher.painted.wait()
    except TimeoutError:
        return
    finally:
        window.removeEventFilter(watcher)
        watcher.deleteLater()


class _Watcher(QObject):
    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.painted = asyncio.Event()
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        # The event is only on its way; who waits goes on in a later turn of the loop, when it has been handled.
        if event.type() == QEvent.Type.Paint:
            self.painted.set()
        return False
