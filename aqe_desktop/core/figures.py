"""How a number is written, once for every front door: a screen and an error must not show the same one two ways."""

from __future__ import annotations

# Between thousands and before a unit; a comma is a decimal point to half of the world.
THIN = "\u2009"


def grouped(number: int) -> str:
    """8192 as "8 192", with a thin space between thousands."""
    return f"{number:,}".replace(",", THIN)
