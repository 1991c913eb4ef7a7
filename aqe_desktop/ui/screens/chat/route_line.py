"""The line above the composer: where the text will run, by which model, at what price; a click shows the facts."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from aqe_desktop.core.models import Model, Place, Proof, RuntimeStatus, Zone
from aqe_desktop.ui.screens.chat.facts_popover import FactsPopover
from aqe_desktop.ui.theme.tokens import SECONDARY, S
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.figures import share_text
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.zone_chip import RouteState, ZoneChip, border_token

_STATES = {
    (Zone.DEVICE, Proof.PROVED): RouteState.STAYS,
    (Zone.DEVICE, Proof.DECLARED): RouteState.DEVICE_DECLARED,
    (Zone.LAN, Proof.PROVED): RouteState.LAN,
    (Zone.LAN, Proof.DECLARED): RouteState.LAN_DECLARED,
    (Zone.CLOUD, Proof.PROVED): RouteState.CLOUD,
}


def route_state(place: Place | None, *, failed: bool = False) -> RouteState:
    """What the chip says: an unknown place is being checked, an unproved one counts as cloud."""
    if failed:
        return RouteState.NOTHING_LOCAL
    if place is None:
        return RouteState.CHECKING
    return _STATES.get((place.zone, place.proof), RouteState.UNPROVED)


class RouteLine(QWidget):
    """Its place and height are fixed: nothing below it moves when the route changes.

    `findings_asked`: the list behind what it says of private content is wanted. `bordered(str)`: the token of the
    composer's border is another."""

    findings_asked = Signal()
    bordered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: tuple[str, ...] = ()
        self._found = ""
        self._checking = False
        self._shown: tuple[Place | None, Model | None, RuntimeStatus | None, bool] = (None, None, None, False)
        self.offline = False
        self.chip = ZoneChip()
        self.chip.setObjectName("route")
        self.chip.set_clickable(True)
        self.chip.clicked.connect(self.show_facts)
        self.detail = Label("", SECONDARY, token="muted")
        self.findings = Button("", "link", small=True)
        self.findings.align_end()
        self.findings.clicked.connect(self.findings_asked)
        # Its place is kept: what stands above the composer must not jump while somebody types.
        policy = self.findings.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.findings.setSizePolicy(policy)
        self.findings.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 0, 2, 0)
        row.setSpacing(S)
        row.addWidget(self.chip)
        row.addWidget(self.detail, 1)
        row.addWidget(self.findings)

    def set_findings(self, told: str, count: int) -> None:
        """What is private in what would be sent, in one phrase; `count` of them stand in the list."""
        self._found = told
        self.findings.setText(f"{count} finding" if count == 1 else f"{count} findings")
        self.findings.setAccessibleName(f"Show what is private: {told}" if told else "Show what is private")
        self.findings.setVisible(count > 0)
        self.findings.updateGeometry()
        self._say()

    def set_checking(self, checking: bool) -> None:
        """The text is another and nobody has looked yet."""
        if checking != self._checking:
            self._checking = checking
            self._say()

    def show_route(self, place: Place | None, model: Model | None, status: RuntimeStatus | None, failed: bool) -> None:
        """Where it would run, as it is known now."""
        self._shown = (place, model, status, failed)
        self._say()

    def _say(self) -> None:
        place, model, status, failed = self._shown
        state = self._state(place, failed=failed)
        self._facts = place.facts if place else ()
        self.chip.show_state(state, model.ref.host if model else "")
        self.chip.set_facts(self._facts)
        self.detail.set_text(_detail(state, model, status, self._found))
        self.bordered.emit(border_token(state))

    def _state(self, place: Place | None, *, failed: bool) -> RouteState:
        """What may leave this device is decided only once somebody has looked; what cannot leave it, at once."""
        state = route_state(place, failed=failed)
        if state is RouteState.STAYS:
            return RouteState.OFFLINE if self.offline else state
        return RouteState.CHECKING if self._checking and not failed else state

    def show_facts(self) -> None:
        """The facts in a popover over the chip; nothing to show before they are known."""
        if self._facts:
            FactsPopover(self.chip.text(), self._facts, self).show_above(self.chip)


def _detail(state: RouteState, model: Model | None, status: RuntimeStatus | None, found: str) -> str:
    if state is RouteState.NOTHING_LOCAL:
        return "the engine is not running" if model else "there is no model on this device"
    if model is None:
        return "looking for a model"
    last = _price_or_state(state, status)
    # A reason stands before what is known anyway: the end of a long line is cut.
    rest = (last, str(model.ref)) if state is RouteState.OFFLINE else (str(model.ref), last)
    return " · ".join(part for part in (found, *rest) if part)


def _price_or_state(state: RouteState, status: RuntimeStatus | None) -> str:
    if state is RouteState.CHECKING:
        return _getting_ready(status)
    return "offline: the switch below is on" if state is RouteState.OFFLINE else "free"


def _getting_ready(status: RuntimeStatus | None) -> str:
    if status is not None and status.progress is not None:
        return f"loading, {share_text(status.progress)}"
    return "the engine is starting"
