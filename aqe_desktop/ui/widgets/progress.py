"""Long work: what it is, how far, how fast, how long yet, and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from aqe_desktop.core.figures import size_text
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SECONDARY, SEMIBOLD, S
from aqe_desktop.ui.widgets.button import IconButton
from aqe_desktop.ui.widgets.card import Card
from aqe_desktop.ui.widgets.figures import done_text, time_text
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.meter import MeterBar

_WIDE = 560


class Progress(Card):
    """With a total it shows done of total, speed and time left; without one what is being done, and for how long."""

    cancelled = Signal()

    def __init__(self, title: str, detail: str = "", cancellable: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._what = ""
        self._since = QElapsedTimer()
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._tick)
        self.title = Label(title, weight=SEMIBOLD)
        self.detail = Label(detail, SECONDARY, token="muted")
        self.figures = Label("", SECONDARY, token="muted")
        self.bar = MeterBar(title)
        self._cancel = IconButton("close", f"Cancel: {title}", size=24)
        self._cancel.clicked.connect(self.cancelled)
        self._head = QHBoxLayout()
        self._head.setSpacing(S)
        self._head.addWidget(self.title)
        self._head.addWidget(self.detail, 1)
        self._head.addWidget(self._cancel)
        self.body.addLayout(self._head)
        self._cancel.setVisible(cancellable)
        self.body.addWidget(self.bar)
        self.body.addWidget(self.figures)

    def show_progress(
        self, done: float, total: float, unit: str = "B", speed: float | None = None, left: float | None = None
    ) -> None:
        """`unit` "B" for bytes, otherwise a plural noun; `speed` in units a second, `left` in seconds."""
        self._clock.stop()
        parts = [done_text(done, total, unit)]
        if speed is not None:
            parts.append(f"{size_text(speed)}/s" if unit == "B" else f"{speed:.0f} {unit}/s")
        if left is not None:
            parts.append(f"{time_text(left)} left")
        self.figures.set_text(" · ".join(parts))
        self.bar.set_fraction(done / total if total else 0.0)

    def show_busy(self, what: str) -> None:
        """No total is known: say what is being done; the seconds show that it is alive."""
        if what != self._what or not self._clock.isActive():
            self._what = what
            self._since.start()
        self.bar.set_fraction(None)
        self._tick()
        self._clock.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The figures stand beside the title where there is room for both, else under the bar."""
        wide = self.width() >= theme().dp(_WIDE)
        if wide != (self._head.indexOf(self.figures) >= 0):
            (self.body if wide else self._head).removeWidget(self.figures)
            if wide:
                self._head.insertWidget(2, self.figures)
            else:
                self.body.addWidget(self.figures)
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._what:
            self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._clock.stop()
        super().hideEvent(event)

    def _tick(self) -> None:
        seconds = self._since.elapsed() // 1000
        self.figures.set_text(f"{self._what} · {time_text(seconds)}" if seconds else self._what)
