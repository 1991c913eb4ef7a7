"""The measure of our start: a bare window with one label, in a process of its own; says when it was painted."""

from __future__ import annotations

import sys
import time

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel


class Bare(QLabel):
    """Ends the process after its first paint."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        sys.stdout.write(f"usable {time.monotonic()}\nusable_cpu {time.process_time()}\n")
        sys.stdout.flush()
        application.exit(0)


application = QApplication(["bare"])
label = Bare("One label")
label.resize(1280, 800)
label.show()
sys.exit(application.exec())
