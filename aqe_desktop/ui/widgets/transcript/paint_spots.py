"""How the places that can be clicked are drawn: actions, versions, offers, Copy, and the bar of a wide table."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import MEDIUM, R_CONTROL, SECONDARY
from aqe_desktop.ui.widgets.paint import Box, box, word
from aqe_desktop.ui.widgets.transcript.slide import handle, track
from aqe_desktop.ui.widgets.transcript.spots import Spot
from aqe_desktop.ui.widgets.transcript.strokes import say, within
from aqe_desktop.ui.widgets.transcript.styles import styles
from aqe_desktop.ui.widgets.transcript.unit import Unit


def paint_spot(painter: QPainter, spot: Spot, under: Spot | None, copied: Unit | None) -> None:
    """One of them; `under` is the one below the pointer, `copied` the block whose Copy has just been used."""
    if spot.kind in ("tip", "image"):
        return
    if spot.kind == "bar":
        _paint_bar(painter, spot, under=under is not None and under.unit is spot.unit)
        return
    area = spot.rect.toAlignedRect()
    hot = under is not None and under.rect == spot.rect and spot.enabled
    token = "on_accent" if spot.primary else "text" if hot or spot.kind == "offer" else "muted"
    if spot.primary:
        box(painter, area, Box("accent", "accent", R_CONTROL))
    elif spot.kind == "offer":
        box(painter, area, Box("raised", "line_strong" if hot else "line", R_CONTROL))
    elif hot:
        box(painter, area, Box("hover", "", R_CONTROL))
    if spot.kind == "version":
        _paint_arrow(painter, spot, token if spot.enabled else "line")
    elif spot.kind == "count":
        font = theme().font(SECONDARY, MEDIUM)
        word(painter, area, spot.label, font, theme().color("muted"), Qt.AlignmentFlag.AlignHCenter)
    else:
        _paint_label(painter, spot, token, copied=spot.kind == "code" and copied is spot.unit)


def _paint_bar(painter: QPainter, spot: Spot, *, under: bool) -> None:
    """As the scroll bars of the windows."""
    assert spot.unit is not None
    part = handle(spot.unit)
    area = part.translated(spot.rect.topLeft() - track(spot.unit).topLeft())
    box(painter, area.toAlignedRect(), Box("line_strong" if under else "line", "", round(part.height() / 2)))


def _paint_arrow(painter: QPainter, spot: Spot, token: str) -> None:
    back = (spot.action == "previous_version") != styles().mirrored
    area = spot.rect.toAlignedRect()
    icons.draw(painter, "chevron-left" if back else "chevron-right", token, area, styles().dp(14))


def _paint_label(painter: QPainter, spot: Spot, token: str, *, copied: bool) -> None:
    dp, area = styles().dp, spot.rect.toAlignedRect()
    x = dp(10 if spot.kind == "offer" else 8)
    if spot.icon and not copied:
        icons.draw(painter, spot.icon, token, within(area, x, dp(14)), dp(14))
        x += dp(19)
    if not spot.bare:
        label = "Copied" if copied else spot.label
        say(painter, within(area, x, area.width() - x), label, theme().font(SECONDARY, MEDIUM), token)
