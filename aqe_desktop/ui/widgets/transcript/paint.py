"""How a message is drawn: head, bubble, cards, text, notice and actions, each in its reserved place."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QBrush,
    QColor,
    QFont,
    QPainter,
    QPainterPath,
    QPen,
    QTextCharFormat,
    QTextCursor,
)

from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import MEDIUM, MESSAGE, R_BLOCK, R_COMPOSER, R_CONTROL, SECONDARY
from aqe_desktop.ui.widgets.paint import Box, box, elided, ring, word
from aqe_desktop.ui.widgets.transcript.bidi import reads_right_to_left
from aqe_desktop.ui.widgets.transcript.item import HEAD, Item
from aqe_desktop.ui.widgets.transcript.pieces import CodePiece, RulePiece
from aqe_desktop.ui.widgets.transcript.render import Page
from aqe_desktop.ui.widgets.transcript.slide import handle, track
from aqe_desktop.ui.widgets.transcript.spots import (
    Spot,
    chip_width,
    chip_word,
    code_left,
    file_chips,
    file_text,
    spots,
    word_width,
)
from aqe_desktop.ui.widgets.transcript.styles import PILL_ROOM, styles
from aqe_desktop.ui.widgets.transcript.unit import BAR, CODE_HEAD, Unit

_GLYPHS = {"device": "screen", "lan": "lan", "cloud": "cloud"}
_NOTICES = {"failed": "warning", "cut": "warning", "stopped": "stop"}


@dataclass(slots=True)
class Marks:
    """What is marked in a unit: the selection, and the finds with the current one apart. Pairs are (start, end)."""

    selection: tuple[int, int] | None = None
    finds: list[tuple[int, int]] = field(default_factory=list)
    current: tuple[int, int] | None = None


@dataclass(slots=True)
class Shown:
    """How a message is to be shown right now."""

    top: float
    bottom: float
    hovered: bool = False
    ringed: bool = False
    spot: Spot | None = None
    copied: Unit | None = None
    marks: dict[int, Marks] = field(default_factory=dict)
    caret: tuple[int, int] | None = None


def paint_item(painter: QPainter, item: Item, shown: Shown) -> None:
    """Draw one message; the painter's origin is its upper left."""
    if item.message.own:
        _paint_bubble(painter, item)
    elif item.has_head and shown.top < styles().dp(HEAD):
        _paint_head(painter, item)
    _paint_body(painter, item, shown)
    if item.has_notice:
        _paint_notice(painter, item)
    for spot in spots(item, actions=shown.hovered or shown.ringed, top=shown.top, bottom=shown.bottom):
        _paint_spot(painter, spot, shown)
    if shown.ringed:
        ring(painter, _ring_rect(item), R_BLOCK)


def _ring_rect(item: Item) -> QRect:
    if item.message.own:
        return item.bubble.toAlignedRect().adjusted(-4, -4, 4, 4)
    return QRect(-10, -6, round(item.column_width) + 20, round(item.height) + 2)


def _paint_bubble(painter: QPainter, item: Item) -> None:
    box(
        painter,
        item.bubble.toAlignedRect(),
        Box("sunken", "line" if theme().tokens.muted == theme().tokens.text else "", R_COMPOSER),
    )
    for file, area in file_chips(item):
        rect = area.toAlignedRect()
        box(painter, rect, Box("raised", "line", R_CONTROL))
        text = file_text(file) if file else "\u2026"
        glyph = _within(rect, 0, styles().dp(26))
        icons.draw(painter, "file", "muted", glyph, styles().dp(14))
        room = _within(rect, styles().dp(24), rect.width() - styles().dp(30))
        font = theme().font(SECONDARY)
        _say(painter, room, elided(text, font, room.width(), Qt.TextElideMode.ElideMiddle), font, "text")


