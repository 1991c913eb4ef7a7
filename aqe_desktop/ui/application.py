"""The QApplication of this product: it asks to end instead of ending, and what Qt says goes to the log."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMessageLogContext, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QApplication

from aqe_desktop import __version__

_log = logging.getLogger("aqe_desktop.qt")

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Application(QApplication):
    """Turns every wish to end (last window, quit(), the desktop's Quit, logout) into `leave_asked`.

    Qt's own way out would stop the loop under the running tasks and skip the closing coroutine."""

    leave_asked = Signal(str)

    def __init__(self, argv: Sequence[str]) -> None:
        # The base style by argument: setStyle() would first make another, and Qt's whole style class for Python.
        super().__init__([*argv, "-style", "Fusion"])
        self.setApplicationName("aqe-desktop")
        self.setApplicationDisplayName("AQE Desktop")
        self.setApplicationVersion(__version__)
        self.setDesktopFileName("aqe-desktop")
        self.setQuitOnLastWindowClosed(False)
        self.lastWindowClosed.connect(lambda: self.leave_asked.emit("the last window was closed"))
        self.commitDataRequest.connect(self._session_ends)

    def event(self, event: QEvent) -> bool:
        """The platform asks to quit by this event: the Dock's menu, QApplication.quit(), a session manager."""
        if event.type() != QEvent.Type.Quit:
            return super().event(event)
        event.ignore()
        self.leave_asked.emit("the desktop asked to quit")
        return True

    def _session_ends(self, _manager: QSessionManager) -> None:
        self.leave_asked.emit("the session ends")


def log_qt_messages() -> None:
    """Send Qt's messages to the log instead of stderr; install once, before the QApplication."""
    qInstallMessageHandler(_to_log)


def _to_log(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    _log.log(_LEVELS.get(kind, logging.WARNING), "%s: %s", context.category or "qt", message)
