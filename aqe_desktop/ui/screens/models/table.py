"""The list of models: painted, not made of widgets, so that five thousand are as quick as five."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from aqe_desktop.core.models import ModelRef, Proof
from aqe_desktop.ui.screens.models.listing import Order, Row
from aqe_desktop.ui.screens.models.view_model import ModelsViewModel
from aqe_desktop.ui.screens.models.words import abilities_of, context_of, now_of, size_of, speed_of, where_of
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SECONDARY, SEMIBOLD
from aqe_desktop.ui.widgets.table import Table
from aqe_desktop.ui.widgets.zone_cell import DASHED, ZONE, ZoneDelegate

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, what it says of a model, its width, and by what a click on its head sorts.

    `leaves` is when it gives way in a narrow list, the lowest first; 0 never."""

    head: str
    text: Callable[[Row], str]
    width: int
    colour: str = "text"
    ends: bool = False
    order: Order | None = None
    leaves: int = 0


COLUMNS = (
    Column("Model", lambda row: row.listed.model.name, 168, order=Order.NAME),
    Column("Where", where_of, 184),
    Column("Runtime", lambda row: row.runtime, 82, "muted", order=Order.RUNTIME, leaves=3),
    Column("Size", size_of, 72, ends=True, order=Order.SIZE),
    Column("Quant", lambda row: row.listed.model.quantization or "–", 76, leaves=4),
    Column("Context", context_of, 68, ends=True, order=Order.CONTEXT, leaves=1),
    Column("Can", abilities_of, 110, "muted", leaves=2),
    Column("Now", now_of, 192, order=Order.LOADED),
    Column("Last speed", speed_of, 84, "muted", ends=True, order=Order.SPEED, leaves=5),
)
_NAME, _WHERE, _QUANT = 0, 1, 4


class ModelsTableModel(QAbstractTableModel):
    """The view model's rows; holds none of its own."""

    def __init__(self, models: ModelsViewModel) -> None:
        super().__init__(models)
        self._models = models
        self._rows: list[Row] = []

    def begin_anew(self) -> None:
        """Rows that stay in their places are only repainted: the reader's place and choice stay too."""
        before, self._rows = self._rows, self._models.rows
        if [row.ref for row in before] != [row.ref for row in self._rows]:
            self.beginResetModel()
            self.endResetModel()
        elif before != self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(COLUMNS) - 1))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def row(self, index: Index) -> Row:
        return self._rows[index.row()]

    def place_of(self, model: ModelRef | None) -> int | None:
        """The line of a model; None where it is not listed."""
        return next((at for at, row in enumerate(self._rows) if row.ref == model), None)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        column, row = COLUMNS[index.column()], self.row(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.head}: {column.text(row)}"
        if role in (ZONE, DASHED):
            return self._where(row, role) if index.column() == _WHERE else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignTrailing if column.ends else None
        if role == Qt.ItemDataRole.FontRole:
            name, quant = index.column() == _NAME, index.column() == _QUANT
            return theme().font(SECONDARY + name, SEMIBOLD if name else 400, mono=quant)
        if role == Qt.ItemDataRole.ForegroundRole:
            return "muted" if not row.fresh or index.column() == _WHERE else column.colour
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column, wanted = COLUMNS[section], self._models.wanted
        if role == Qt.ItemDataRole.TextAlignmentRole and column.ends:
            return Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        sorts = column.order is not None and column.order is wanted.order
        return f"{column.head} {'↓' if wanted.falling else '↑'}" if sorts else column.head

    def _where(self, row: Row, role: int) -> object:
        place = row.listed.place
        if place is None:
            return None
        return place.zone if role == ZONE else place.proof is Proof.DECLARED


class ModelsTable(Table):
    """`row_chosen(ModelRef | None)`: the keyboard or a click is on another model. `load_asked`: Enter or a double
    click on one. `delete_asked`: Delete on one."""

    row_chosen = Signal(object)
    load_asked = Signal(object)
    delete_asked = Signal(object)

    def __init__(self, models: ModelsViewModel, parent: QWidget | None = None) -> None:
        super().__init__("Models", parent)
        self._models = models
        self.rows = ModelsTableModel(models)
        self._telling = True
        self.setModel(self.rows)
        self.setItemDelegate(ZoneDelegate(self))
        header = self.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionsClickable(True)
        header.sectionClicked.connect(self._sort)
        self.selectionModel().currentRowChanged.connect(lambda now, _before: self._tell(now))
        self.doubleClicked.connect(lambda index: self.load_asked.emit(self.rows.row(index).ref))
        models.changed.connect(self._show)
        models.chosen_changed.connect(self._show)
        theme().changed.connect(self._share)
        self._show()
        self._share()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard is on some model, also before an arrow was pressed."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.rows.rowCount():
            self.selectRow(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.currentIndex().isValid():
            ref = self.rows.row(self.currentIndex()).ref
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.load_asked.emit(ref)
                return
            if event.key() == Qt.Key.Key_Delete:
                self.delete_asked.emit(ref)
                return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share()

    def _show(self) -> None:
        """The chosen model stays chosen, wherever it is now."""
        self._telling = False
        self.rows.begin_anew()
        at = self.rows.place_of(self._models.chosen)
        if at is not None and at != self.currentIndex().row():
            self.selectRow(at)
        self._telling = True

    def _tell(self, index: QModelIndex) -> None:
        if self._telling and index.isValid():
            self.row_chosen.emit(self.rows.row(index).ref)

    def _sort(self, section: int) -> None:
        if (order := COLUMNS[section].order) is not None:
            self._models.sort(order)

    def _share(self) -> None:
        """What has no room leaves, least needed first; what is left over goes to the name."""
        room = self.viewport().width()
        shown = list(COLUMNS)
        for column in sorted((each for each in COLUMNS if each.leaves), key=lambda each: each.leaves):
            if sum(theme().dp(each.width) for each in shown) > room:
                shown.remove(column)
        rest = max(0, room - sum(theme().dp(each.width) for each in shown))
        for number, column in enumerate(COLUMNS):
            self.setColumnHidden(number, column not in shown)
            self.setColumnWidth(number, theme().dp(column.width) + (rest if number == _NAME else 0))