def _within(outer: QRect, start: int, width: int) -> QRect:
    """The part of a rectangle that lies `start` pixels from where reading begins."""
    x = outer.right() + 1 - start - width if styles().mirrored else outer.x() + start
    return QRect(x, outer.y(), width, outer.height())


def _say(painter: QPainter, area: QRect, text: str, font: QFont, token: str, *, end: bool = False) -> None:
    """A word at the beginning (or the end) of its area, in reading direction."""
    left = styles().mirrored == end
    align = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
    word(painter, area, text, font, theme().color(token), align)


def _paint_head(painter: QPainter, item: Item) -> None:
    dp, message = styles().dp, item.message
    row = QRect(0, item.top, round(item.column_width), dp(HEAD))
    font, x = theme().font(SECONDARY), 0
    if message.chip:
        area = _within(row, 0, round(chip_width(item)))
        _paint_chip(painter, area, message.chip.zone, message.chip.proof == "proved", chip_word(item))
        x = area.width() + dp(9)
    meta = round(word_width(message.meta, SECONDARY, 400)) + 2
    room = _within(row, x, max(0, row.width() - x - meta - dp(12)))
    name = message.chip.model if message.chip else ""
    _say(painter, room, elided(name, font, room.width()), font, "muted")
    _say(painter, row, message.meta, font, "muted", end=True)


def _paint_chip(painter: QPainter, area: QRect, zone: str, proved: bool, text: str) -> None:
    """Solid when proved, dashed when only said; what is unknown is a cloud."""
    dp = styles().dp
    zone = zone if zone in _GLYPHS else "cloud"
    ground, line = (f"{zone}_soft", f"{zone}_line") if proved else ("", zone)
    box(painter, area, Box(ground, line, R_CONTROL, dashed=not proved))
    icons.draw(painter, _GLYPHS[zone], zone, _within(area, dp(8), dp(16)), dp(15))
    _say(painter, _within(area, dp(29), area.width() - dp(29)), text, theme().font(SECONDARY, MEDIUM), zone)


def _paint_body(painter: QPainter, item: Item, shown: Shown) -> None:
    left = item.text_left
    if not item.units:
        _paint_progress(painter, item)
        return
    if item.lead:
        _paint_margin(painter, item)
    index = item.unit_at(max(0.0, shown.top))
    tops = item.tops
    while index < len(item.units) and tops[index] < shown.bottom:
        unit = item.units[index]
        painter.save()
        painter.translate(left, round(tops[index]))
        clip = QRectF(-24, shown.top - tops[index], item.text_width + 48, shown.bottom - shown.top)
        if unit.over:
            painter.setClipRect(unit.box, Qt.ClipOperation.IntersectClip)
        paint_unit(painter, unit, item.text_width, clip, shown.marks.get(index, Marks()))
        if unit.over:
            _paint_cuts(painter, unit)
        if shown.caret and shown.caret[0] == index:
            painter.fillRect(unit.caret(shown.caret[1]), theme().color("accent"))
        if item.streaming and index == len(item.units) - 1:
            _paint_block_caret(painter, unit)
        painter.restore()
        index += 1


def _paint_cuts(painter: QPainter, unit: Unit) -> None:
    """A line at each edge beyond which a wide table goes on."""
    place = unit.box.adjusted(0, 0, 0, -styles().dp(BAR))
    left, right = unit.slid > 0, unit.slid < unit.over
    if unit.mirrored:
        left, right = right, left
    for there, x in ((left, place.left()), (right, place.right() - 1)):
        if there:
            painter.fillRect(QRectF(x, 0, 1, place.height()), theme().color("line"))


def _paint_margin(painter: QPainter, item: Item) -> None:
    """The line along the reasoning, where its lines begin."""
    last = item.lead - 1
    line = QRectF(styles().dp(6), item.tops[0], 2, item.tops[last] + item.units[last].height - item.tops[0])
    if reads_right_to_left(item.units[0].flat):
        line.moveRight(item.column_width - styles().dp(6))
    painter.fillRect(line, theme().color("line"))


