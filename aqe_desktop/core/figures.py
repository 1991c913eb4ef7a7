"""How a number is written, once for every front door: a screen and an error must not show the same one two ways."""

from __future__ import annotations

# Between thousands and before a unit; a comma is a decimal point to half of the world.
THIN = "\u2009"
_UNITS = ("B", "kB", "MB", "GB", "TB")


def grouped(number: int) -> str:
    """8192 as "8 192", with a thin space between thousands."""
    return f"{number:,}".replace(",", THIN)


def size_text(amount: float, largest: float | None = None) -> str:
    """Bytes in the unit that suits `largest` (or the amount): "6.1 GB", "98 MB"."""
    divisor, unit = _unit(largest if largest is not None else amount)
    value = amount / divisor
    whole = unit in ("B", "kB") or value >= 100 or (unit == "MB" and value >= 10)
    return f"{value:.0f} {unit}" if whole else f"{value:.1f} {unit}"


def _unit(amount: float) -> tuple[float, str]:
    divisor = 1.0
    for unit in _UNITS[:-1]:
        if amount < divisor * 1000:
            return divisor, unit
        divisor *= 1000
    return divisor, _UNITS[-1]
