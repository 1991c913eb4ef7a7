"""Under a message that did not end well: what happened and the next step, whole, with the buttons beside or below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import MEDIUM, SECONDARY
from aqe_desktop.ui.widgets.transcript.model import Offer
from aqe_desktop.ui.widgets.transcript.styles import styles

ABOVE, BELOW = 10, 2  # pixels around the box
_START, _END, _PAD, _GAP = 36, 8, 9, 6
_BUTTON, _LEAST = 26, 36
_BESIDE = 220  # pixels of words below which the buttons go under them


@dataclass(frozen=True, slots=True)
class Notice:
    """Where everything lies, from the box's upper left and thought from the left; heights in pixels."""

    height: int
    message: QRectF
    hint: QRectF
    buttons: tuple[tuple[Offer, QRectF], ...]


def lay_out(message: str, hint: str, offers: Sequence[Offer], width: float) -> Notice:
    """Words beside the buttons where they have room, else above them; words are wrapped, never cut."""
    dp = styles().dp
    widths = [button_width(offer) for offer in offers]
    taken = sum(widths) + dp(_GAP) * len(widths)
    room = width - dp(_START) - dp(_END) - taken
    beside = not offers or room >= dp(_BESIDE)
    if not beside:
        room = width - dp(_START) - dp(_END)
    first = QRectF(dp(_START), dp(_PAD), room, _high(message, room))
    second = QRectF(dp(_START), first.bottom() + dp(2), room, _high(hint, room)) if hint else QRectF()
    words = (second if hint else first).bottom() + dp(_PAD)
    if not beside:
        rects, height = _below(widths, words, width)
    else:
        height = max(dp(_LEAST), round(words))
        rects = _beside(widths, width, height)
        if not hint:
            first.moveTop((height - first.height()) / 2)
    return Notice(height, first, second, tuple(zip(offers, rects, strict=True)))


def button_width(offer: Offer) -> int:
    return round(QFontMetricsF(theme().font(SECONDARY, MEDIUM)).horizontalAdvance(offer.label)) + styles().dp(
        20 + (19 if offer.icon else 0)
    )


def _high(text: str, width: float) -> int:
    metrics = QFontMetricsF(theme().font(SECONDARY))
    flags = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere
    return round(metrics.boundingRect(QRectF(0, 0, max(1.0, width), 1e6), flags, text).height())


def _beside(widths: Sequence[int], width: float, height: int) -> list[QRectF]:
    dp = styles().dp
    x = width - dp(_END) - sum(widths) - dp(_GAP) * max(0, len(widths) - 1)
    found: list[QRectF] = []
    for wide in widths:
        found.append(QRectF(x, (height - dp(_BUTTON)) / 2, wide, dp(_BUTTON)))
        x += wide + dp(_GAP)
    return found


def _below(widths: Sequence[int], top: float, width: float) -> tuple[list[QRectF], int]:
    """As many to a line as fit."""
    dp = styles().dp
    x, y = float(dp(_START)), top - dp(2)
    found: list[QRectF] = []
    for wide in widths:
        if found and x + wide > width - dp(_END):
            x, y = float(dp(_START)), y + dp(_BUTTON + _GAP)
        found.append(QRectF(x, y, wide, dp(_BUTTON)))
        x += wide + dp(_GAP)
    return found, round(y + dp(_BUTTON) + dp(_PAD))
