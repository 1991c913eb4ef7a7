"""Which widgets were shown as windows: a part that is shown before it has its place takes the keyboard for a moment."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget


class OwnWindows(QObject):
    """A context that notes, in `seen`, every widget that is shown as a window of its own."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self.seen: list[str] = []

    def __enter__(self) -> OwnWindows:
        self._application.installEventFilter(self)
        return self

    def __exit__(self, *_error: object) -> None:
        self._application.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.seen.append(f"{type(watched).__name__} {watched.accessibleName()}".strip())
        return False
