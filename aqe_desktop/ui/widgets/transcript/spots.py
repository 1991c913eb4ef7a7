"""The places of a message that can be clicked: copy on a code block, actions, versions, offers. Drawn and hit alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import MEDIUM, REGULAR, SECONDARY
from aqe_desktop.ui.widgets.transcript.files import file_text, natural_width
from aqe_desktop.ui.widgets.transcript.item import BUBBLE_PAD, FILE_SIDE, FOLD, HEAD, Item
from aqe_desktop.ui.widgets.transcript.model import FileChip, Offer, ZoneChip, actions_of
from aqe_desktop.ui.widgets.transcript.pieces import CodePiece
from aqe_desktop.ui.widgets.transcript.slide import track
from aqe_desktop.ui.widgets.transcript.styles import INDENT, styles
from aqe_desktop.ui.widgets.transcript.unit import CODE_HEAD, Unit

_PAD, _ICON, _GAP, _HIGH = 8, 14, 5, 24
FOLD_ACTION = "fold_reasoning"
FOLD_WORD = "Reasoning"
IMAGE_ACTION = "open_image:"
"""Before the number of the attachment."""
VERSION_ACTIONS = ("previous_version", "next_version")


@dataclass(frozen=True, slots=True)
class Spot:
    """A clickable rectangle, relative to its message.

    `kind` is action | code | offer | version | count | fold | image | tip | bar."""

    kind: str
    rect: QRectF
    action: str
    label: str
    unit: Unit | None = None
    enabled: bool = True
    icon: str = ""
    primary: bool = False
    bare: bool = False  # only its icon is drawn, for want of room; the label is the tooltip


def spots(item: Item, *, actions: bool, top: float, bottom: float) -> list[Spot]:
    """What can be clicked between two heights; the actions only while they are shown."""
    found = [*_notice(item), *_foot(item, actions=actions)]
    if item.message.chip and top < styles().dp(HEAD):
        found.append(_where_it_ran(item, item.message.chip))
    if item.has_reasoning and top < item.body_top:
        found.append(_fold(item))
    found = [replace(spot, rect=item.placed(spot.rect)) for spot in found]
    found.extend(_files(item))
    if item.units:
        found.extend(_in_units(item, top, bottom))
    return found


def _where_it_ran(item: Item, chip: ZoneChip) -> Spot:
    """The chip and the name beside it: the facts, and before them a name that was cut."""
    start, room = name_place(item)
    wide = word_width(chip.model, SECONDARY, REGULAR)
    name = chip.model if wide > room or not chip.facts else ""
    tip = "\n".join(part for part in (name, chip.facts) if part)
    return Spot("tip", QRectF(0, item.top, start + min(wide, room), styles().dp(HEAD)), "", tip)


def name_place(item: Item) -> tuple[int, int]:
    """Where the model's name begins in the head, thought from the left, and its room beside the figures."""
    dp = styles().dp
    start = round(chip_width(item)) + dp(9) if item.message.chip else 0
    figures = round(word_width(item.message.meta, SECONDARY, REGULAR)) + 2
    return start, max(0, round(item.column_width) - start - figures - dp(12))


def spot_at(found: list[Spot], point: QPointF) -> Spot | None:
    return next((spot for spot in found if spot.rect.contains(point)), None)


def word_width(text: str, size: float = SECONDARY, weight: int = MEDIUM) -> float:
    return QFontMetricsF(theme().font(size, weight)).horizontalAdvance(text)


def chip_width(item: Item) -> float:
    """Pixels of the zone chip with its glyph and word."""
    chip = item.message.chip
    if chip is None:
        return 0.0
    return round(word_width(chip_word(item)) + styles().dp(2 * 9 + 16 + 5))


def chip_word(item: Item) -> str:
    chip = item.message.chip
    assert chip is not None
    return chip.word if chip.proof == "proved" else f"{chip.word}, {chip.proof}"


def file_chips(item: Item) -> list[tuple[FileChip, QRectF]]:
    """The attachments, each with its place in the bubble."""
    dp = styles().dp
    bubble = item.placed(item.bubble)  # thought from the left again
    x, y = bubble.left() + dp(FILE_SIDE), bubble.top() + dp(BUBBLE_PAD) - 1
    places = [item.placed(area.translated(x, y)) for area in item.chips]
    return list(zip(item.message.attachments, places, strict=True))


