"""Words and places in reading direction, for everything that is drawn around the text."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QPainter

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.widgets.paint import word
from aqe_desktop.ui.widgets.transcript.styles import styles


def within(outer: QRect, start: int, width: int) -> QRect:
    """The part of a rectangle that lies `start` pixels from where reading begins."""
    x = outer.right() + 1 - start - width if styles().mirrored else outer.x() + start
    return QRect(x, outer.y(), width, outer.height())


def say(painter: QPainter, area: QRect, text: str, font: QFont, token: str, *, end: bool = False) -> None:
    """A word at the beginning (or the end) of its area, in reading direction."""
    left = styles().mirrored == end
    align = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
    word(painter, area, text, font, theme().color(token), align)