def _paint_progress(painter: QPainter, item: Item) -> None:
    text = item.message.progress
    area = QRect(round(item.text_left), round(item.body_top), round(item.text_width), round(styles().line))
    font = theme().font(MESSAGE)
    shown = elided(text, font, area.width() - 20)
    _say(painter, area, shown, font, "muted")
    if item.streaming:
        used = round(word_width(shown, MESSAGE, 400)) + 6 if shown else 0
        _block(painter, _within(area, used, styles().dp(8)).x(), area.top() + area.height() / 2)


def _paint_block_caret(painter: QPainter, unit: Unit) -> None:
    place = unit.caret(unit.length)
    _block(painter, place.left() + 2, place.center().y() + 1)


def _block(painter: QPainter, x: float, middle: float) -> None:
    dp = styles().dp
    painter.fillRect(QRectF(round(x), round(middle - dp(15) / 2), dp(8), dp(15)), theme().color("accent"))


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


def _paint_notice(painter: QPainter, item: Item) -> None:
    dp, message, layout = styles().dp, item.message, item.layout
    area = QRect(0, round(item.notice_top), round(item.column_width), layout.height)
    failed = message.state == "failed"
    box(painter, area, Box("danger_soft" if failed else "sunken", "danger_line" if failed else "line", R_BLOCK))
    token = "danger" if failed else "muted"
    first = layout.message.translated(0, area.y())
    glyph = QRectF(0, first.y(), dp(36), styles().dp(16)).toAlignedRect()
    icons.draw(painter, _NOTICES.get(message.state, "info"), token, item.placed(QRectF(glyph)).toRect(), dp(16))
    _say_all(painter, item.placed(first), item.notice, "text")
    if message.hint:
        _say_all(painter, item.placed(layout.hint.translated(0, area.y())), message.hint, "muted")


def _say_all(painter: QPainter, area: QRectF, text: str, token: str) -> None:
    """Words that wrap; their own letters decide their direction, the window's where they stand."""
    painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    painter.setFont(theme().font(SECONDARY))
    painter.setPen(theme().color(token))
    side = Qt.AlignmentFlag.AlignRight if styles().mirrored else Qt.AlignmentFlag.AlignLeft
    align = side | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignAbsolute
    wrap = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere
    painter.drawText(area.adjusted(0, 0, 0, 2), int(align.value) | int(wrap.value), text)


def _paint_spot(painter: QPainter, spot: Spot, shown: Shown) -> None:
    if spot.kind == "tip":
        return
    if spot.kind == "bar":
        _paint_bar(painter, spot, under=shown.spot is not None and shown.spot.unit is spot.unit)
        return
    area = spot.rect.toAlignedRect()
    under = shown.spot is not None and shown.spot.rect == spot.rect and spot.enabled
    token = "on_accent" if spot.primary else "text" if under or spot.kind == "offer" else "muted"
    if spot.primary:
        box(painter, area, Box("accent", "accent", R_CONTROL))
    elif spot.kind == "offer":
        box(painter, area, Box("raised", "line_strong" if under else "line", R_CONTROL))
    elif under:
        box(painter, area, Box("hover", "", R_CONTROL))
    if spot.kind == "version":
        _paint_arrow(painter, spot, token if spot.enabled else "line")
    elif spot.kind == "count":
        font = theme().font(SECONDARY, MEDIUM)
        word(painter, area, spot.label, font, theme().color("muted"), Qt.AlignmentFlag.AlignHCenter)
    else:
        _paint_label(painter, spot, token, copied=spot.kind == "code" and shown.copied is spot.unit)


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
        icons.draw(painter, spot.icon, token, _within(area, x, dp(14)), dp(14))
        x += dp(19)
    if not spot.bare:
        label = "Copied" if copied else spot.label
        _say(painter, _within(area, x, area.width() - x), label, theme().font(SECONDARY, MEDIUM), token)
