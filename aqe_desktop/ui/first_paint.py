"""The moment when the window is on screen: before it nothing heavy may be imported or opened."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

# Milliseconds. A window that starts minimised, or on another desktop, is not painted; the app must open all the same.
_AT_MOST = 2000


def paint_and_prepare(window: QWidget, prepare: Callable[[], None]) -> None:
    """Let the window be painted and take keys, and then let it live on until `prepare` has run in a thread.

    Runs Qt's own loop, before there is any task that a loop inside a loop could strand."""
    loop = QEventLoop()
    work = _Work(prepare)
    work.done.connect(loop.quit)
    painted(window, work.start)
    loop.exec()


def painted(window: QWidget, then: Callable[[], object]) -> None:
    """Call `then` once the window has been painted, or after two seconds."""
    _Watcher(window, then)


class _Watcher(QObject):
    def __init__(self, window: QWidget, then: Callable[[], object]) -> None:
        super().__init__(window)
        self._window = window
        # The event of the paint is only on its way: whoever waits goes on when it has been handled.
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._end)
        self._soon.start(_AT_MOST)
        self._then = then
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._soon.start(0)
        return False

    def _end(self) -> None:
        self._window.removeEventFilter(self)
        self.deleteLater()
        self._then()


class _Work(QObject):
    """One function in a thread; `done` also when it failed: whoever needs what it prepares will meet the error."""

    done = Signal()

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def start(self) -> None:
        threading.Thread(target=self._run, name="aqe-prepare").start()

    def _run(self) -> None:
        try:
            self._work()
        finally:
            self.done.emit()
