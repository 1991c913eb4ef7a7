"""Numbers as they are read: thin spaces between thousands, a unit, and no more digits than matter."""

from __future__ import annotations

from aqe_desktop.core.figures import THIN, grouped, size_text


def share_text(share: float) -> str:
    """0.52 as "52 %"; a little is not nothing, and nearly all is not all: "<1 %", "99 %"."""
    if 0 < share < 0.01:
        return f"<1{THIN}%"
    return f"{round(share * 100) if share >= 1 else min(99, round(share * 100))}{THIN}%"


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