def _files(item: Item) -> Iterator[Spot]:
    """An image opens; a name that is cut is told."""
    for number, (file, area) in enumerate(file_chips(item)):
        if file.is_image:
            yield Spot("image", area, f"{IMAGE_ACTION}{number}", file_text(file))
        elif _is_cut(file, area):
            yield Spot("tip", area, "", file_text(file))


def _is_cut(file: FileChip, area: QRectF) -> bool:
    return area.width() < natural_width(file)


def _width(offer: Offer, *, bare: bool = False) -> float:
    dp = styles().dp
    if bare and offer.icon:
        return dp(_ICON + 2 * _PAD)
    icon = dp(_ICON + _GAP) if offer.icon else 0
    return round(word_width(offer.label) + icon + 2 * dp(_PAD))


def _foot(item: Item, *, actions: bool) -> list[Spot]:
    dp = styles().dp
    high = min(dp(_HIGH), item.foot)
    y = item.foot_top + (item.foot - high) / 2
    found: list[Spot] = []
    offers = actions_of(item.message) if actions and not item.waits else ()
    versions = versions_width(item)
    bare = sum(map(_width, offers)) + versions > item.column_width
    width = sum(_width(offer, bare=bare) for offer in offers) + versions
    x = item.foot_right - width if item.message.own else -float(dp(_PAD))
    if versions:
        found.extend(_versions(item, x, y, high))
        x += versions
    for offer in offers:
        area = QRectF(x, y, _width(offer, bare=bare), high)
        hidden = bare and bool(offer.icon)
        found.append(Spot("action", area, offer.action, offer.label, icon=offer.icon, bare=hidden))
        x += area.width()
    return found


def versions_width(item: Item) -> int:
    """Pixels of the arrows between versions, where there are several."""
    return styles().dp(88) if item.message.versions[1] > 1 else 0


def _versions(item: Item, x: float, y: float, high: int) -> list[Spot]:
    dp, (number, count) = styles().dp, item.message.versions
    arrow = dp(24)
    return [
        Spot("version", QRectF(x, y, arrow, high), VERSION_ACTIONS[0], "Previous version", enabled=number > 1),
        Spot("count", QRectF(x + arrow, y, dp(34), high), "", f"{number}/{count}", enabled=False),
        Spot(
            "version",
            QRectF(x + arrow + dp(34), y, arrow, high),
            VERSION_ACTIONS[1],
            "Next version",
            enabled=number < count,
        ),
    ]


def _fold(item: Item) -> Spot:
    dp = styles().dp
    width = word_width(FOLD_WORD) + dp(_ICON + _GAP + 2 * _PAD)
    icon = "chevron-down" if item.unfolded else "chevron-left" if styles().mirrored else "chevron-right"
    area = QRectF(-dp(_PAD), item.fold_top, width, dp(FOLD))
    return Spot("fold", area, FOLD_ACTION, FOLD_WORD, icon=icon)


def _notice(item: Item) -> list[Spot]:
    if not item.offers:
        return []
    return [
        Spot(
            "offer",
            area.translated(0, round(item.notice_top)),
            offer.action,
            offer.label,
            icon=offer.icon,
            primary=offer.primary,
        )
        for offer, area in item.layout.buttons
    ]


def _in_units(item: Item, top: float, bottom: float) -> list[Spot]:
    """Copy on a block of code, and the bar below a wide table."""
    index = item.unit_at(max(0.0, top))
    found: list[Spot] = []
    while index < len(item.units) and item.tops[index] < bottom:
        unit = item.units[index]
        if isinstance(unit.piece, CodePiece) and unit.piece.first:
            found.append(_copy(item, unit, item.tops[index]))
        elif unit.over:
            area = track(unit).translated(item.text_left, item.tops[index])
            found.append(Spot("bar", area, "", "Scroll the table", unit))
        index += 1
    return found


def _copy(item: Item, unit: Unit, top: float) -> Spot:
    dp = styles().dp
    width = _width(Offer("copy", "Copy", "copy"))
    right = item.text_left + item.text_width - dp(6)
    area = QRectF(right - width, top + dp(CODE_HEAD - _HIGH) / 2, width, dp(_HIGH))
    return Spot("code", area, "copy", "Copy", unit, icon="copy")


def code_left(unit: Unit) -> float:
    return float(styles().dp(INDENT) * unit.piece.indent) if isinstance(unit.piece, CodePiece) else 0.0
