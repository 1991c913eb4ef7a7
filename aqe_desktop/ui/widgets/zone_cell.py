"""A table's cell that says where something ran: the zone's colour, glyph and word, as on a chip."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import ICON_SMALL, MEDIUM, SECONDARY
from aqe_desktop.ui.widgets.paint import Box, box, elided, text_width, word
from aqe_desktop.ui.widgets.table import Index, TableDelegate
from aqe_desktop.ui.widgets.zone_chip import zone_icon

ZONE = Qt.ItemDataRole.UserRole + 1
"""The role under which a model gives the cell's zone; a cell without one is an ordinary cell."""
DASHED = Qt.ItemDataRole.UserRole + 2
"""The role under which a model says that the zone is the user's word: outlined as on a chip, not filled."""
_HEIGHT, _PADDING, _GAP = 22, 8, 6


class ZoneDelegate(TableDelegate):
    """Paints a chip where the model gives a zone."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        zone, text = index.data(ZONE), str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        if not zone:
            super().paint(painter, option, index)
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, theme().color("accent_soft"))
        line = QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1)
        painter.fillRect(line, theme().color("line_soft"))
        self._paint_chip(painter, option, str(zone), text, dashed=bool(index.data(DASHED)))

    def _paint_chip(
        self, painter: QPainter, option: QStyleOptionViewItem, zone: str, text: str, *, dashed: bool
    ) -> None:
        font, glyph, height = theme().font(SECONDARY, MEDIUM), theme().dp(ICON_SMALL), theme().dp(_HEIGHT)
        around = 2 * _PADDING + glyph + _GAP
        room = option.rect.width() - 2 * _PADDING
        shown = elided(text, font, room - around)
        top = option.rect.top() + (option.rect.height() - height) // 2
        chip = QRect(option.rect.left() + _PADDING, top, min(room, around + text_width(shown, font)), height)
        inside = QRect(chip.left() + _PADDING, top, glyph, height)
        words = QRect(inside.right() + 1 + _GAP, top, text_width(shown, font), height)
        chip, inside, words = (QStyle.visualRect(option.direction, option.rect, each) for each in (chip, inside, words))
        look = Box("", zone, dashed=True) if dashed else Box(f"{zone}_soft", f"{zone}_line")
        box(painter, chip, look)
        icons.draw(painter, zone_icon(zone), zone, inside, glyph)
        word(painter, words, shown, font, theme().color(zone))
