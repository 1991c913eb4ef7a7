"""The ledger as a page: what can be done with it above, the list or what stands in its place below."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from aqe_desktop.core.models import Zone
from aqe_desktop.ui.screens.ledger.details import WithDetails
from aqe_desktop.ui.screens.ledger.poster import Poster
from aqe_desktop.ui.screens.ledger.table import LedgerTable
from aqe_desktop.ui.screens.ledger.view_model import LedgerViewModel
from aqe_desktop.ui.screens.ledger.words import UNSEEN, sums, verdict_words
from aqe_desktop.ui.theme.tokens import SECONDARY, SEMIBOLD, TITLE, L, M, S
from aqe_desktop.ui.widgets.banner import Banner
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.card import Ground, HeaderBar
from aqe_desktop.ui.widgets.combo import Combo
from aqe_desktop.ui.widgets.empty import EmptyState, Skeleton
from aqe_desktop.ui.widgets.field import SearchField
from aqe_desktop.ui.widgets.label import Label

SEARCH_MS = 200
_ZONES = (("All zones", None), ("This device", Zone.DEVICE), ("LAN", Zone.LAN), ("Cloud", Zone.CLOUD))
_KEEP = "Keep a copy of the data folder before anything else; the help page says what this can mean."


class LedgerView(Ground):
    """Binds the widgets to the view model. `export_asked` wants the file dialog, `how_asked` the help page."""

    export_asked = Signal()
    how_asked = Signal()

    def __init__(self, ledger: LedgerViewModel, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent=parent)
        self._ledger = ledger
        self.project = Combo([("All projects", None)], "Project")
        self.zone = Combo(_ZONES, "Zone")
        self.search = SearchField("Search the ledger")
        self.sum = Label("", SECONDARY, token="muted")
        self.unseen = Label(UNSEEN, SECONDARY, token="muted")
        self.export = Button("Export", icon="download")
        self.verify = Button("Verify", icon="check")
        self.whole = Banner("info", closable=True)
        self.broken = Banner("failed", action="How to check this", closable=True)
        self.filters = QWidget()
        self.table = LedgerTable(ledger)
        self.list = WithDetails(self.table)
        self.poster = Poster()
        self.nothing = EmptyState("No row matches", "All rows are still there.", "Clear the filter", "search")
        self.loading = Skeleton(8)
        self.failed = EmptyState("", "", "")
        self._stack = QStackedLayout()
        self._search_soon = QTimer(self, singleShot=True, interval=SEARCH_MS)
        self._lay_out()
        self._connect()
        self._show()
        self._show_verdict()

    def focus_search(self) -> None:
        """Where there is a list to search."""
        if not self.filters.isHidden():
            self.search.setFocus()

    def _lay_out(self) -> None:
        header = HeaderBar()
        header.row.addWidget(Label("Ledger", TITLE, SEMIBOLD))
        header.row.addStretch(1)
        for control in (self.project, self.export, self.verify):
            header.row.addWidget(control)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(header)
        column.addWidget(self._filters())
        column.addWidget(self._banners())
        column.addLayout(self._stack, 1)
        for page in (self.loading, self.poster, self.list, self.nothing, self.failed):
            self._stack.addWidget(page)

    def _filters(self) -> QWidget:
        column = QVBoxLayout(self.filters)
        column.setContentsMargins(L, S, L, S)
        column.setSpacing(S)
        row = QHBoxLayout()
        row.setSpacing(S)
        column.addLayout(row)
        # Beside every sum: what it does not count.
        column.addWidget(self.unseen)
        self.search.setMaximumWidth(360)
        row.addWidget(self.search, 2)
        row.addWidget(self.zone)
        row.addStretch(1)
        self.sum.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.sum, 2)
        return self.filters

    def _banners(self) -> QWidget:
        self.banners = QWidget()
        column = QVBoxLayout(self.banners)
        column.setContentsMargins(L, S, L, M)
        for banner in (self.whole, self.broken):
            column.addWidget(banner)
            banner.closed.connect(self._close_verdict)
        return self.banners

    def _connect(self) -> None:
        ledger = self._ledger
        ledger.changed.connect(self._show)
        ledger.grew.connect(lambda _count: self._show())
        ledger.checked.connect(self._show_verdict)
        ledger.failed.connect(lambda error: self._say_failed(error.message, error.hint))
        self.export.clicked.connect(self.export_asked)
        for asked in (self.verify.clicked, self.poster.verify_asked):
            asked.connect(ledger.verify)
        for asked in (self.poster.how_asked, self.broken.acted):
            asked.connect(self.how_asked)
        self.project.chosen.connect(ledger.choose_project)
        self.zone.chosen.connect(ledger.choose_zone)
        self.search.textChanged.connect(lambda _text: self._search_soon.start())
        self._search_soon.timeout.connect(lambda: ledger.search(self.search.text().strip()))
        self.nothing.acted.connect(ledger.clear)

    def _show(self) -> None:
        """The page that fits: the list and its filters, or what stands in their place."""
        ledger = self._ledger
        self._stack.setCurrentWidget(self._page())
        listed = ledger.error is None and bool(ledger.rows or ledger.filtered)
        self.filters.setVisible(listed)
        self.export.setEnabled(ledger.error is None)
        if ledger.totals is not None and ledger.all_time is not None:
            self.sum.set_text(sums(ledger.totals, ledger.all_time.rows))
            self.poster.show_totals(ledger.all_time)
        self._show_filter()

    def _show_filter(self) -> None:
        options: list[tuple[str, Any]] = [("All projects", None), ("No project", "")]
        options += [(project.name, project.path) for project in self._ledger.recent]
        wanted = self._ledger.wanted
        self.project.set_options(options)
        self.project.select(wanted.project)
        self.zone.select(wanted.zone)
        if self.search.text().strip() != wanted.search and not self._search_soon.isActive():
            self.search.setText(wanted.search)

    def _page(self) -> QWidget:
        ledger = self._ledger
        if ledger.error is not None:
            return self._failed_page()
        if ledger.totals is None:
            return self.loading
        if ledger.rows:
            return self.list
        return self.nothing if ledger.filtered else self.poster

    def _failed_page(self) -> QWidget:
        error = self._ledger.error
        assert error is not None
        if self.failed.accessibleName() != error.message:
            self._stack.removeWidget(self.failed)
            self.failed.deleteLater()
            self.failed = EmptyState(error.message, error.hint, "Try again", "warning")
            self.failed.acted.connect(self._ledger.load)
            self._stack.addWidget(self.failed)
        return self.failed

    def _show_verdict(self) -> None:
        ledger = self._ledger
        # Not disabled meanwhile: the keyboard would be thrown to another control.
        self.verify.setText("Verifying" if ledger.checking else "Verify")
        verdict = ledger.verdict
        self.whole.setVisible(verdict is not None and verdict.ok)
        self.broken.setVisible(verdict is not None and not verdict.ok)
        self.banners.setVisible(verdict is not None)
        if verdict is not None:
            message, more = verdict_words(verdict)
            if verdict.ok:
                self.whole.show_error(message, more)
            else:
                self.broken.show_error(message, f"{more} {_KEEP}".strip(), "How to check this")

    def _say_failed(self, message: str, hint: str) -> None:
        """An act failed; what is listed stays."""
        self.whole.hide()
        self.broken.show_error(message, hint)
        self.broken.show()
        self.banners.show()

    def _close_verdict(self) -> None:
        self._ledger.forget_verdict()
        self._show_verdict()
