"""Numbers as they are read: thin spaces between thousands, a unit, and no more digits than matter."""

from __future__ import annotations

from aqe_desktop.core.figures import THIN, grouped

_UNITS = ("B", "kB", "MB", "GB", "TB")


def share_text(share: float) -> str:
    """0.52 as "52 %"; a little is not nothing, and nearly all is not all: "<1 %", "99 %"."""
    if 0 < share < 0.01:
        return f"<1{THIN}%"
    return f"{round(share * 100) if share >= 1 else min(99, round(share * 100))}{THIN}%"


def size_text(amount: float, largest: float | None = None) -> str:
    """Bytes in the unit that suits `largest` (or the amount): "6.1 GB", "98 MB"."""
    divisor, unit = _unit(largest if largest is not None else amount)
    value = amount / divisor
    whole = unit in ("B", "kB") or value >= 100 or (unit == "MB" and value >= 10)
    return f"{value:.0f} {unit}" if whole else f"{value:.1f} {unit}"


def done_text(done: float, total: float, unit: str) -> str:
    """ "6.1 of 9.0 GB" for bytes ("B"), "412 of 2 048 tokens" for anything counted."""
    if unit == "B":
        whole = size_text(total)
        return f"{size_text(done, total).split(' ')[0]} of {whole}"
    return f"{grouped(int(done))} of {grouped(int(total))} {unit}".rstrip()


def time_text(seconds: float) -> str:
    """ "8 s", "1 min 16 s", "2 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _unit(amount: float) -> tuple[float, str]:
    divisor = 1.0
    for unit in _UNITS[:-1]:
        if amount < divisor * 1000:
            return divisor, unit
        divisor *= 1000
    return divisor, _UNITS[-1]
