"""Sizes, places and columns as a terminal shows them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from aqe_desktop.core.models import Place, Proof, Zone

_ZONES = {Zone.DEVICE: "this device", Zone.LAN: "local network", Zone.CLOUD: "cloud"}
_PROOFS = {Proof.PROVED: "", Proof.DECLARED: ", as you said", Proof.UNPROVED: ", not proved"}


def size(count: int | float | None) -> str:
    """1.9 GB; empty for nothing."""
    if not count:
        return ""
    for unit, whole in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= whole:
            return f"{count / whole:.1f} {unit}" if count < 10 * whole else f"{count / whole:.0f} {unit}"
    return f"{count:.0f} B"


def duration(seconds: float) -> str:
    """2:05, or 1:02:05."""
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def where(place: Place | None) -> str:
    """The zone in words, with how it is known; empty where nobody looked."""
    return "" if place is None else f"{_ZONES[place.zone]}{_PROOFS[place.proof]}"


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines whose cells stand under each other, two spaces apart; nothing follows the last word of a line."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(_filled(cell, to) for cell, to in zip(row, widths, strict=True)).rstrip() for row in rows]


def width(text: str) -> int:
    """Cells of a terminal: an ideograph takes two, a mark above a letter none."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else not unicodedata.combining(each) for each in text)


def _filled(text: str, to: int) -> str:
    return text + " " * (to - width(text))
