"""The formats of one theme and scale, made once: building a document must not ask for fonts and colours again."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFont, QGuiApplication, QTextBlockFormat, QTextCharFormat, QTextOption

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import MESSAGE
from aqe_desktop.ui.widgets.transcript.pieces import Look, Para

CODE_SIZE, CODE_HEIGHT = 12.5, 19
INDENT, QUOTE, HANG = 24, 16, 20
PILL_ROOM = 5
CELLS = {"th": (12, 500), "td": (13, 400)}
HEADINGS = {"h1": (18, 26), "h2": (16, 24), "h3": (15, 22), "h4": (14, 22), "h5": (14, 22), "h6": (14, 22)}
TEXT_HEIGHT = 22.4
_GAPS = {"h1": 20, "h2": 20, "h3": 16}
PARAGRAPH_GAP, TIGHT_GAP = 12, 4


class Styles:
    """Looked up by paragraph style and look; thrown away when the theme changes."""

    def __init__(self) -> None:
        self.dp = theme().dp
        self.mirrored = QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self.text_font = theme().font(MESSAGE)
        self.code_font = theme().font(CODE_SIZE, mono=True)
        self.character = max(4.0, theme().px(MESSAGE) * 0.52)  # a usual letter's width, for estimates
        self.code_character = max(4.0, theme().px(CODE_SIZE) * 0.6)
        self.line = round(TEXT_HEIGHT * theme().scale)
        self.code_line = CODE_HEIGHT * theme().scale
        self.look = lru_cache(maxsize=256)(self._look)
        self.code_look = lru_cache(maxsize=32)(self._code_look)

    def gap(self, para: Para) -> int:
        """Pixels above a paragraph that is not the first of its message."""
        if para.tight:
            return 0 if para.style in ("plain", "code") else self.dp(TIGHT_GAP)
        return self.dp(_GAPS.get(para.style, PARAGRAPH_GAP))

    def _look(self, style: str, look: int) -> QTextCharFormat:
        made = QTextCharFormat()
        made.setFont(self._font(style, look))
        made.setForeground(QBrush(self._color(style, look)))
        if look & Look.LINK and not look & Look.FAINT:
            made.setFontUnderline(True)
        made.setFontStrikeOut(bool(look & Look.STRIKE))
        return made

    def _font(self, style: str, look: int) -> QFont:
        size, weight = MESSAGE, 400
        if style in HEADINGS:
            size, weight = HEADINGS[style][0], 600
        if style in CELLS:
            size, weight = CELLS[style]
        if look & Look.BOLD:
            weight = 600
        mono = bool(look & Look.CODE)
        font = theme().font(CODE_SIZE if mono else size, weight, mono=mono)
        font.setItalic(bool(look & Look.ITALIC))
        if look & Look.SPACED:
            font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, PILL_ROOM)
        return font

    def _color(self, style: str, look: int) -> QColor:
        if look & Look.FAINT:
            return theme().color("muted")
        if look & Look.LINK:
            return theme().color("accent")
        return theme().color("muted" if look & Look.MARKER or style == "h6" else "text")

    def _code_look(self, token: str) -> QTextCharFormat:
        made = QTextCharFormat()
        made.setFont(self.code_font)
        made.setForeground(QBrush(theme().color(token)))
        return made

    def block(self, para: Para, *, first: bool, rtl: bool) -> QTextBlockFormat:
        """Margins, hanging indent and line height of a paragraph; the margin lies where reading starts."""
        made = QTextBlockFormat()
        height = HEADINGS.get(para.style, (0, TEXT_HEIGHT))[1] * theme().scale
        if para.style == "code":
            height = self.code_line
        made.setLineHeight(round(height), QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        made.setTopMargin(0 if first else self.gap(para))
        margin = self.dp(INDENT) * para.indent + self.dp(QUOTE) * para.quote
        (made.setRightMargin if rtl else made.setLeftMargin)(margin)
        if para.marked:
            made.setTextIndent(-self.dp(HANG))
            made.setTabPositions([QTextOption.Tab(self.dp(HANG), QTextOption.TabType.LeftTab)])
        made.setLayoutDirection(Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight)
        return made

    def code_block(self, hang: int = 0) -> QTextBlockFormat:
        """A line of code; what wraps of it starts `hang` characters from the left."""
        made = QTextBlockFormat()
        made.setLeftMargin(hang * self.code_character)
        made.setTextIndent(-hang * self.code_character)
        made.setLineHeight(round(self.code_line), QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        made.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        return made


_styles: Styles | None = None
_listening = False


def styles() -> Styles:
    """The formats of the theme in force."""
    global _styles, _listening
    if _styles is None:
        _styles = Styles()
        if not _listening:
            # Also while no transcript is there to notice.
            theme().changed.connect(forget_styles)
            _listening = True
    return _styles


def forget_styles() -> None:
    """The theme has changed."""
    global _styles
    _styles = None
