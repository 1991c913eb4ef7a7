"""A policy in one line, for the project's card and for the settings."""

from __future__ import annotations

from aqe_desktop.core.effective import Effective
from aqe_desktop.core.models import Zone

BROKEN = "policy cannot be read: nothing leaves"


def in_one_line(effective: Effective) -> str:
    """ "auto · secrets stay · $20/month", and where something is wrong, what."""
    if effective.problems:
        return BROKEN
    policy = effective.policy
    stay = {Zone.DEVICE: "secrets stay", Zone.LAN: "secrets stay in the LAN"}
    parts = [str(policy.mode), stay.get(policy.sensitive_zone, "")]
    if policy.budget_usd_month is not None:
        parts.append(f"${policy.budget_usd_month.normalize():f}/month")
    if effective.untrusted:
        parts.append("not trusted")
    return " · ".join(part for part in parts if part)
