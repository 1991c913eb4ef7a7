"""Pieces to text documents: built by cursor, never from HTML, so there is no markup in which a resource could hide."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QTextCursor, QTextDocument, QTextOption

from aqe_desktop.ui.widgets.transcript.bidi import (
    END,
    ISOLATE,
    mixes_directions,
    runs_read_right_to_left,
    stretches,
)
from aqe_desktop.ui.widgets.transcript.pieces import CodePiece, Look, Run, TextPiece
from aqe_desktop.ui.widgets.transcript.styles import INDENT, QUOTE, styles

Colours = tuple[tuple[int, str], ...]  # (length in characters, colour token) over the text of a slice


class Sheet(QTextDocument):
    """A document that can load nothing: not from the network, not from a file."""

    def __init__(self) -> None:
        super().__init__()
        self.setUndoRedoEnabled(False)
        self.setDocumentMargin(0)
        self.setUseDesignMetrics(True)

    def loadResource(self, kind: int, name: Any) -> Any:
        """Whatever is asked for, an empty picture."""
        del kind, name
        return QImage()


@dataclass(slots=True)
class Link:
    """A link's place in its document, in Qt's units."""

    start: int
    end: int
    href: str


@dataclass(frozen=True, slots=True)
class Band:
    """A column that is drawn elsewhere than it is laid out; pixels of the document."""

    laid: float
    seen: float
    width: float


@dataclass(slots=True)
class Page:
    """A laid-out piece: the document and what the view paints behind its text.

    `base` is the document position of the first character of the piece's flat text, `hidden` are the positions of
    characters that only direct. `width` and `room` (pixels) are a table's, `bands` the columns of a mirrored one."""

    sheet: Sheet
    height: float = 0.0
    base: int = 0
    width: float = 0.0
    room: float = 0.0
    links: list[Link] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)
    pills: list[tuple[int, int]] = field(default_factory=list)
    grounds: list[QRectF] = field(default_factory=list)
    bars: list[QRectF] = field(default_factory=list)
    lines: list[QRectF] = field(default_factory=list)

    @property
    def over(self) -> float:
        """By how much it is wider than its place."""
        return max(0.0, self.width - self.room)

    def inside(self, position: int) -> int:
        """The document position of a place in the flat text."""
        found = position + self.base
        for hidden in self.hidden:
            if hidden > found:
                break
            found += 1
        return found

    def outside(self, position: int) -> int:
        """The place in the flat text of a document position."""
        return position - self.base - bisect_left(self.hidden, position)

    def seen(self, area: QRectF) -> QRectF:
        """Where an area of the layout is drawn."""
        x = area.center().x()
        band = next((band for band in self.bands if x <= band.laid + band.width), None)
        return area.translated(band.seen - band.laid, 0.0) if band else area

    def laid(self, point: QPointF) -> QPointF:
        """The point of the layout that is drawn at a point."""
        if not self.bands:
            return point
        band = next((band for band in self.bands if point.x() >= band.seen), self.bands[-1])
        return point + QPointF(band.laid - band.seen, 0.0)


def text_page(piece: TextPiece, width: float) -> Page:
    """Paragraphs laid out at a width in pixels."""
    page = Page(Sheet())
    cursor = QTextCursor(page.sheet)
    for number, para in enumerate(piece.paras):
        rtl = para.style != "code" and runs_read_right_to_left(para.runs)
        form = styles().block(para, first=number == 0, rtl=rtl)
        cursor.setBlockFormat(form) if number == 0 else cursor.insertBlock(form)
        cursor.setBlockCharFormat(styles().look(para.style, Look.PLAIN))
        runs = para.runs
        if rtl and para.marked:  # a tab stop does not work from the right; the space is as long in characters
            runs = (Run(runs[0].text.replace("\t", "\u2003"), runs[0].look), *runs[1:])
        insert_runs(page, cursor, runs, para.style, rtl=rtl)
    wrap(page.sheet, width)
    _decorate(page, piece, width)
    page.height = page.sheet.size().height()
    return page


def insert_runs(
    page: Page, cursor: QTextCursor, runs: tuple[Run, ...], style: str, extra: int = Look.PLAIN, *, rtl: bool = False
) -> None:
    """Write a paragraph's runs; where both directions meet, code and addresses are isolated from the words."""
    mixed = style != "code" and mixes_directions(runs)
    for number, run in enumerate(runs):
        beside = runs[number - 1 : number] + runs[number + 1 : number + 2]
        for text, alone in stretches(run, style) if mixed else ((run.text, False),):
            _direct(page, cursor, ISOLATE if alone else "", style)
            begin = cursor.position()
            _insert(cursor, text, run, beside, style, extra, rtl=rtl)
            if run.href:
                page.links.append(Link(begin, cursor.position(), run.href))
            if _is_pill(run, style):
                page.pills.append((begin, cursor.position()))
            _direct(page, cursor, END if alone else "", style)


