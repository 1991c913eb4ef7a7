"""How far a place is: zones in order, with what is not proved counted as the farthest."""

from __future__ import annotations

from aqe_desktop.core.models import Place, Proof, Zone
from aqe_desktop.core.policy import Policy

_ORDER = list(Zone)


def effective(place: Place) -> Zone:
    """The zone that counts: what nobody vouches for is `cloud`."""
    return Zone.CLOUD if place.proof is Proof.UNPROVED else place.zone


def is_beyond(zone: Zone, limit: Zone) -> bool:
    """Whether `zone` is farther than `limit`."""
    return _ORDER.index(zone) > _ORDER.index(limit)


def is_here(place: Place) -> bool:
    """On this device, and proved: whatever the text holds, it may go there."""
    return place.zone is Zone.DEVICE and place.proof is Proof.PROVED


def takes_sensitive(place: Place, policy: Policy) -> bool:
    """Near enough for sensitive content, and vouched for as the policy asks."""
    vouched = place.proof is Proof.PROVED or (place.proof is Proof.DECLARED and policy.accept_declared)
    return vouched and not is_beyond(effective(place), policy.sensitive_zone)
