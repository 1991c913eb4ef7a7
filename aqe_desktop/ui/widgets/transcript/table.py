"""A table to a page: columns never narrower than can be read, mirrored where its words go from right to left."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextLength,
    QTextOption,
    QTextTable,
    QTextTableFormat,
)

from aqe_desktop.ui.widgets.transcript.bidi import runs_read_right_to_left, table_reads_right_to_left
from aqe_desktop.ui.widgets.transcript.pieces import Look, Run, TablePiece
from aqe_desktop.ui.widgets.transcript.render import Band, Page, Sheet, insert_runs, wrap
from aqe_desktop.ui.widgets.transcript.styles import PILL_ROOM, styles

_PADDING, _LINE = 7, 18
_SINK = 3  # text stands low in its line: a rule so much lower lies in the middle between two rows
# Pixels of a column: words are wrapped down to the first, a long word is kept whole up to the second.
_LEAST, _WORD = 96, 240
_LEAST_AT_EASE, _WORD_AT_EASE = 220, 480  # in a table that is scrolled sideways anyway
_ENDLESS = 1e6


def table_page(piece: TablePiece, room: float) -> Page:
    """A table as wide as it needs: up to `room` pixels if its columns can be read at that, else wider."""
    page = Page(Sheet(), base=1, room=room)
    columns = max((len(row) for row in piece.rows), default=0)
    if not columns:
        return page
    page.sheet.setLayoutEnabled(False)
    mirrored = table_reads_right_to_left(piece.rows)
    table = QTextCursor(page.sheet).insertTable(len(piece.rows), columns, _format())
    for y, row in enumerate(piece.rows):
        for x, cell in enumerate(row):
            _fill(page, table, (y, x), cell, _side(piece.aligns[x] if x < len(piece.aligns) else "left", mirrored))
    widths = _fit(page.sheet, table, room)
    page.width = sum(widths)
    page.height = page.sheet.documentLayout().frameBoundingRect(table).height() + styles().dp(_SINK)
    page.bands = _bands(widths) if mirrored else []
    _rule_rows(page, table, columns)
    return page


def _format() -> QTextTableFormat:
    form = QTextTableFormat()
    form.setBorder(0)
    form.setCellSpacing(0)
    form.setCellPadding(styles().dp(_PADDING))
    return form


def _side(align: str, mirrored: bool) -> Qt.AlignmentFlag:
    """Of a column; what a mirrored table leaves open begins at the right, whatever a cell's own words do."""
    if align == "center":
        return Qt.AlignmentFlag.AlignHCenter
    if mirrored:
        return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute
    return Qt.AlignmentFlag.AlignRight if align == "right" else Qt.AlignmentFlag.AlignLeft


def _fill(page: Page, table: QTextTable, place: tuple[int, int], cell: tuple[Run, ...], side: Qt.AlignmentFlag) -> None:
    cursor = table.cellAt(*place).firstCursorPosition()
    head = place[0] == 0
    rtl = runs_read_right_to_left(cell)
    form = QTextBlockFormat()
    form.setLineHeight(styles().dp(_LINE), QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    form.setLayoutDirection(Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight)
    form.setAlignment(side)
    cursor.setBlockFormat(form)
    insert_runs(page, cursor, cell, "th" if head else "td", Look.BOLD | Look.FAINT if head else Look.PLAIN, rtl=rtl)


def _fit(sheet: Sheet, table: QTextTable, room: float) -> list[int]:
    """Give each column its width."""
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    sheet.setDefaultTextOption(option)
    sheet.setTextWidth(_ENDLESS)
    sheet.setLayoutEnabled(True)
    sheet.size()
    widths = shared([_wants(table, column) for column in range(table.columns())], room)
    sheet.setLayoutEnabled(False)
    form = table.format()
    form.setColumnWidthConstraints([QTextLength(QTextLength.Type.FixedLength, width) for width in widths])
    table.setFormat(form)
    wrap(sheet, _ENDLESS)
    sheet.setLayoutEnabled(True)
    return widths


def _wants(table: QTextTable, column: int) -> tuple[int, int, int]:
    """The width at which a column can still be read, the one at ease, and the one at which nothing in it is wrapped."""
    dp, widest, longest = styles().dp, 0.0, 0.0
    for row in range(table.rows()):
        layout = table.cellAt(row, column).firstCursorPosition().block().layout()
        widest, longest = max(widest, layout.maximumWidth()), max(longest, layout.minimumWidth())
    padding = 2 * dp(_PADDING)
    # Qt does not count a pill's last letter, which is set apart, as a part of its word.
    natural, word = ceil(widest) + padding + 1, ceil(longest + styles().code_character) + PILL_ROOM + padding + 1
    least = min(natural, max(dp(_LEAST), min(word, dp(_WORD))))
    return least, min(natural, max(dp(_LEAST_AT_EASE), min(word, dp(_WORD_AT_EASE)))), natural


def shared(wanted: Sequence[tuple[int, int, int]], room: float) -> list[int]:
    """Widths for columns of (least, at ease, natural) width: natural if all fit, else the rest is shared by need.

    Where not even the least ones fit, the table is wider than its room, and then no column is narrow."""
    least, natural = sum(each[0] for each in wanted), sum(each[2] for each in wanted)
    if natural <= room:
        return [high for _, _, high in wanted]
    if least > room:
        return [ease for _, ease, _ in wanted]
    share = (room - least) / (natural - least)
    return [low + int((high - low) * share) for low, _, high in wanted]


def _bands(widths: Sequence[int]) -> list[Band]:
    """The first column at the right."""
    bands: list[Band] = []
    laid, seen = 0, sum(widths)
    for width in widths:
        seen -= width
        bands.append(Band(laid, seen, width))
        laid += width
    return bands


def _rule_rows(page: Page, table: QTextTable, columns: int) -> None:
    layout = page.sheet.documentLayout()
    below = styles().dp(_PADDING) + styles().dp(_SINK)
    for row in range(table.rows()):
        bottom = 0.0
        for column in range(columns):
            block: QTextBlock = table.cellAt(row, column).lastCursorPosition().block()
            bottom = max(bottom, layout.blockBoundingRect(block).bottom())
        page.lines.append(QRectF(0, round(bottom + below) - 1, page.width, 1))
