"""The line above the composer: where the text will run, by which model, at what price; a click shows the facts."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from aqe_desktop.core.models import Model, Place, Proof, RuntimeStatus, Zone
from aqe_desktop.ui.screens.chat.facts_popover import FactsPopover
from aqe_desktop.ui.theme.tokens import SECONDARY, S
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
    """Its place and height are fixed: nothing below it moves when the route changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: tuple[str, ...] = ()
        self.offline = False
        self.chip = ZoneChip()
        self.chip.setObjectName("route")
        self.chip.set_clickable(True)
        self.chip.clicked.connect(self.show_facts)
        self.detail = Label("", SECONDARY, token="muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 0, 2, 0)
        row.setSpacing(S)
        row.addWidget(self.chip)
        row.addWidget(self.detail, 1)

    def show_route(self, place: Place | None, model: Model | None, status: RuntimeStatus | None, failed: bool) -> str:
        """Say it, and return the token of the composer's border."""
        state = route_state(place, failed=failed)
        if self.offline and state is RouteState.STAYS:
            state = RouteState.OFFLINE
        self._facts = place.facts if place else ()
        self.chip.show_state(state, model.ref.host if model else "")
        self.chip.set_facts(self._facts)
        self.detail.set_text(_detail(state, model, status))
        return border_token(state)

    def show_facts(self) -> None:
        """The facts in a popover over the chip; nothing to show before they are known."""
        if self._facts:
            FactsPopover(self.chip.text(), self._facts, self).show_above(self.chip)


def _detail(state: RouteState, model: Model | None, status: RuntimeStatus | None) -> str:
    if state is RouteState.NOTHING_LOCAL:
        return "the engine is not running" if model else "there is no model on this device"
    if model is None:
        return "looking for a model"
    if state is RouteState.CHECKING:
        return f"{model.ref} · {_getting_ready(status)}"
    if state is RouteState.OFFLINE:
        return f"{model.ref} · offline: the switch below is on"
    return f"{model.ref} · free"


def _getting_ready(status: RuntimeStatus | None) -> str:
    if status is not None and status.progress is not None:
        return f"loading, {share_text(status.progress)}"
    return "the engine is starting"
