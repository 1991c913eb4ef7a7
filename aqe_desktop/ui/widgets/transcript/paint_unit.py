"""How a unit is drawn: the ground of code, the grounds of words, what is marked, and the text."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QBrush,
    QColor,
    QPainter,
    QPainterPath,
    QPen,
    QTextCharFormat,
    QTextCursor,
)

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import R_BLOCK, SECONDARY
from aqe_desktop.ui.widgets.paint import elided, word
from aqe_desktop.ui.widgets.transcript.pieces import CodePiece, RulePiece
from aqe_desktop.ui.widgets.transcript.render import Page
from aqe_desktop.ui.widgets.transcript.spots import code_left
from aqe_desktop.ui.widgets.transcript.styles import PILL_ROOM, styles
from aqe_desktop.ui.widgets.transcript.unit import CODE_HEAD, Unit


@dataclass(slots=True)
class Marks:
    """What is marked in a unit: the selection, and the finds with the current one apart. Pairs are (start, end)."""

    selection: tuple[int, int] | None = None
    finds: list[tuple[int, int]] = field(default_factory=list)
    current: tuple[int, int] | None = None


def paint_unit(painter: QPainter, unit: Unit, width: float, clip: QRectF, marks: Marks) -> None:
    """Draw a unit at the painter's origin; `clip` in its coordinates."""
    piece = unit.piece
    if isinstance(piece, RulePiece):
        painter.fillRect(QRectF(0, 0, width, 1), theme().color("line"))
        return
    page = unit.page
    if page is None:
        return
    if isinstance(piece, CodePiece):
        _paint_card(painter, unit, piece, width)
    offset = unit.offset
    painter.translate(offset)
    _paint_grounds(painter, unit)
    _paint_marks(painter, unit, marks, offset)
    context = QAbstractTextDocumentLayout.PaintContext()
    context.clip = clip.translated(-offset)
    if marks.selection:
        context.selections = [_selection(unit, marks.selection)]
    _draw(painter, page, context)
    painter.translate(-offset)


def _draw(painter: QPainter, page: Page, context: QAbstractTextDocumentLayout.PaintContext) -> None:
    """The text; a mirrored table column by column, each where it is seen."""
    layout, clip = page.sheet.documentLayout(), QRectF(context.clip)  # a copy: the loop changes it
    if not page.bands:
        layout.draw(painter, context)
    for band in page.bands:
        seen = QRectF(band.seen, clip.top(), band.width, clip.height())
        if not seen.intersects(clip):
            continue
        painter.save()
        painter.setClipRect(seen, Qt.ClipOperation.IntersectClip)
        painter.translate(band.seen - band.laid, 0.0)
        context.clip = seen.translated(band.laid - band.seen, 0.0)
        layout.draw(painter, context)
        painter.restore()


def _paint_grounds(painter: QPainter, unit: Unit) -> None:
    page = unit.page
    assert page is not None
    for area in page.grounds:
        painter.fillRect(area, theme().color("code_ground"))
    for area in page.bars:
        painter.fillRect(area, theme().color("line_strong", 0.55))
    for number, area in enumerate(page.lines):
        painter.fillRect(area, theme().color("line" if number == 0 else "line_soft"))
    if not page.pills:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color("sunken"))
    high = styles().dp(19)
    for start, end in page.pills:
        for area in unit.areas(start, end):
            area = area.translated(-unit.offset)
            pill = QRectF(area.left() - 4, area.center().y() - high / 2 + 1, area.width() + 8 - PILL_ROOM, high)
            painter.drawRoundedRect(pill, 4, 4)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def _paint_marks(painter: QPainter, unit: Unit, marks: Marks, offset: QPointF) -> None:
    """Finds, below the text: the accent thinned, the current one with an outline."""
    for start, end in marks.finds:
        for area in unit.rects(start, end):
            painter.fillRect(area.translated(-offset), theme().color("accent", 0.28))
    if marks.current:
        painter.setPen(QPen(theme().color("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for area in unit.rects(*marks.current):
            painter.drawRect(area.translated(-offset).adjusted(-1, 0, 1, 0))


def _selection(unit: Unit, span: tuple[int, int]) -> QAbstractTextDocumentLayout.Selection:
    assert unit.page is not None
    made = QAbstractTextDocumentLayout.Selection()
    cursor = QTextCursor(unit.page.sheet)
    cursor.setPosition(unit.page.inside(span[0]))
    cursor.setPosition(unit.page.inside(span[1]), QTextCursor.MoveMode.KeepAnchor)
    form = QTextCharFormat()
    form.setBackground(QBrush(selection_color()))
    made.cursor = cursor
    made.format = form
    return made


def selection_color() -> QColor:
    """The ground of selected text; the text keeps its colours on it."""
    return theme().color("accent", 0.25)


def _paint_card(painter: QPainter, unit: Unit, piece: CodePiece, width: float) -> None:
    dp = styles().dp
    left = code_left(unit)
    area = QRectF(left, 0, width - left, round(unit.height))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(area.adjusted(-1, -1, 1, 0))
    whole = area.adjusted(0.5, 0.5 if piece.first else -20, -0.5, -0.5 if piece.last else 20)
    shape = QPainterPath()
    shape.addRoundedRect(whole, R_BLOCK, R_BLOCK)
    painter.fillPath(shape, theme().color("code_ground"))
    painter.setPen(QPen(theme().color("line"), 1))
    painter.drawPath(shape)
    painter.restore()
    if piece.first:
        painter.fillRect(QRectF(left + 1, dp(CODE_HEAD) - 1, area.width() - 2, 1), theme().color("line"))
        label = QRect(round(left) + dp(14), 0, round(area.width() / 2), dp(CODE_HEAD))
        font = theme().font(SECONDARY)
        word(painter, label, elided(piece.language or "text", font, label.width()), font, theme().color("muted"))
