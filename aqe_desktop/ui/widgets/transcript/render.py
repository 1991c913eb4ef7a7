"""Pieces to text documents: built by cursor, never from HTML, so there is no markup in which a resource could hide."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QImage,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextLength,
    QTextOption,
    QTextTable,
    QTextTableFormat,
)

from aqe_desktop.ui.widgets.clean import utf16_length
from aqe_desktop.ui.widgets.transcript.pieces import CodePiece, Look, Run, TablePiece, TextPiece
from aqe_desktop.ui.widgets.transcript.styles import INDENT, QUOTE, styles

CELL_PADDING, CELL_LINE = 7, 18
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


@dataclass(slots=True)
class Page:
    """A laid-out piece: the document and what the view paints behind its text.

    `base` is the document position of the first character of the piece's flat text."""

    sheet: Sheet
    height: float = 0.0
    base: int = 0
    links: list[Link] = field(default_factory=list)
    pills: list[tuple[int, int]] = field(default_factory=list)
    grounds: list[QRectF] = field(default_factory=list)
    bars: list[QRectF] = field(default_factory=list)
    lines: list[QRectF] = field(default_factory=list)


def text_page(piece: TextPiece, width: float) -> Page:
    """Paragraphs laid out at a width in pixels."""
    page = Page(Sheet())
    cursor = QTextCursor(page.sheet)
    for number, para in enumerate(piece.paras):
        rtl = reads_right_to_left(para.text)
        form = styles().block(para, first=number == 0, rtl=rtl)
        cursor.setBlockFormat(form) if number == 0 else cursor.insertBlock(form)
        cursor.setBlockCharFormat(styles().look(para.style, Look.PLAIN))
        runs = para.runs
        if rtl and para.marked:  # a tab stop does not work from the right; the space is as long in characters
            runs = (Run(runs[0].text.replace("\t", "\u2003"), runs[0].look), *runs[1:])
        _insert_runs(page, cursor, runs, para.style, rtl=rtl)
    _wrap(page.sheet, width)
    _decorate(page, piece, width)
    page.height = page.sheet.size().height()
    return page


def _insert_runs(
    page: Page, cursor: QTextCursor, runs: tuple[Run, ...], style: str, extra: int = Look.PLAIN, *, rtl: bool = False
) -> None:
    position = cursor.position()
    for number, run in enumerate(runs):
        look = run.look | extra
        pill = _is_pill(run, style)
        head, body, tail = _roomy(run.text, pill, runs[number - 1 : number] + runs[number + 1 : number + 2], style, rtl)
        for text, spaced in ((head, Look.SPACED), (body, Look.PLAIN), (tail, Look.SPACED)):
            if text:
                cursor.insertText(text, styles().look(style, look | spaced))
        end = position + utf16_length(run.text)
        if run.href:
            page.links.append(Link(position, end, run.href))
        if pill:
            page.pills.append((position, end))
        position = end


def _is_pill(run: Run, style: str) -> bool:
    return bool(run.look & Look.CODE) and style != "code"


def _roomy(text: str, pill: bool, beside: tuple[Run, ...], style: str, rtl: bool) -> tuple[str, str, str]:
    """A run in three parts, of which the outer ones get letter spacing: the only room a pill can have beside it."""
    if not text or not text[-1].isascii() or not text[0].isascii():
        return "", text, ""
    if pill or (not rtl and any(_is_pill(run, style) for run in beside[-1:])):
        return "", text[:-1], text[-1]
    if rtl and any(_is_pill(run, style) for run in beside[:1]):
        return text[0], text[1:], ""
    return "", text, ""


def _wrap(sheet: Sheet, width: float) -> None:
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


def table_page(piece: TablePiece, width: float) -> Page:
    """A table as wide as it needs, at most `width`."""
    page = Page(Sheet(), base=1)
    columns = max((len(row) for row in piece.rows), default=0)
    if not columns:
        return page
    cursor = QTextCursor(page.sheet)
    form = QTextTableFormat()
    form.setBorder(0)
    form.setCellSpacing(0)
    form.setCellPadding(styles().dp(CELL_PADDING))
    table = cursor.insertTable(len(piece.rows), columns, form)
    for y, row in enumerate(piece.rows):
        for x, cell in enumerate(row):
            _fill(page, table, (y, x), cell, piece.aligns[x] if x < len(piece.aligns) else "left")
    _fit(page, table, width)
    layout = page.sheet.documentLayout()
    page.height = layout.frameBoundingRect(table).height()
    _rule_rows(page, table, columns)
    return page


def _fill(page: Page, table: QTextTable, place: tuple[int, int], cell: tuple[Run, ...], align: str) -> None:
    cursor = table.cellAt(*place).firstCursorPosition()
    head = place[0] == 0
    rtl = reads_right_to_left("".join(run.text for run in cell))
    form = QTextBlockFormat()
    form.setLineHeight(styles().dp(CELL_LINE), QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    form.setLayoutDirection(Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight)
    form.setAlignment(
        {"center": Qt.AlignmentFlag.AlignHCenter, "right": Qt.AlignmentFlag.AlignRight}.get(
            align, Qt.AlignmentFlag.AlignLeft
        )
    )
    cursor.setBlockFormat(form)
    _insert_runs(page, cursor, cell, "th" if head else "td", Look.BOLD | Look.FAINT if head else Look.PLAIN)


def _fit(page: Page, table: QTextTable, width: float) -> None:
    """Natural width if that fits; else the columns share what there is."""
    _wrap(page.sheet, 1e6)
    natural = page.sheet.idealWidth()
    if natural > width:
        form = table.format()
        form.setWidth(QTextLength(QTextLength.Type.FixedLength, width))
        table.setFormat(form)
    page.sheet.setTextWidth(max(1.0, width))


def _rule_rows(page: Page, table: QTextTable, columns: int) -> None:
    layout = page.sheet.documentLayout()
    padding = styles().dp(CELL_PADDING)
    frame = layout.frameBoundingRect(table)
    for row in range(table.rows()):
        bottom = 0.0
        for column in range(columns):
            block: QTextBlock = table.cellAt(row, column).lastCursorPosition().block()
            bottom = max(bottom, layout.blockBoundingRect(block).bottom())
        page.lines.append(QRectF(0, round(bottom + padding) - 1, frame.width(), 1))


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
    _wrap(page.sheet, width)
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


def reads_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction goes from right to left."""
    if text.isascii():
        return False
    for char in text[:400]:
        kind = unicodedata.bidirectional(char)
        if kind in ("R", "AL"):
            return True
        if kind == "L":
            return False
    return False
