"""The attachments of a question as chips: how wide each is, and where it stands in rows that wrap."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SECONDARY
from aqe_desktop.ui.widgets.transcript.model import FileChip
from aqe_desktop.ui.widgets.transcript.styles import styles

ROW = 32  # pixels of a row of chips with the gap below it
GAP = 8  # of them below the chip
_BESIDE, _AROUND, _WIDEST = 6, 34, 380


def file_text(file: FileChip) -> str:
    """Name and size as a chip shows them."""
    size = file.size
    if not size:
        return file.name
    if size < 1_000:
        return f"{file.name} \u00b7 {size} B"
    shown = f"{size / 1e3:.1f} kB" if size < 1_000_000 else f"{size / 1e6:.1f} MB"
    return f"{file.name} \u00b7 {shown}"


def natural_width(file: FileChip) -> float:
    """Pixels of a chip whose name is not cut."""
    return round(QFontMetricsF(theme().font(SECONDARY)).horizontalAdvance(file_text(file))) + styles().dp(_AROUND)


def lay_out(files: Sequence[FileChip], room: float) -> list[QRectF]:
    """A place for each chip, from the upper left and thought from the left; a long name is cut, none is left out."""
    dp = styles().dp
    x = y = 0.0
    found: list[QRectF] = []
    for file in files:
        width = min(natural_width(file), dp(_WIDEST), room)
        if x and x + width > room:
            x, y = 0.0, y + dp(ROW)
        found.append(QRectF(x, y, width, dp(ROW - GAP)))
        x += width + dp(_BESIDE)
    return found
