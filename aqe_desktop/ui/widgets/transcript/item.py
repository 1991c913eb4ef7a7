"""One message in the column: where everything in it lies, from its head to the row of actions below it."""

from __future__ import annotations

from bisect import bisect_right

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF

from aqe_desktop.ui.widgets.transcript import files, notice
from aqe_desktop.ui.widgets.transcript.body import LEAD_GAP, Body
from aqe_desktop.ui.widgets.transcript.model import TranscriptMessage
from aqe_desktop.ui.widgets.transcript.styles import styles
from aqe_desktop.ui.widgets.transcript.unit import Unit, gap_above

TOP, HEAD, HEAD_GAP, FOOT = 8, 24, 8, 30
OWN_FOOT = 20  # a question and the answer to it belong together
FOLD, FOLD_GAP = 24, 4
BUBBLE_SIDE, BUBBLE_PAD, BUBBLE_PART = 14, 9, 0.74
FILE_SIDE = 10  # pixels between a bubble's edge and its files
RISE = 2  # text stands low in its line; a bubble is the one place where that shows
_SHORT = 2_000  # characters up to which a bubble is as narrow as its text


class Item(Body):
    """A message and its geometry. Heights are whole pixels; `width` is the column's."""

    def __init__(self, message: TranscriptMessage) -> None:
        super().__init__(message)
        self._tops: list[float] = []
        self._sound = 0  # how many of the tops are right
        self._width = 0.0
        self._natural = 0.0
        self._estimate = 0.0
        self._notice: notice.Notice | None = None
        self._chips: list[QRectF] | None = None

    def change(self, message: TranscriptMessage) -> None:
        self._natural = self._estimate = 0.0
        self._chips = None
        super().change(message)

    @property
    def open_top(self) -> float:
        """Where the part begins that more text may change."""
        return self.tops[min(self.fixed, len(self.units))] - styles().line if self.units else 0.0

    @property
    def text_width(self) -> float:
        if not self._width:
            return 700.0
        if not self.message.own:
            return self._width
        inner = max(40.0, self._width * BUBBLE_PART - 2 * styles().dp(BUBBLE_SIDE))
        return min(inner, max(self._natural_width(), self._files_width()))

    def _natural_width(self) -> float:
        """How wide the text of a short question is; wider than any column for a long one."""
        if not self._natural:
            text = self.source
            if len(text) > _SHORT or "```" in text or "~~~" in text:
                self._natural = 1e6
            else:
                metrics = QFontMetricsF(styles().text_font)
                self._natural = max(metrics.horizontalAdvance(line) for line in text.split("\n")) + 2.0
        return self._natural

    def _files_width(self) -> float:
        """What the text would have to be wide for the bubble to hold its files."""
        right = max((area.right() for area in self.chips), default=0.0)
        return right - 2 * styles().dp(BUBBLE_SIDE - FILE_SIDE)

    @property
    def chips(self) -> list[QRectF]:
        """The places of the attachments, relative to the first of them."""
        if self._chips is None:
            room = self._width * BUBBLE_PART - 2 * styles().dp(FILE_SIDE)
            self._chips = files.lay_out(self.message.attachments, max(40.0, room))
        return self._chips

    def set_width(self, width: float) -> None:
        if width == self._width:
            return
        self._width = width
        self._chips = None
        self._moved()
        for unit in self.units:
            if not unit.measured:
                unit.estimate(self.text_width)
        self._estimate = 0.0

    def restyle(self) -> None:
        """The theme or the scale has changed."""
        self._natural = self._estimate = 0.0
        self._chips = None
        self.forget_folded()
        self._moved()
        for number, unit in enumerate(self.units):
            unit.invalidate()
            first = number in (0, self.lead)
            unit.gap = gap_above(unit.piece, None if first else self.units[number - 1].piece)
            if first and number:
                unit.gap = styles().dp(LEAD_GAP)

    @property
    def has_head(self) -> bool:
        message = self.message
        return not message.own and bool(message.chip or message.meta or message.role == "assistant")

    @property
    def has_notice(self) -> bool:
        return bool(self.notice or self.offers)

    @property
    def layout(self) -> notice.Notice:
        """Of the notice; only where there is one."""
        if self._notice is None:
            self._notice = notice.lay_out(self.notice, self.message.hint, self.offers, self._width or 700.0)
        return self._notice

    @property
    def notice_top(self) -> float:
        """The upper edge of the notice's box."""
        return self.text_bottom + styles().dp(notice.ABOVE)

    @property
    def top(self) -> int:
        """Pixels above the message; an answer stands close to its question."""
        return styles().dp(TOP) if self.message.own else 0

    @property
    def fold_top(self) -> float:
        """Where the line stands that unfolds the reasoning."""
        dp = styles().dp
        return self.top + (dp(HEAD) + dp(HEAD_GAP) if self.has_head else 0)

    @property
    def body_top(self) -> float:
        """Where the text starts."""
        dp = styles().dp
        if self.message.own:
            return self.top + dp(BUBBLE_PAD) - RISE + self._files_height
        return self.fold_top + (dp(FOLD) + dp(FOLD_GAP) if self.has_reasoning else 0)

    @property
    def _files_height(self) -> float:
        bottom = max((area.bottom() for area in self.chips), default=0.0)
        return bottom + styles().dp(files.GAP) if bottom else 0.0

    @property
    def tops(self) -> list[float]:
        """The upper edge of each unit, and below them the end of the last; only what has moved is added up again."""
        count = len(self.units)
        if self._sound <= count:
            tops = self._tops
            del tops[self._sound :]
            before = self.units[self._sound - 1] if self._sound else None
            end = tops[-1] + before.height if before else self.body_top
            for unit in self.units[self._sound :]:
                tops.append(end + unit.gap)
                end = tops[-1] + unit.height
            tops.append(end)
            self._sound = count + 1
        return self._tops

    def _moved(self, index: int = 0) -> None:
        """The tops from this unit on are wrong."""
        self._sound = min(self._sound, index)
        self._notice = None

    @property
    def body_bottom(self) -> float:
        """Where the text ends."""
        bottom = self.tops[-1]
        if not self.units and (self.message.progress or self.streaming):
            bottom += styles().line
        return bottom

    @property
    def bubble(self) -> QRectF:
        """The ground of a question, relative to the message."""
        dp = styles().dp
        width = self.text_width + 2 * dp(BUBBLE_SIDE)
        top = self.top
        return self.placed(QRectF(self._width - width, top, width, self.text_bottom - top))

    def placed(self, rect: QRectF) -> QRectF:
        """A rectangle thought from the left, where it belongs in the window's reading direction."""
        if not styles().mirrored:
            return rect
        return QRectF(self._width - rect.right(), rect.top(), rect.width(), rect.height())

    @property
    def text_bottom(self) -> float:
        """The lower edge of the text and of the ground behind it."""
        if not self.message.own:
            return self.body_bottom
        only_files = self.known and not self.units and self.message.attachments
        return self.body_bottom + styles().dp(BUBBLE_PAD) + (-styles().dp(files.GAP) if only_files else RISE)

    @property
    def foot_top(self) -> float:
        """Where the row of actions stands."""
        if not self.has_notice:
            return self.text_bottom
        return self.notice_top + self.layout.height + styles().dp(notice.BELOW)

    @property
    def foot(self) -> int:
        """Pixels kept for the row of actions, which is also the distance to the next message."""
        return styles().dp(OWN_FOOT if self.message.own else FOOT)

    @property
    def waits(self) -> str:
        """What an answer that is gone on with waits for; it stands in the row of actions, so that nothing moves."""
        return self.message.progress if self.streaming and self.units else ""

    @property
    def height(self) -> float:
        if not self.known:
            return self._estimated()
        return self.foot_top + self.foot

    def _estimated(self) -> float:
        if not self._estimate:
            text = self.source
            per_line = max(10.0, self.text_width / styles().character)
            lines = text.count("\n") * 0.8 + len(text) / per_line + 1
            self._estimate = round(self.body_top + lines * styles().line + self.foot)
        return self._estimate

    @property
    def column_width(self) -> float:
        return self._width

    @property
    def foot_right(self) -> float:
        """Where the row of actions of a question ends."""
        return self._width + styles().dp(8)

    @property
    def text_left(self) -> float:
        """Where the text starts from the column's left."""
        if not self.message.own:
            return 0.0
        side = styles().dp(BUBBLE_SIDE)
        return float(side) if styles().mirrored else self._width - self.text_width - side

    def unit_at(self, y: float) -> int:
        """The unit at or above a height within the message; 0 without units."""
        return max(0, min(len(self.units) - 1, bisect_right(self.tops, y, hi=len(self.units)) - 1))

    def measure(self, top: float, bottom: float) -> tuple[bool, list[Unit]]:
        """Lay out what lies between two heights: whether anything moved, and what is on show."""
        if not self.units or bottom < 0:
            return False, []
        moved, shown = False, []
        index = self.unit_at(max(0.0, top))
        width, y = self.text_width, self.tops[index]
        while index < len(self.units) and y < bottom:
            unit = self.units[index]
            if unit.ensure(width):
                moved = True
                self._moved(index + 1)
            shown.append(unit)
            index += 1
            y += unit.height + (self.units[index].gap if index < len(self.units) else 0)
        return moved, shown