def _direct(page: Page, cursor: QTextCursor, mark: str, style: str) -> None:
    """A character that is neither seen nor part of the text."""
    if mark:
        page.hidden.append(cursor.position())
        cursor.insertText(mark, styles().look(style, Look.PLAIN))


def _insert(
    cursor: QTextCursor, text: str, run: Run, beside: tuple[Run, ...], style: str, extra: int, *, rtl: bool
) -> None:
    look = run.look | extra
    head, body, tail = _roomy(text, _is_pill(run, style), beside, style, rtl)
    for part, spaced in ((head, Look.SPACED), (body, Look.PLAIN), (tail, Look.SPACED)):
        if part:
            cursor.insertText(part, styles().look(style, look | spaced))


def _is_pill(run: Run, style: str) -> bool:
    return bool(run.look & Look.CODE) and style != "code"


def _roomy(text: str, pill: bool, beside: tuple[Run, ...], style: str, rtl: bool) -> tuple[str, str, str]:
    """A run in three parts, of which the outer ones get letter spacing: the only room a pill can have beside it."""
    if not text:
        return "", text, ""
    if pill or (not rtl and any(_is_pill(run, style) for run in beside[-1:])):
        return ("", text[:-1], text[-1]) if _stands_alone(text[-1]) else ("", text, "")
    if rtl and any(_is_pill(run, style) for run in beside[:1]) and _stands_alone(text[0]):
        return text[0], text[1:], ""
    return "", text, ""


def _stands_alone(char: str) -> bool:
    """Whether a character may be set apart: no half of a pair, no accent, no letter that joins others."""
    return char.isascii() or (char < "\uffff" and unicodedata.category(char)[0] in "PZ")


def wrap(sheet: Sheet, width: float) -> None:
    """Lay a document out at a width; what is longer than a line is broken anywhere."""
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    option.setTabStopDistance(styles().code_character * 4)
    sheet.setDefaultTextOption(option)
    sheet.setTextWidth(max(1.0, width))


def _decorate(page: Page, piece: TextPiece, width: float) -> None:
    """Where quote bars and code grounds go; read from the layout, so it must come after it."""
    layout = page.sheet.documentLayout()
    block = page.sheet.begin()
    above, depth = 1e9, 0
    for para in piece.paras:
        if para.quote or para.style == "code":
            area = layout.blockBoundingRect(block)
            form = block.blockFormat()
            rtl = form.layoutDirection() == Qt.LayoutDirection.RightToLeft
            top = min(area.top(), above)
            start = styles().dp(INDENT) * para.indent
            for level in range(para.quote):
                x = start + styles().dp(QUOTE) * level
                upper = top if level < depth else area.top()
                bar = QRectF(width - x - 3 if rtl else x, upper + 3, 3, area.bottom() + 1 - upper)
                page.bars.append(bar)
            if para.style == "code":
                margin = start + styles().dp(QUOTE) * para.quote
                page.grounds.append(QRectF(margin - 6, area.top(), width - margin + 6, area.height()))
            above, depth = area.bottom(), para.quote
        else:
            above, depth = 1e9, 0
        block = block.next()


def code_page(piece: CodePiece, width: float, colours: Colours | None) -> Page:
    """A slice of code, wrapped; with colours once they are known."""
    page = Page(Sheet())
    cursor = QTextCursor(page.sheet)
    cursor.setBlockFormat(styles().code_block())
    cursor.setBlockCharFormat(styles().code_look("text"))
    if colours is None:
        cursor.insertText(piece.text, styles().code_look("text"))
    else:
        start = 0
        for length, token in colours:
            cursor.insertText(piece.text[start : start + length], styles().code_look(token))
            start += length
        cursor.insertText(piece.text[start:], styles().code_look("text"))
    wrap(page.sheet, width)
    _hang(page.sheet, 0)
    page.height = page.sheet.size().height()
    return page


def append_code(page: Page, more: str) -> None:
    """Go on in an open slice: only the new lines are laid out."""
    cursor = QTextCursor(page.sheet)
    cursor.movePosition(QTextCursor.MoveOperation.End)
    first = cursor.blockNumber()
    cursor.insertText(more, styles().code_look("text"))
    _hang(page.sheet, first)
    page.height = page.sheet.size().height()


def _hang(sheet: QTextDocument, first: int) -> None:
    """A wrapped line of code goes on a little to the right of where it began."""
    fits = sheet.textWidth() / styles().code_character
    block = sheet.findBlockByNumber(first)
    while block.isValid():
        text = block.text()
        if len(text) > fits:
            indent = len(text) - len(text.lstrip(" ")) + 4
            if indent < fits / 2:
                QTextCursor(block).setBlockFormat(styles().code_block(indent))
        block = block.next()
