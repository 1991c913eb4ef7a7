"""How boxes, rings and elided words are painted, so that every control draws the same line in the same place."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import R_CONTROL
from aqe_desktop.ui.widgets.clean import visible

RING = 2


@dataclass(frozen=True, slots=True)
class Box:
    """A rounded box: tokens for ground and line ("" for none), a radius, and whether the line is dashed."""

    ground: str = ""
    line: str = ""
    radius: float = R_CONTROL
    dashed: bool = False
    width: float = 1.0


def box(painter: QPainter, rect: QRect, look: Box) -> None:
    """Fill and outline; the line lies inside the rectangle, on whole pixels."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inset = look.width / 2 if look.line else 0.0
    area = QRectF(rect).adjusted(inset, inset, -inset, -inset)
    painter.setBrush(theme().color(look.ground) if look.ground else Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(look) if look.line else Qt.PenStyle.NoPen)
    radius = max(0.0, min(look.radius - inset, area.height() / 2))
    painter.drawRoundedRect(area, radius, radius)
    painter.restore()


def mirrored(rect: QRect, within: QRect, direction: Qt.LayoutDirection) -> QRect:
    """`rect`, laid out from the left, where it belongs in a reading direction; as QStyle's, which is dear to load."""
    if direction != Qt.LayoutDirection.RightToLeft:
        return QRect(rect)
    return rect.translated(within.left() + within.right() - rect.left() - rect.right(), 0)


def ring(painter: QPainter, rect: QRect, radius: float = R_CONTROL) -> None:
    """The keyboard focus ring: two pixels of accent along the inner edge."""
    box(painter, rect, Box(line="accent", radius=radius, width=RING))


def elided(text: str, font: QFont, width: int, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> str:
    """`text` cut with an ellipsis to `width` pixels; the same when it fits. Hidden characters are spelt out: a
    direction override in a title or file name must not reverse what stands beside it."""
    return QFontMetrics(font).elidedText(visible(text), mode, max(0, width))


def text_width(text: str, font: QFont) -> int:
    """Pixels `text` needs, rounded up so that it is never cut by a fraction."""
    return QFontMetrics(font).horizontalAdvance(visible(text)) + 1


def word(
    painter: QPainter,
    rect: QRect,
    text: str,
    font: QFont,
    color: QColor,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """One line of text, vertically centred; the rectangle is already mirrored, so the alignment is absolute.

    The text's own letters decide its direction: "10.0.0.7, declared" reads the same in a mirrored window."""
    painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    painter.setFont(font)
    painter.setPen(color)
    flags = align | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
    painter.drawText(rect, int(flags.value) | int(Qt.TextFlag.TextSingleLine.value), text)


def dot(painter: QPainter, centre: QPointF, radius: float, token: str, *, filled: bool) -> None:
    """A runtime light: filled when it runs, a ring when it does not. Neutral: colour is for zones."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    color = theme().color(token)
    painter.setBrush(color if filled else Qt.BrushStyle.NoBrush)
    painter.setPen(Qt.PenStyle.NoPen if filled else QPen(color, 1.4))
    painter.drawEllipse(centre, radius, radius)
    painter.restore()


def _pen(look: Box) -> QPen:
    pen = QPen(theme().color(look.line), look.width)
    if look.dashed:
        pen.setDashPattern([3.0, 2.5])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen
