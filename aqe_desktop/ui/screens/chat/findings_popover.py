"""The list behind the line above the composer: value, place and reason of each finding, with "Not private"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.core.figures import grouped
from aqe_desktop.core.findings import UNREAD, Found
from aqe_desktop.ui.kinds import title
from aqe_desktop.ui.screens.chat.finding_words import value_in_words
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SECONDARY, SEMIBOLD, M, S
from aqe_desktop.ui.widgets.banner import Glyph
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.popover import Popover
from aqe_desktop.ui.widgets.scroll_page import ScrollPage

_WIDTH, _HEIGHT = 460, 320
# Heading, margins, and the distance to the anchor: so much of the height above that is no room for rows.
_AROUND = 80
MOST = 50
"""Rows that are made at once; the next ones come when they are asked for."""
Page = Callable[[int, int], Sequence[tuple[Found, str]]]


class FindingRow(QWidget):
    """One finding. What cannot be called not private, because nobody has read it yet, has no button."""

    dismiss_asked = Signal()

    def __init__(self, found: Found, where: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        head, value = title(found.finding.kind), value_in_words(found)
        self.button = Button("Not private", small=True)
        self.button.setAccessibleName(", ".join(part for part in (f"Not private: {head}", value, where) if part))
        self.button.clicked.connect(self.dismiss_asked)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Label(head, weight=SEMIBOLD if found.binds else 400))
        if value:
            words.addWidget(Label(value, SECONDARY, mono=True))
        words.addWidget(Label(f"{where}. {found.finding.reason}", SECONDARY, token="muted", wrap=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, S - 2, 0, S - 2)
        row.setSpacing(S)
        glyph = Glyph("warning" if found.binds else "info", "danger" if found.binds else "muted")
        row.addWidget(glyph, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.button.setVisible(found.finding.kind != UNREAD and bool(found.value))
        kind = "decides where this may go" if found.binds else "a hint"
        named = ", ".join(part for part in (head, value, where, kind) if part)
        self.setAccessibleName(f"{named}. {found.finding.reason}")


class FindingsPopover(Popover):
    """Opens over the words that count them. `page(first, most)` gives the findings with their places in words, of
    `count` in all. `dismiss_asked(Found)`."""

    dismiss_asked = Signal(object)

    def __init__(self, heading: str, count: int, page: Page, parent: QWidget) -> None:
        super().__init__(heading, parent)
        self.setObjectName("findings")
        self.setFixedWidth(theme().dp(_WIDTH))
        self.rows: list[FindingRow] = []
        self.more = Button("", small=True)
        self.more.clicked.connect(self._show_more)
        self._count, self._give = count, page
        column = QVBoxLayout(self)
        column.setContentsMargins(M, M, M, M)
        column.setSpacing(S)
        column.addWidget(Label(heading, weight=SEMIBOLD))
        self._page = self._scrolled()
        column.addWidget(self._page)
        column.addWidget(self.more)
        self._add_rows()

    def show_above(self, anchor: QWidget) -> None:
        """Open over `anchor`, aligned with its end. The keyboard is on the list and on no act of it: whoever opens it
        by a key and goes on pressing one has read nothing yet."""
        # A page is at least as high as it would be with its words in one narrow column, whatever its width.
        heights = self._list.totalMinimumSize(), self._list.totalSizeHint()
        wanted = max(self._list.totalHeightForWidth(self.width() - 2 * M), *(each.height() for each in heights)) + 2
        room = anchor.mapTo(anchor.window(), QPoint()).y() - theme().dp(_AROUND)
        self._page.setFixedHeight(max(0, min(theme().dp(_HEIGHT), wanted, room)))
        self.adjustSize()
        self.open_above(anchor, at_end=True)
        (self._page if self._page.verticalScrollBar().maximum() else self).setFocus(Qt.FocusReason.TabFocusReason)

    def _add_rows(self) -> None:
        for found, where in self._give(len(self.rows), MOST):
            row = FindingRow(found, where)
            row.dismiss_asked.connect(partial(self._dismiss, found))
            self._list.addWidget(row)
            self.rows.append(row)
        left = self._count - len(self.rows)
        self.more.setText(f"Show {min(MOST, left)} more of {grouped(left)}")
        self.more.setAccessibleName(self.more.text())
        self.more.setVisible(left > 0)

    def _show_more(self) -> None:
        """The keyboard goes on with the first of the new ones."""
        before = len(self.rows)
        self._add_rows()
        if before < len(self.rows):
            self.rows[before].show()  # what is not seen yet takes no keyboard
            self.rows[before].button.setFocus(Qt.FocusReason.TabFocusReason)

    def _scrolled(self) -> ScrollPage:
        content = QWidget()
        content.setObjectName("content")
        column = self._list = QVBoxLayout(content)
        column.setContentsMargins(0, 0, S, 0)
        column.setSpacing(0)
        page = ScrollPage("Findings")
        page.setWidget(content)
        return page

    def _dismiss(self, found: Found) -> None:
        self.close()
        self.dismiss_asked.emit(found)
