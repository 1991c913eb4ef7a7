"""The gallery's states: where it runs, what is listed, what is going on, and what there is when nothing is."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLayout, QWidget

from aqe_desktop.core.models import Zone
from aqe_desktop.ui.gallery.controls import GERMAN, row, stack
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SECONDARY, SEMIBOLD, M, S
from aqe_desktop.ui.widgets.banner import Banner
from aqe_desktop.ui.widgets.card import Line
from aqe_desktop.ui.widgets.empty import EmptyState, Skeleton
from aqe_desktop.ui.widgets.label import Label, SectionLabel
from aqe_desktop.ui.widgets.meter import ContextBar, MeterBar
from aqe_desktop.ui.widgets.paint import Box, box
from aqe_desktop.ui.widgets.progress import Progress
from aqe_desktop.ui.widgets.row import Group, Row
from aqe_desktop.ui.widgets.rows import RowList
from aqe_desktop.ui.widgets.table import Table
from aqe_desktop.ui.widgets.toast import Toast
from aqe_desktop.ui.widgets.zone_cell import DASHED, ZONE, ZoneDelegate
from aqe_desktop.ui.widgets.zone_chip import RouteState, ZoneChip, border_token

_ROUTES = (
    (RouteState.CHECKING, "", "the text changed 40 ms ago; nothing is decided yet"),
    (RouteState.STAYS, "", "proved: our engine, no network of its own"),
    (RouteState.DEVICE_DECLARED, "", "you said 127.0.0.1:8080 is local; docker-proxy owns it"),
    (RouteState.LAN_DECLARED, "10.0.0.7", "you said so; its own facts are not known"),
    (RouteState.UNPROVED, "127.0.0.1:9000", "counts as cloud: the port belongs to ssh"),
    (RouteState.LAN, "box-4090", "proved: paired machine, its own facts re-checked; 1 ahead of you"),
    (RouteState.CLOUD, "OpenRouter, DeepSeek V3", "clean text; rule task.reasoning; about $0.0021"),
    (RouteState.NEEDS_YES, "OpenRouter", "1 hint: a host name that may be internal"),
    (RouteState.BLOCKED, "", "you chose OpenRouter; 2 secrets in config.py. Use qwen2.5-coder:7b"),
    (RouteState.NOTHING_LOCAL, "", "start a runtime, or load qwen2.5-coder:3b (fits)"),
    (RouteState.OVER_BUDGET, "", "$20.00 of $20.00 in November; a local model can take it"),
    (RouteState.OFFLINE, "", "offline: the switch below is on"),
)


def _routes() -> QLayout:
    def line(state: RouteState, name: str, why: str) -> QLayout:
        chip = ZoneChip()
        chip.show_state(state, name)
        return stack(row(chip, Label(why, SECONDARY, token="muted"), stretch=False), _Composer(state), spacing=5)

    return stack(*(line(*route) for route in _ROUTES), spacing=M)


def _list() -> QLayout:
    rows = RowList()
    rows.set_rows(
        [
            Group("Today"),
            Row(1, "Retry logic in billing client", "device", bound=True),
            Row(2, "Explain the parser's lookahead", "cloud"),
            Row(3, "Flaky test_reconnect", "device", pinned=True, answering=True),
            Row(4, GERMAN, "cloud", pinned=True, bound=True),
            Group("Last week"),
            Row(5, "SQL for the monthly report", "lan"),
            Row(6, "New chat", temporary=True),
        ],
        current=1,
    )
    rows.setFixedHeight(theme().dp(34) * 8)
    return stack(rows)


def _found() -> QLayout:
    rows = RowList("Found")
    rows.set_rows([Row(1, "Flaky test_reconnect", "device", snippet="…the retry stops after four attempts…")])
    rows.setFixedHeight(theme().dp(48))
    return stack(rows)


def _progress() -> QLayout:
    known = Progress("qwen2.5-coder:14b", "from Ollama's library")
    known.show_progress(6.1e9, 9.0e9, "B", 38e6, 76)
    busy = Progress("SmolLM2-135M", "llama.cpp")
    busy.show_busy("Loading the model")
    context = ContextBar("Context")
    context.set_parts([700, 2500, 1060], 8192)
    meter = MeterBar("November")
    meter.set_fraction(0.306)
    figures = row(Label("4 260 of 8 192 tokens", SECONDARY, token="muted"), stretch=True)
    figures.addWidget(Label("52 %", SECONDARY, token="muted"))
    return stack(known, busy, SectionLabel("Context"), context, figures, meter, spacing=S)


def _banners() -> QLayout:
    return stack(
        Banner(
            "failed",
            "The engine stopped during the answer",
            "What had arrived is kept in this chat.",
            "Start the engine again and retry.",
            "Start again",
        ),
        Banner("warning", "This model is small", "It is good for a first look, not for real code.", closable=True),
        Banner("info", "", "The last session did not end cleanly. 1 answer was recovered.", "", "Show it", True),
    )


def _states() -> QLayout:
    empty = EmptyState("0 bytes", "Nothing has left this machine through this app.", "Verify the chain", second="How")
    empty.setMinimumHeight(160)
    toast = Toast("“Retry logic” was deleted.", "Undo", 3600)
    return stack(empty, Line(), Skeleton(4), Line(), toast)


def _table() -> QLayout:
    table = Table("Models")
    table.setModel(_Models(table))
    table.selectRow(1)
    table.setFixedHeight(theme().dp(40) * 3 + theme().dp(34))
    for column, width in enumerate((180, 84, 80)):
        table.setColumnWidth(column, width)
    return stack(table)


def _zones() -> QLayout:
    table = Table("Ledger")
    table.setItemDelegate(ZoneDelegate(table))
    table.setModel(_Sent(table))
    table.selectRow(1)
    table.setFixedHeight(theme().dp(40) * 3 + theme().dp(34))
    for column, width in enumerate((150, 150)):
        table.setColumnWidth(column, width)
    return stack(table)


class _Composer(QWidget):
    """The composer's border in one route state."""

    def __init__(self, state: RouteState) -> None:
        super().__init__()
        self._border = border_token(state)
        self.setFixedHeight(34)
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        box(QPainter(self), self.rect(), Box("raised", self._border, 10, width=2))


