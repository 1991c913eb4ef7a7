"""The status bar: runtimes left, the reply's figures and the offline switch right, each in a place of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from aqe_desktop.core.figures import grouped
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SECONDARY, SEMIBOLD, STATUS, L, M, S
from aqe_desktop.ui.widgets.card import Ground
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.paint import text_width
from aqe_desktop.ui.widgets.tip import plain_tip
from aqe_desktop.ui.widgets.toggle import Toggle

if TYPE_CHECKING:
    from aqe_desktop.core.models import RuntimeStatus
    from aqe_desktop.ui.shell.runtime_light import RuntimeLight

OFFLINE = "Nothing leaves this device, whatever a policy allows. Models on this device go on working."
# Below this width the time to the first token gives way.
_ALL_FIT = 960


@dataclass(frozen=True, slots=True)
class ReplyFigures:
    """What the bar says of the reply that runs or ran last; None where it is not known.

    `cost` is the text to show ("$0.0000"), `basis` its word ("free"), `exact` the whole value for the tooltip."""

    tokens: int | None = None
    tokens_per_s: float | None = None
    first_token_s: float | None = None
    cost: str = "$0.0000"
    basis: str = "free"
    exact: str = ""
    estimated: bool = False


class StatusBar(Ground):
    """Setters in; `runtime_clicked` brings the id of a runtime whose light was pressed.

    `offline_chosen` is a wish of the user's; `show_offline` says what counts."""

    runtime_clicked = Signal(str)
    offline_chosen = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("app", "top", parent=parent)
        self.setAccessibleName("Status")
        self._lights: dict[str, RuntimeLight] = {}
        self._left = QHBoxLayout()
        self._left.setSpacing(M - 4)
        self._speed = self._figure("1234.5 tok/s")
        self._tokens = self._figure("100 000 tokens")
        self._first = self._figure("first token 10.00 s")
        self._cost = Label("$0.0000", SECONDARY, SEMIBOLD)
        self._basis = Label("free", SECONDARY, token="muted")
        self._money = QWidget()
        self._fill_money()
        self._divider = Ground("line")
        self.offline = Toggle("Offline")
        self.offline.setAccessibleDescription(OFFLINE)
        self.offline.setToolTip(plain_tip(OFFLINE))
        self.offline.clicked.connect(self.offline_chosen)
        row = QHBoxLayout(self)
        row.setContentsMargins(M - 4, 1, L, 0)
        row.setSpacing(M + 2)
        row.addLayout(self._left)
        row.addStretch(1)
        for label in (self._first, self._tokens, self._speed):
            row.addWidget(label)
        row.addWidget(self._money)
        row.addWidget(self._divider)
        row.addLayout(self._switch())
        theme().changed.connect(self.restyle)
        self.restyle()
        self.show_reply(ReplyFigures())

    def restyle(self) -> None:
        self.setFixedHeight(theme().dp(STATUS))
        self._divider.setFixedSize(1, theme().dp(14))
        # The widest it gets; the words stand at its end, so that a longer one moves nothing but themselves.
        figure, words = theme().font(SECONDARY, SEMIBOLD), theme().font(SECONDARY)
        self._money.setMinimumWidth(text_width("≈ $0.0000", figure) + text_width("this reply computed", words) + 10)

    def show_runtime(self, status: RuntimeStatus) -> None:
        """Add the runtime's light, or let it say its new state."""
        light = self._lights.get(status.id)
        if light is not None:
            light.show_status(status)
            return
        from aqe_desktop.ui.shell.runtime_light import RuntimeLight  # none is known at the first paint

        light = self._lights[status.id] = RuntimeLight(status)
        light.clicked.connect(lambda: self.runtime_clicked.emit(status.id))
        self._left.addWidget(light)

    def show_offline(self, offline: bool) -> None:
        """No signal follows."""
        self.offline.setChecked(offline)

    def show_reply(self, figures: ReplyFigures) -> None:
        """The figures of the reply; call it at most ten times a second."""
        speed, first = figures.tokens_per_s, figures.first_token_s
        self._speed.set_text("idle" if speed is None else f"{speed:.1f} tok/s")
        self._tokens.set_text("" if figures.tokens is None else f"{grouped(figures.tokens)} tokens")
        self._first.set_text("" if first is None else f"first token {first:.2f} s")
        self._cost.set_text(f"≈ {figures.cost}" if figures.estimated else figures.cost)
        self._basis.set_text(figures.basis)
        self._cost.setToolTip(plain_tip(figures.exact))
        self._cost.setAccessibleName(f"This reply {figures.exact or figures.cost}, {figures.basis}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._first.setVisible(self.width() >= theme().dp(_ALL_FIT))

    def _fill_money(self) -> None:
        row = QHBoxLayout(self._money)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        row.addStretch(1)
        for label in (Label("this reply", SECONDARY, token="muted"), self._cost, self._basis):
            row.addWidget(label)

    def _switch(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(S - 2)
        row.addWidget(Label("Offline", SECONDARY, token="muted"))
        row.addWidget(self.offline)
        return row

    def _figure(self, widest: str) -> Label:
        label = Label("", SECONDARY, token="muted")
        label.reserve(widest)
        label.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
        return label
