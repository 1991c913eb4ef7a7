"""Money as integer picodollars (1e-12 USD), because a cached token can cost 3e-9 USD and sums must stay exact."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PICO = 10**12


class Basis(StrEnum):
    """Where a cost comes from; `unknown` has no amount and is never shown as zero."""

    FREE = "free"
    REPORTED = "reported"
    COMPUTED = "computed"
    ESTIMATED = "estimated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount in picodollars with its basis; `picodollars` is None exactly when the basis is unknown."""

    picodollars: int | None
    basis: Basis

    def as_json(self) -> dict[str, str | None]:
        return {"usd": None if self.picodollars is None else decimal_usd(self.picodollars), "basis": self.basis.value}


FREE = Cost(0, Basis.FREE)
UNKNOWN = Cost(None, Basis.UNKNOWN)


def decimal_usd(picodollars: int) -> str:
    """The exact decimal string with 12 places that every interface promises, e.g. "0.000000000000"."""
    sign = "-" if picodollars < 0 else ""
    whole, part = divmod(abs(picodollars), PICO)
    return f"{sign}{whole}.{part:012d}"


def for_the_eye(cost: Cost) -> str:
    """A short figure for the meter: "$0.0000", "<$0.01", "$1.24", or "unknown"."""
    if cost.picodollars is None:
        return "unknown"
    if cost.picodollars == 0:
        return "$0.0000"
    if cost.picodollars < PICO // 100:
        return "<$0.01"
    cents = (cost.picodollars + PICO // 200) // (PICO // 100)
    return f"${cents // 100}.{cents % 100:02d}"
