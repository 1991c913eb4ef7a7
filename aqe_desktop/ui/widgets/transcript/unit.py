"""One laid-out piece with its height, the grain of virtualisation: its document lives only near the eye."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QTextBlock, QTextCursor, QTextLine

from aqe_desktop.ui.widgets.clean import SOFT_BREAK, utf16_length
from aqe_desktop.ui.widgets.transcript.pieces import CodePiece, Piece, RulePiece, TablePiece, TextPiece
from aqe_desktop.ui.widgets.transcript.render import Colours, Page, append_code, code_page, text_page
from aqe_desktop.ui.widgets.transcript.styles import INDENT, PARAGRAPH_GAP, TIGHT_GAP, styles
from aqe_desktop.ui.widgets.transcript.table import table_page

CODE_HEAD, CODE_PAD, CODE_SIDE = 30, 12, 14
BAR = 12  # pixels below a table that is wider than its place, for its scroll bar
CARD_GAP = 12


class Unit:
    """A piece, its height (estimated until `ensure`), and its page while it is kept.

    Positions are offsets into the flat text, counted as Qt counts; points are relative to the unit's upper left.
    `slid` says by how many pixels a wide table is scrolled from where reading it begins."""

    __slots__ = ("_length", "colours", "gap", "height", "measured", "page", "piece", "slid")

    def __init__(self, piece: Piece, gap: int = 0) -> None:
        self.piece = piece
        self.gap = gap
        self.page: Page | None = None
        self.height = 0
        self.measured = 0.0  # the width that `height` was measured for; 0: an estimate
        self.colours: Colours | None = None
        self.slid = 0.0
        self._length = -1

    @property
    def flat(self) -> str:
        return self.piece.flat

    @property
    def length(self) -> int:
        if self._length < 0:
            self._length = utf16_length(self.flat)
        return self._length

    @property
    def offset(self) -> QPointF:
        """Where the document starts within the unit."""
        piece, page = self.piece, self.page
        x = float(styles().dp(INDENT) * getattr(piece, "indent", 0)) if not isinstance(piece, TextPiece) else 0.0
        if isinstance(piece, CodePiece):
            head = styles().dp(CODE_HEAD) + styles().dp(CODE_PAD) if piece.first else 0
            return QPointF(x + styles().dp(CODE_SIDE), head)
        if page is not None and page.bands:
            return QPointF(page.room - page.width + self.slid, 0.0)
        return QPointF(x - self.slid, 0.0)

    @property
    def over(self) -> float:
        """By how many pixels the unit is wider than its place."""
        return self.page.over if self.page is not None else 0.0

    @property
    def box(self) -> QRectF:
        """The place through which a wide table is seen, its bar included."""
        room = self.page.room if self.page is not None else 0.0
        return QRectF(self.offset.x() + (self.over - self.slid if self.mirrored else self.slid), 0, room, self.height)

    @property
    def mirrored(self) -> bool:
        """Whether this is a table that begins at the right."""
        return self.page is not None and bool(self.page.bands)

    def slide(self, to: float) -> bool:
        """Scroll sideways; whether that moved anything."""
        before, self.slid = self.slid, max(0.0, min(float(round(to)), self.over))
        return self.slid != before

    def bring(self, position: int, margin: float) -> bool:
        """Scroll sideways as little as needed for a position to be seen; whether that moved anything."""
        if not self.over:
            return False
        x, box = self.caret(position).x(), self.box.adjusted(margin, 0, -margin, 0)
        beyond = max(0.0, x - box.right()) + min(0.0, x - box.left())
        return bool(beyond) and self.slide(self.slid + (-beyond if self.mirrored else beyond))

    def estimate(self, width: float) -> None:
        """A height from the amount of text alone."""
        style, piece = styles(), self.piece
        if isinstance(piece, CodePiece):
            per_line = max(10.0, width / style.code_character)
            lines = piece.text.count("\n") + 1 + len(piece.text) // (per_line * 4)
            self.height = round(lines * style.code_line) + self._chrome()
        elif isinstance(piece, TablePiece):
            self.height = len(piece.rows) * style.dp(32)
        elif isinstance(piece, TextPiece):
            per_line = max(10.0, width / style.character)
            lines = sum(1 + len(para.text) // per_line for para in piece.paras)
            self.height = round(lines * style.line)
        else:
            self.height = 1

    def ensure(self, width: float) -> bool:
        """Lay out at this width if that is not done; True if the height has changed."""
        if self.page is not None and self.measured == width:
            return False
        before, known = self.height, self.measured == width
        self.page = self._lay_out(width)
        self.measured = width
        self.slid = min(self.slid, self.over)
        self.height = 1 if self.page is None else self._whole()
        return not known and self.height != before

    def _lay_out(self, width: float) -> Page | None:
        piece = self.piece
        self.page = None  # where it lay says nothing of where it will
        inner = width - self.offset.x() - self.slid
        if isinstance(piece, CodePiece):
            return code_page(piece, inner - styles().dp(CODE_SIDE), self.colours)
        if isinstance(piece, TablePiece):
            return table_page(piece, inner)
        if isinstance(piece, TextPiece):
            return text_page(piece, inner)
        return None

    def _whole(self) -> int:
        """Whole pixels, so that what is moved on screen and what is painted anew fall together."""
        assert self.page is not None
        return ceil(self.page.height) + self._chrome()

    def _chrome(self) -> int:
        piece = self.piece
        if not isinstance(piece, CodePiece):
            return styles().dp(BAR) if self.over else 0
        pad = styles().dp(CODE_PAD)
        return (styles().dp(CODE_HEAD) + pad if piece.first else 0) + (pad if piece.last else 0)

    def drop(self) -> None:
        """Forget the document; the height is kept."""
        self.page = None

    def invalidate(self) -> None:
        """The theme has changed: the height becomes an estimate."""
        self.page, self.measured = None, 0.0

    def take(self, piece: Piece) -> bool:
        """Become `piece`, which is the same or the same and more; False if only a new unit can show it."""
        if piece == self.piece:
            return True
        mine = self.piece
        if not (isinstance(piece, CodePiece) and isinstance(mine, CodePiece)):
            return False
        same = (piece.info, piece.group, piece.first, piece.indent) == (mine.info, mine.group, mine.first, mine.indent)
        if not same or not piece.text.startswith(mine.text):
            return False
        more = piece.text[len(mine.text) :]
        self.piece, self._length = piece, -1
        if self.page is not None:
            append_code(self.page, more)
            self.height = self._whole()
        return True

    def position_at(self, point: QPointF) -> int:
        """The nearest text position to a point."""
        if self.page is None or not self.length:
            return 0
        inside = self.page.laid(point - self.offset)
        hit = self.page.sheet.documentLayout().hitTest(inside, Qt.HitTestAccuracy.FuzzyHit)
        return min(self.length, max(0, self.page.outside(hit)))

    def link_at(self, point: QPointF) -> str:
        """The address of the link under a point, or nothing."""
        if self.page is None or not self.page.links or (self.over and not self.box.contains(point)):
            return ""
        inside = self.page.laid(point - self.offset)
        hit = self.page.sheet.documentLayout().hitTest(inside, Qt.HitTestAccuracy.ExactHit)
        return next((link.href for link in self.page.links if link.start <= hit < link.end), "")

    def caret(self, position: int) -> QRectF:
        """The line-high rectangle at a position; empty without a page."""
        if self.page is None:
            return QRectF()
        block, line, inside = self._line_at(position)
        if line is None:
            return QRectF()
        top_left = self.page.sheet.documentLayout().blockBoundingRect(block).topLeft()
        x, _ = _x_of(line, inside)
        area = QRectF(top_left.x() + x, top_left.y() + line.y(), 1.0, line.height())
        return self.page.seen(area).translated(self.offset)

    def _line_at(self, position: int) -> tuple[QTextBlock, QTextLine | None, int]:
        assert self.page is not None
        position = self.page.inside(position)
        block = self.page.sheet.findBlock(position)
        if not block.isValid():
            block = self.page.sheet.lastBlock()
        inside = min(max(0, position - block.position()), block.length() - 1)
        line = block.layout().lineForTextPosition(inside)
        return block, line if line.isValid() else None, inside

    def rects(self, start: int, end: int) -> list[QRectF]:
        """The rectangles of a stretch of text: one per line, more where both directions meet in it."""
        if self.page is None or end <= start:
            return []
        return self.areas(self.page.inside(start), self.page.inside(end))

    def areas(self, start: int, end: int) -> list[QRectF]:
        """The same of a stretch of the document."""
        assert self.page is not None
        found: list[QRectF] = []
        layout = self.page.sheet.documentLayout()
        block = self.page.sheet.findBlock(start)
        while block.isValid() and block.position() < end:
            origin = layout.blockBoundingRect(block).topLeft()
            found.extend(_line_rects(block, start - block.position(), end - block.position(), origin))
            block = block.next()
        return [self.page.seen(area).translated(self.offset) for area in found]

    def word_at(self, position: int) -> tuple[int, int]:
        return self._around(position, QTextCursor.SelectionType.WordUnderCursor)

    def block_at(self, position: int) -> tuple[int, int]:
        """The paragraph, cell or line of code around a position."""
        return self._around(position, QTextCursor.SelectionType.BlockUnderCursor)

    def _around(self, position: int, kind: QTextCursor.SelectionType) -> tuple[int, int]:
        if self.page is None:
            return position, position
        cursor = QTextCursor(self.page.sheet)
        cursor.setPosition(self.page.inside(position))
        if kind == QTextCursor.SelectionType.BlockUnderCursor:
            block = cursor.block()
            first, last = block.position(), block.position() + block.length() - 1
        else:
            cursor.select(kind)
            first, last = cursor.selectionStart(), cursor.selectionEnd()
        return max(0, self.page.outside(first)), min(self.length, self.page.outside(last))

    def copied(self, text: str) -> str:
        """A stretch of this unit's text as it goes to the clipboard."""
        if isinstance(self.piece, TextPiece):
            broken = self.piece.paras[0].style != "plain"
            return text.replace(SOFT_BREAK, "\n" if broken else "").replace("\u2022\t", "\u2022 ")
        return text.replace(SOFT_BREAK, "")


