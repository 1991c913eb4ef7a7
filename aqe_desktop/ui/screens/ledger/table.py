"""The list of rows: as many as were read, more as the reader comes to the end, newer ones on top by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget

from aqe_desktop.core.ledger import Row
from aqe_desktop.ui.screens.ledger.view_model import LedgerViewModel
from aqe_desktop.ui.screens.ledger.words import outcome_of, place_of, purpose_of, size_of, time_of
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SECONDARY
from aqe_desktop.ui.widgets.table import Table
from aqe_desktop.ui.widgets.zone_cell import ZONE, ZoneDelegate

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, what it says of a row, and its width; figures stand at its end."""

    head: str
    text: Callable[[Row], str]
    width: int
    colour: str = "text"
    ends: bool = False


COLUMNS = (
    Column("Row", lambda row: str(row.seq), 56, "muted", ends=True),
    Column("Time", time_of, 156),
    Column("Zone", place_of, 124),
    Column("Host", lambda row: row.entry.host, 120),
    Column("Model", lambda row: row.entry.model, 136),
    Column("Purpose", purpose_of, 140),
    Column("Bytes", size_of, 84, ends=True),
    Column("Rule", outcome_of, 110, "muted"),
    Column("Consent", lambda row: row.entry.consent, 90, "muted"),
)
_ZONE_COLUMN = 2


class LedgerTableModel(QAbstractTableModel):
    """The view model's rows; holds none of its own."""

    def __init__(self, ledger: LedgerViewModel) -> None:
        super().__init__(ledger)
        self._ledger = ledger
        self._shown = 0

    def begin_anew(self) -> None:
        self.beginResetModel()
        self._shown = len(self._ledger.rows)
        self.endResetModel()

    def grow(self, count: int) -> None:
        """So many rows on top, or at the end where the number is negative."""
        if count:
            first = 0 if count > 0 else self._shown
            self.beginInsertRows(QModelIndex(), first, first + abs(count) - 1)
            self._shown += abs(count)
            self.endInsertRows()

    def row(self, index: Index) -> Row:
        return self._ledger.rows[index.row()]

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self._shown

    def columnCount(self, parent: Index | None = None) -> int:
        return len(COLUMNS)

    def canFetchMore(self, parent: Index) -> bool:
        return self._ledger.more

    def fetchMore(self, parent: Index) -> None:
        self._ledger.read_more()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        column = COLUMNS[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            text = column.text(self.row(index))
            return text if role == Qt.ItemDataRole.DisplayRole else f"{column.head}: {text or 'none'}"
        if role == ZONE:
            return self.row(index).entry.zone if index.column() == _ZONE_COLUMN else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignTrailing if column.ends else None
        if role == Qt.ItemDataRole.FontRole:
            return theme().font(SECONDARY)
        return column.colour if role == Qt.ItemDataRole.ForegroundRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and COLUMNS[section].ends:
            return Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter
        return COLUMNS[section].head if role == Qt.ItemDataRole.DisplayRole else None


class LedgerTable(Table):
    """Keeps the reader's place: newer rows push nothing away from under the eye unless it is at the top.

    `row_chosen(Row | None)`: the keyboard or a click is on another row."""

    row_chosen = Signal(object)

    def __init__(self, ledger: LedgerViewModel, parent: QWidget | None = None) -> None:
        super().__init__("Rows of the ledger", parent)
        self.rows = LedgerTableModel(ledger)
        self.setModel(self.rows)
        self.setItemDelegate(ZoneDelegate(self))
        self.selectionModel().currentRowChanged.connect(lambda now, _before: self._tell(now))
        self.rows.modelReset.connect(lambda: self.row_chosen.emit(None))
        ledger.grew.connect(self._grow)
        ledger.changed.connect(self.rows.begin_anew)
        self.rows.begin_anew()
        theme().changed.connect(self._share)
        self._share()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The row the keyboard is on is the chosen one, also before an arrow was pressed."""
        super().focusInEvent(event)
        if self.currentIndex().isValid():
            self.selectRow(self.currentIndex().row())

    def _grow(self, count: int) -> None:
        bar, height = self.verticalScrollBar(), self.verticalHeader().defaultSectionSize()
        place = bar.value()
        self.rows.grow(count)
        if count > 0 and place > 0:
            self.updateGeometries()
            bar.setValue(place + count * height)

    def _tell(self, index: QModelIndex) -> None:
        self.row_chosen.emit(self.rows.row(index) if index.isValid() else None)

    def _share(self) -> None:
        for number, column in enumerate(COLUMNS):
            self.setColumnWidth(number, theme().dp(column.width))
