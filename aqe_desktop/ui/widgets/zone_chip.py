"""Where it runs, as one chip: the only use of green, blue and amber, always with the glyph and the word."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtWidgets import QWidget

from aqe_desktop.core.models import Place, Proof, Zone
from aqe_desktop.ui.widgets.chip import Chip

_ICONS = {Zone.DEVICE: "screen", Zone.LAN: "lan", Zone.CLOUD: "cloud"}


class RouteState(StrEnum):
    """The twelve things a route chip can say."""

    CHECKING = "checking"
    STAYS = "stays"
    DEVICE_DECLARED = "device_declared"
    LAN_DECLARED = "lan_declared"
    UNPROVED = "unproved"
    LAN = "lan"
    CLOUD = "cloud"
    NEEDS_YES = "needs_yes"
    BLOCKED = "blocked"
    NOTHING_LOCAL = "nothing_local"
    OVER_BUDGET = "over_budget"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class _Row:
    text: str
    tone: str
    icon: str
    border: str = "line_strong"
    dashed: bool = False


# {0} is the machine, address or provider. `border` is the composer's: a zone's colour only once it is decided.
_ROWS = {
    RouteState.CHECKING: _Row("Checking", "neutral", "search"),
    RouteState.STAYS: _Row("Stays on this device", "device", "screen", "device"),
    RouteState.DEVICE_DECLARED: _Row("This device, declared", "device", "screen", "device", dashed=True),
    RouteState.LAN_DECLARED: _Row("{0}, declared", "lan", "lan", "lan", dashed=True),
    RouteState.UNPROVED: _Row("{0}, unproved", "cloud", "cloud", "cloud"),
    RouteState.LAN: _Row("{0}", "lan", "lan", "lan"),
    RouteState.CLOUD: _Row("{0}", "cloud", "cloud", "cloud"),
    RouteState.NEEDS_YES: _Row("{0} needs your yes", "cloud", "cloud"),
    RouteState.BLOCKED: _Row("Blocked by policy", "danger", "lock"),
    RouteState.NOTHING_LOCAL: _Row("Nothing local can take this", "danger", "warning"),
    RouteState.OVER_BUDGET: _Row("Over budget", "danger", "close"),
    RouteState.OFFLINE: _Row("Stays on this device", "device", "screen", "device"),
}


def zone_icon(zone: Zone | str) -> str:
    """The glyph of a zone."""
    return _ICONS[Zone(zone)]


def border_token(state: RouteState) -> str:
    """The colour of the composer's border in this state."""
    return _ROWS[state].border


class ZoneChip(Chip):
    """A chip that can only say where something runs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.show_state(RouteState.CHECKING)

    def show_state(self, state: RouteState, name: str = "") -> None:
        """The route of what is about to be sent; `name` is the machine, address or provider."""
        row = _ROWS[state]
        self.show_fact(row.text.format(name), row.tone, row.icon, row.dashed)

    def show_place(self, place: Place, name: str = "") -> None:
        """Where something ran: "This device", or the machine's or provider's `name`; the facts on hover."""
        proof = "" if place.proof is Proof.PROVED else f", {place.proof.value}"
        who = "This device" if place.zone is Zone.DEVICE else name or place.zone.value
        dashed = place.proof is Proof.DECLARED
        self.show_fact(who + proof, place.zone.value, zone_icon(place.zone), dashed)
        self.set_facts(place.facts)