def _x_of(line: QTextLine, position: int) -> tuple[float, int]:
    found: object = line.cursorToX(position)
    if isinstance(found, tuple):
        return float(found[0]), int(found[1])
    assert isinstance(found, float | int)
    return float(found), position


def _line_rects(block: QTextBlock, start: int, end: int, origin: QPointF) -> list[QRectF]:
    found: list[QRectF] = []
    layout = block.layout()
    simple = block.text().isascii()
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        first, last = max(start, line.textStart()), min(end, line.textStart() + line.textLength())
        if first >= last:
            continue
        spans = [(_x_of(line, first)[0], _x_of(line, last)[0])] if simple else _spans(line, first, last)
        for left, right in spans:
            found.append(QRectF(origin.x() + left, origin.y() + line.y(), right - left, line.height()))
    return found


def _spans(line: QTextLine, first: int, last: int) -> list[tuple[float, float]]:
    """From where to where a stretch is drawn: what follows in the text may stand elsewhere."""
    spans: list[tuple[float, float]] = []
    areas = (run.boundingRect() for run in line.glyphRuns(first, last - first))
    for left, right in sorted((area.left(), area.right()) for area in areas):
        if spans and left <= spans[-1][1] + 0.5:
            spans[-1] = spans[-1][0], max(right, spans[-1][1])
        elif right > left:
            spans.append((left, right))
    return spans


def gap_above(piece: Piece, before: Piece | None) -> int:
    """Pixels between a piece and the one above it."""
    if before is None:
        return 0
    dp = styles().dp
    if isinstance(piece, CodePiece) and not piece.first:
        return 0
    if isinstance(piece, TextPiece):
        if piece.glued:
            return 0 if piece.paras[0].style == "plain" else dp(TIGHT_GAP)
        gap = styles().gap(piece.paras[0])
        return max(gap, dp(CARD_GAP)) if isinstance(before, CodePiece | TablePiece) else gap
    return dp(PARAGRAPH_GAP if isinstance(piece, RulePiece) else CARD_GAP)
