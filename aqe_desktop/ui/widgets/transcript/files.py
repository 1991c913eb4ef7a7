"""The attachments of a question, chips and images: how large each is, and where it stands in rows that wrap."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF
from PySide6.QtGui import QFontMetricsF

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SECONDARY
from aqe_desktop.ui.widgets.pictures import fitted
from aqe_desktop.ui.widgets.transcript.model import FileChip
from aqe_desktop.ui.widgets.transcript.styles import styles

ROW = 32  # pixels of a row of chips with the gap below it
GAP = 8  # of them below the chip
_BESIDE, _AROUND, _WIDEST = 6, 34, 380
_WIDE, _HIGH, _LEAST = 260, 170, 48  # pixels of an image at most, and at least


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
    """A place for each, from the upper left and thought from the left; a long name is cut, none is left out."""
    dp = styles().dp
    x = y = high = 0.0
    found: list[QRectF] = []
    for file in files:
        size = _image_size(file, room) if file.is_image else QSizeF(_chip_width(file, room), dp(ROW - GAP))
        if x and x + size.width() > room:
            x, y, high = 0.0, y + high + dp(GAP), 0.0
        found.append(QRectF(QPointF(x, y), size))
        high = max(high, size.height())
        x += size.width() + dp(_BESIDE)
    return found


def _chip_width(file: FileChip, room: float) -> float:
    return min(natural_width(file), styles().dp(_WIDEST), room)


def _image_size(file: FileChip, room: float) -> QSizeF:
    """In its own shape, by its header alone: nothing moves when it has been decoded."""
    dp = styles().dp
    size = fitted(QSize(*file.pixels), round(min(dp(_WIDE), room)), dp(_HIGH))
    return QSizeF(min(room, max(dp(_LEAST), size.width())), max(dp(_LEAST), size.height()))