class _Models(QAbstractTableModel):
    """Three rows as the table is meant to show them."""

    _HEAD = ("Model", "Runtime", "Size", "Now")
    _ROWS = (
        ("qwen2.5-coder:7b", "Ollama", "4.7 GB", "loaded"),
        ("SmolLM2-135M-Instruct", "llama.cpp", "98 MB", "loaded, CPU"),
        (GERMAN, "llama.cpp", "13.3 GB", "fits"),
    )

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return len(self._ROWS)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return len(self._HEAD)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            return self._ROWS[index.row()][index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == 2:
            return Qt.AlignmentFlag.AlignTrailing
        if role == Qt.ItemDataRole.FontRole and index.column() == 0:
            return theme().font(weight=SEMIBOLD)
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 1:
            return "muted"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole and section == 2:
            return Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter
        return self._HEAD[section] if role == Qt.ItemDataRole.DisplayRole else None


class _Sent(QAbstractTableModel):
    """A row of each zone; a long name is cut inside its chip."""

    _HEAD = ("Zone", "Host", "Bytes")
    _ROWS = (
        (Zone.DEVICE, "This device", "", "1 029"),
        (Zone.LAN, "box-4090, declared", "box-4090.lan", "20 411"),
        (Zone.CLOUD, GERMAN, "api.example.com", "812"),
    )

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return len(self._ROWS)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return len(self._HEAD)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        zone, *texts = self._ROWS[index.row()]
        if role == ZONE and index.column() == 0:
            return zone
        if role == DASHED:
            return zone is Zone.LAN and index.column() == 0
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == 2:
            return Qt.AlignmentFlag.AlignTrailing
        return texts[index.column()] if role == Qt.ItemDataRole.DisplayRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole and section == 2:
            return Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter
        return self._HEAD[section] if role == Qt.ItemDataRole.DisplayRole else None


ROUTE = (("Route", _routes), ("Table", _table), ("Zones in a table", _zones))
LIVE = (
    ("Conversations", _list),
    ("Found", _found),
    ("Progress", _progress),
    ("Messages", _banners),
    ("Empty, loading, undo", _states),
)
