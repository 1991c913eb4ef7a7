"""The list, and all that its chosen row holds: what a check needs and a column has no room for."""

from __future__ import annotations

import json

from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.core.ledger import Row, as_json
from aqe_desktop.ui.screens.ledger.table import LedgerTable
from aqe_desktop.ui.screens.ledger.words import facts_of
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import INSPECTOR, SECONDARY, L, M
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.card import Ground
from aqe_desktop.ui.widgets.label import Label, SectionLabel
from aqe_desktop.ui.widgets.scroll_page import ScrollPage

# Below this width the details stand under the list, and are so high.
_NARROW, _LOW = 800, 200


class RowDetails(ScrollPage):
    """Nothing is cut here: a hash that is to be compared is of no use in part."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("The chosen row", parent)
        content = QWidget()
        content.setObjectName("content")
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(L, L, L, L)
        self._column.setSpacing(2)
        self.copying: Button | None = None
        self.setWidget(content)

    def show_row(self, row: Row | None) -> None:
        while item := self._column.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for name, value in facts_of(row) if row is not None else ():
            self._column.addWidget(SectionLabel(name))
            self._column.addWidget(Label(_breakable(value), SECONDARY, wrap=True, mono=True))
            self._column.addSpacing(M - 2)
        if row is not None:
            self.copying = _copying(row)
            self._column.addWidget(self.copying)
        self._column.addStretch(1)


def _copying(row: Row) -> Button:
    """The row as an export has it: to select its words would copy the places where a hash may break as well."""
    button = Button("Copy as JSON", icon="copy", small=True)
    text = json.dumps({**as_json(row.seq, row.previous, row.entry), "hash": row.hash}, indent=2)
    button.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
    return button


class WithDetails(QWidget):
    """The list has all of the room until a row is chosen."""

    def __init__(self, table: LedgerTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.details = RowDetails()
        self._pane = Ground("app", "left")
        inside = QVBoxLayout(self._pane)
        inside.setContentsMargins(1, 1, 0, 0)
        inside.addWidget(self.details)
        self._flow = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._flow.setContentsMargins(0, 0, 0, 0)
        self._flow.setSpacing(0)
        self._flow.addWidget(table, 1)
        self._flow.addWidget(self._pane)
        self._pane.hide()
        table.row_chosen.connect(self._show)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < theme().dp(_NARROW)
        self._flow.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        self._pane.setMinimumWidth(0 if narrow else theme().dp(INSPECTOR))
        self._pane.setMaximumWidth(self.width() if narrow else theme().dp(INSPECTOR))
        self._pane.setMaximumHeight(theme().dp(_LOW) if narrow else self.height())

    def _show(self, row: Row | None) -> None:
        self.details.show_row(row)
        self._pane.setVisible(row is not None)


def _breakable(text: str) -> str:
    """A hash has no place to break a line at, so it gets one after every eight of its digits."""
    words = (word if len(word) < 24 else "\u200b".join(_eights(word)) for word in text.split(" "))
    return " ".join(words)


def _eights(word: str) -> list[str]:
    return [word[at : at + 8] for at in range(0, len(word), 8)]
