"""The list behind the line above the composer: each finding with its place and reason, and "Not private" beside it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.core.findings import UNREAD, Found
from aqe_desktop.ui.kinds import title
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
"""Rows; who has more than that to look through needs another place for them."""


class FindingRow(QWidget):
    """One finding. What cannot be called not private, because nobody has read it yet, has no button."""

    dismiss_asked = Signal()

    def __init__(self, found: Found, where: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        head = title(found.finding.kind)
        self.button = Button("Not private", small=True)
        self.button.setAccessibleName(f"Not private: {head}, {where}")
        self.button.clicked.connect(self.dismiss_asked)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Label(f"{head} · {where}", weight=SEMIBOLD if found.binds else 400))
        words.addWidget(Label(found.finding.reason, SECONDARY, token="muted", wrap=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, S - 2, 0, S - 2)
        row.setSpacing(S)
        glyph = Glyph("warning" if found.binds else "info", "danger" if found.binds else "muted")
        row.addWidget(glyph, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.button.setVisible(found.finding.kind != UNREAD and bool(found.value))
        kind = "decides where this may go" if found.binds else "a hint"
        self.setAccessibleName(f"{head}, {where}, {kind}. {found.finding.reason}")


class FindingsPopover(Popover):
    """Opens over the words that count them. `dismiss_asked(Found)`."""

    dismiss_asked = Signal(object)

    def __init__(self, heading: str, found: Sequence[tuple[Found, str]], parent: QWidget) -> None:
        super().__init__(heading, parent)
        self.setObjectName("findings")
        self.setFixedWidth(theme().dp(_WIDTH))
        self.rows = [FindingRow(each, where) for each, where in found[:MOST]]
        column = QVBoxLayout(self)
        column.setContentsMargins(M, M, M, M)
        column.setSpacing(S)
        column.addWidget(Label(heading, weight=SEMIBOLD))
        self._page = self._scrolled()
        column.addWidget(self._page)
        if len(found) > MOST:
            column.addWidget(Label(f"and {len(found) - MOST} more", SECONDARY, token="muted"))
        for row, (each, _) in zip(self.rows, found, strict=False):
            row.dismiss_asked.connect(partial(self._dismiss, each))

    def show_above(self, anchor: QWidget) -> None:
        """Open over `anchor`, aligned with its end, with the keyboard on the first act."""
        # A page is at least as high as it would be with its words in one narrow column, whatever its width.
        heights = self._list.totalMinimumSize(), self._list.totalSizeHint()
        wanted = max(self._list.totalHeightForWidth(self.width() - 2 * M), *(each.height() for each in heights)) + 2
        room = anchor.mapTo(anchor.window(), QPoint()).y() - theme().dp(_AROUND)
        self._page.setFixedHeight(max(0, min(theme().dp(_HEIGHT), wanted, room)))
        self.adjustSize()
        self.open_above(anchor, at_end=True)
        first = next((row.button for row in self.rows if row.button.isVisible()), None)
        (first or self).setFocus(Qt.FocusReason.TabFocusReason)

    def _scrolled(self) -> ScrollPage:
        content = QWidget()
        content.setObjectName("content")
        column = self._list = QVBoxLayout(content)
        column.setContentsMargins(0, 0, S, 0)
        column.setSpacing(0)
        for row in self.rows:
            column.addWidget(row)
        page = ScrollPage("Findings")
        page.setWidget(content)
        return page

    def _dismiss(self, found: Found) -> None:
        self.close()
        self.dismiss_asked.emit(found)
