"""One runtime in the status bar: whether it runs, its name, and what is wrong with it in words."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from aqe_desktop.core.models import Phase, RuntimeStatus
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SECONDARY
from aqe_desktop.ui.widgets.control import Control
from aqe_desktop.ui.widgets.figures import share_text
from aqe_desktop.ui.widgets.paint import Box, box, dot, elided, ring, text_width, word
from aqe_desktop.ui.widgets.tip import plain_tip

_RADIUS, _GAP = 4.0, 7
_WORDS = {
    Phase.ABSENT: "not installed",
    Phase.STOPPED: "stopped",
    Phase.STARTING: "starting",
    Phase.LOADING: "loading",
    Phase.READY: "ready",
    Phase.FAILED: "failed",
}


class RuntimeLight(Control):
    """A filled dot while it runs, a ring while it does not, and the name; what is wrong is said in words."""

    def __init__(self, status: RuntimeStatus) -> None:
        super().__init__(status.name)
        self._status = status
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.show_status(status)

    def show_status(self, status: RuntimeStatus) -> None:
        self._status = status
        share = (
            f" {share_text(status.progress)}" if status.phase is Phase.LOADING and status.progress is not None else ""
        )
        state = _WORDS[status.phase] + share
        self.setText(status.name if status.phase is Phase.READY else f"{status.name} {state}")
        self.setAccessibleName(f"{status.name}, {state}")
        facts = [f"{status.name} {status.version}".strip(), state, str(status.model or ""), status.message, status.hint]
        self.setToolTip(plain_tip("\n".join(fact for fact in facts if fact)))
        self.restyle()

    def sizeHint(self) -> QSize:
        width = int(2 * _RADIUS) + _GAP + text_width(self.text(), theme().font(SECONDARY)) + 8
        return QSize(width, theme().dp(22))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.hovered:
            box(painter, self.rect(), Box("hover", radius=5))
        failed = self._status.phase is Phase.FAILED
        token = "danger" if failed else "muted"
        centre = self.mirrored(QRect(4, 0, int(2 * _RADIUS), self.height())).center()
        runs = self._status.phase is Phase.READY
        dot(painter, QPointF(centre) + QPointF(0.5, 0.5), _RADIUS if runs else _RADIUS - 0.7, token, filled=runs)
        font = theme().font(SECONDARY)
        x = 4 + int(2 * _RADIUS) + _GAP
        shown = elided(self.text(), font, self.width() - x - 3)
        self.cut = shown != self.text()
        area = QRect(x, 0, text_width(shown, font), self.height())
        word(painter, self.mirrored(area), shown, font, theme().color(token))
        if self.ringed:
            ring(painter, self.rect(), 5)
