"""The real start with its marks: when the composer took a key, when the whole chat stood, stalls and memory after it.

python start_app.py SECONDS_AT_REST"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from aqe_desktop.__main__ import main
from aqe_desktop.ui import first_paint

_painted = first_paint.painted
_gaps: list[float] = []
_held: list[object] = []


def mark(name: str, value: float) -> None:
    sys.stdout.write(f"{name} {value}\n")
    sys.stdout.flush()


def usable(window: QWidget, then: Callable[[], object]) -> None:
    """In the place of the first wait for a paint: the moment after it counts, if a key arrives then.

    A window manager gives the keyboard to a window in its own time, which belongs to the start as well."""

    def check() -> None:
        from PySide6.QtCore import QTimer

        if not window.isActiveWindow():
            QTimer.singleShot(1, check)
            return
        mark("usable", time.monotonic())
        mark("usable_cpu", time.process_time())
        if not _takes_a_letter(window):
            os._exit(1)
        _watch(window)
        then()

    setattr(first_paint, "painted", _painted)  # noqa: B010 - the next one is the whole chat's
    _painted(window, check)


def _takes_a_letter(window: QWidget) -> bool:
    """Through the window to whatever has the keyboard, as the platform does it; then taken back."""
    from PySide6.QtCore import QCoreApplication, QEvent, Qt
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QPlainTextEdit

    editor = window.findChild(QPlainTextEdit, "composer-text")
    handle = window.windowHandle()
    if not isinstance(editor, QPlainTextEdit) or handle is None or not editor.isVisible() or not editor.hasFocus():
        return False
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        key = QKeyEvent(kind, Qt.Key.Key_X, Qt.KeyboardModifier.NoModifier, "x")
        QCoreApplication.sendEvent(handle, key)
    arrived = editor.toPlainText() == "x"
    editor.undo()
    return arrived


def _watch(window: QWidget) -> None:
    """The longest time in which no event was handled, from now to the end; then how the rest of the chat comes."""
    from PySide6.QtCore import QTimer

    from aqe_desktop.ui.shell.window import MainWindow

    assert isinstance(window, MainWindow)
    last = [time.monotonic()]

    def tick() -> None:
        now = time.monotonic()
        _gaps.append(now - last[0])
        last[0] = now

    timer = QTimer()
    timer.timeout.connect(tick)
    timer.start(1)
    _held.append(timer)
    window.screen_shown.connect(lambda _key: _painted(window, whole))


def whole() -> None:
    from PySide6.QtCore import QTimer

    mark("whole", time.monotonic())
    QTimer.singleShot(round(float(sys.argv[1]) * 1000), rest)


def rest() -> None:
    mark("stall", max(_gaps))
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith(("Rss:", "Pss:")):
            mark(line[:3].lower(), int(line.split()[1]))
    os.kill(os.getpid(), signal.SIGTERM)


setattr(first_paint, "painted", usable)  # noqa: B010 - the name is not exported
sys.exit(main([]))
