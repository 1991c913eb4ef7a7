"""How a message is drawn: head, bubble, cards, text, notice and actions, each in its reserved place."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import MEDIUM, MESSAGE, R_BLOCK, R_COMPOSER, R_CONTROL, SECONDARY
from aqe_desktop.ui.widgets.paint import Box, box, elided, ring
from aqe_desktop.ui.widgets.pictures import draw
from aqe_desktop.ui.widgets.transcript.bidi import reads_right_to_left
from aqe_desktop.ui.widgets.transcript.files import file_text
from aqe_desktop.ui.widgets.transcript.item import HEAD, Item
from aqe_desktop.ui.widgets.transcript.paint_spots import paint_spot
from aqe_desktop.ui.widgets.transcript.paint_unit import Marks, paint_unit
from aqe_desktop.ui.widgets.transcript.spots import (
    Spot,
    chip_width,
    chip_word,
    file_chips,
    name_place,
    spots,
    versions_width,
    word_width,
)
from aqe_desktop.ui.widgets.transcript.strokes import say, within
from aqe_desktop.ui.widgets.transcript.styles import styles
from aqe_desktop.ui.widgets.transcript.unit import BAR, Unit

_GLYPHS = {"device": "screen", "lan": "lan", "cloud": "cloud"}
_NOTICES = {"failed": "warning", "cut": "warning", "stopped": "stop"}


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
    if item.waits:
        _paint_waiting(painter, item)
    for spot in spots(item, actions=shown.hovered or shown.ringed, top=shown.top, bottom=shown.bottom):
        paint_spot(painter, spot, shown.spot, shown.copied)
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
        if not file.is_image or not draw(painter, file.data, rect, R_CONTROL):
            _paint_file(painter, rect, file_text(file))


def _paint_file(painter: QPainter, rect: QRect, text: str) -> None:
    """A text file, or an image that is broken."""
    box(painter, rect, Box("raised", "line", R_CONTROL))
    glyph = within(rect, 0, styles().dp(26))
    icons.draw(painter, "file", "muted", glyph, styles().dp(14))
    room = within(rect, styles().dp(24), rect.width() - styles().dp(30))
    font = theme().font(SECONDARY)
    say(painter, room, elided(text, font, room.width(), Qt.TextElideMode.ElideMiddle), font, "text")


def _paint_head(painter: QPainter, item: Item) -> None:
    message = item.message
    row = QRect(0, item.top, round(item.column_width), styles().dp(HEAD))
    font = theme().font(SECONDARY)
    if message.chip:
        area = within(row, 0, round(chip_width(item)))
        _paint_chip(painter, area, message.chip.zone, message.chip.proof == "proved", chip_word(item))
        start, room = name_place(item)
        say(painter, within(row, start, room), elided(message.chip.model, font, room), font, "muted")
    say(painter, row, message.meta, font, "muted", end=True)


def _paint_chip(painter: QPainter, area: QRect, zone: str, proved: bool, text: str) -> None:
    """Solid when proved, dashed when only said; what is unknown is a cloud."""
    dp = styles().dp
    zone = zone if zone in _GLYPHS else "cloud"
    ground, line = (f"{zone}_soft", f"{zone}_line") if proved else ("", zone)
    box(painter, area, Box(ground, line, R_CONTROL, dashed=not proved))
    icons.draw(painter, _GLYPHS[zone], zone, within(area, dp(8), dp(16)), dp(15))
    say(painter, within(area, dp(29), area.width() - dp(29)), text, theme().font(SECONDARY, MEDIUM), zone)


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
    say(painter, area, shown, font, "muted")
    if item.streaming:
        used = round(word_width(shown, MESSAGE, 400)) + 6 if shown else 0
        _block(painter, within(area, used, styles().dp(8)).x(), area.top() + area.height() / 2)


def _paint_waiting(painter: QPainter, item: Item) -> None:
    row = QRect(0, round(item.foot_top), round(item.column_width), item.foot)
    font, versions = theme().font(SECONDARY), versions_width(item)
    area = within(row, versions, row.width() - versions)
    say(painter, area, elided(item.waits, font, area.width()), font, "muted")


def _paint_block_caret(painter: QPainter, unit: Unit) -> None:
    place = unit.caret(unit.length)
    _block(painter, place.left() + 2, place.center().y() + 1)


def _block(painter: QPainter, x: float, middle: float) -> None:
    dp = styles().dp
    painter.fillRect(QRectF(round(x), round(middle - dp(15) / 2), dp(8), dp(15)), theme().color("accent"))


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
