"""The models as a page: what can be done above, the runtimes, downloads, and the list or what stands in its place."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from aqe_desktop.core.models import Zone
from aqe_desktop.ui.screens.models.downloads import Downloads
from aqe_desktop.ui.screens.models.listing import Order, capabilities_of
from aqe_desktop.ui.screens.models.runtimes import RuntimeRows
from aqe_desktop.ui.screens.models.table import ModelsTable
from aqe_desktop.ui.screens.models.view_model import ModelsViewModel
from aqe_desktop.ui.screens.models.words import hardware_words, sums
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SECONDARY, SEMIBOLD, TITLE, L, S
from aqe_desktop.ui.widgets.banner import Banner
from aqe_desktop.ui.widgets.button import Button, IconButton
from aqe_desktop.ui.widgets.card import Ground, HeaderBar
from aqe_desktop.ui.widgets.combo import Combo
from aqe_desktop.ui.widgets.empty import EmptyState, Skeleton
from aqe_desktop.ui.widgets.field import SearchField
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.paint import text_width
from aqe_desktop.ui.widgets.segmented import Segmented

SEARCH_MS = 120
_GLASS_AND_CROSS = 72
_ZONES = (("All", None), ("Device", Zone.DEVICE), ("LAN", Zone.LAN), ("Cloud", Zone.CLOUD))
_EMPTY = "A model is a file that an engine loads. Download one, or put a GGUF file into the models folder."


class ModelsView(Ground):
    """Binds the widgets to the view model. `get_asked` and `folders_asked` want their sheets."""

    get_asked = Signal()
    folders_asked = Signal()

    def __init__(self, models: ModelsViewModel, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent=parent)
        self._models = models
        self.sum = Label("", SECONDARY, token="muted")
        self.search = SearchField("Name, capability, quantization", "Search the models")
        self.look = IconButton("refresh", "Look again", framed=True)
        self.panel = IconButton("panel-right", "Show or hide the chosen model", framed=True)
        self.get = Button("Get a model", "primary", "plus")
        self.folders = Button("Folders", icon="folder")
        self.zone = Segmented(_ZONES, "Zone")
        self.runtime = Combo((("All runtimes", ""),), "Runtime")
        self.capability = Combo((("All capabilities", ""),), "Capability")
        self.state = Combo((("Loaded or not", False), ("Loaded", True)), "Loaded")
        self.order = Combo([(order.value, order) for order in Order], "Sort by")
        self.failed = Banner("failed", closable=True)
        self.runtimes = RuntimeRows(models)
        self.downloads = Downloads()
        self.table = ModelsTable(models)
        self.loading = Skeleton(8)
        self.empty = EmptyState("No model yet", _EMPTY, "Get a model", "models")
        self.nothing = EmptyState("No model matches", "All models are still there.", "Clear the filter", "search")
        self.hardware = Label("", SECONDARY, token="muted")
        self._turns: list[list[QWidget]] = []
        self._stack = QStackedLayout()
        self._search_soon = QTimer(self, singleShot=True, interval=SEARCH_MS)
        self._lay_out()
        self._connect()
        self._show()

    def say_failed(self, message: str, hint: str) -> None:
        """An act failed; what is listed stays."""
        self.failed.show_error(message, hint)
        self._notice.show()

    def _lay_out(self) -> None:
        header = HeaderBar()
        header.row.addWidget(Label("Models", TITLE, SEMIBOLD))
        header.row.addWidget(self.sum, 1)
        for control in (self.search, self.look, self.panel, self.folders, self.get):
            header.row.addWidget(control)
        self._share_header()
        theme().changed.connect(self._share_header)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (header, self.runtimes, self._filters(), self._notices(), self.downloads):
            column.addWidget(part)
        column.addLayout(self._stack, 1)
        column.addWidget(self._foot())
        for page in (self.loading, self.table, self.empty, self.nothing):
            self._stack.addWidget(page)

    def _share_header(self) -> None:
        """What can be searched is read whole."""
        words = text_width(self.search.placeholderText(), theme().font())
        self.search.setMinimumWidth(words + theme().dp(_GLASS_AND_CROSS))

    def _filters(self) -> QWidget:
        line = Ground("surface", "top", "line_soft")
        row = QHBoxLayout(line)
        row.setContentsMargins(L, S, L, S)
        row.setSpacing(S)
        for control in (self.zone, self.runtime, self.capability, self.state):
            row.addWidget(control)
        row.addStretch(1)
        row.addWidget(self.order)
        return line

    def _notices(self) -> QWidget:
        self._notice = QWidget()
        column = QVBoxLayout(self._notice)
        column.setContentsMargins(L, S, L, S)
        column.addWidget(self.failed)
        self._notice.hide()
        return self._notice

    def _foot(self) -> QWidget:
        foot = Ground("surface", "top", "line_soft")
        row = QHBoxLayout(foot)
        row.setContentsMargins(L, S, L, S)
        row.addWidget(self.hardware, 1)
        if not self._models.plans:
            foot.hide()
        return foot

    def _connect(self) -> None:
        models = self._models
        models.changed.connect(self._show)
        models.pulls_changed.connect(self._show_pulls)
        models.hardware_changed.connect(self._show_hardware)
        models.failed.connect(lambda error: self.say_failed(error.message, error.hint))
        self.failed.closed.connect(self._notice.hide)
        self.look.clicked.connect(models.load)
        self.get.clicked.connect(self.get_asked)
        self.folders.clicked.connect(self.folders_asked)
        self.empty.acted.connect(self.get_asked)
        self.nothing.acted.connect(self._clear)
        self.search.textChanged.connect(lambda _text: self._search_soon.start())
        self._search_soon.timeout.connect(lambda: models.want(words=self.search.text().strip()))
        self.zone.chosen.connect(lambda zone: models.want(zone=zone))
        self.runtime.chosen.connect(lambda runtime: models.want(runtime=runtime))
        self.capability.chosen.connect(lambda capability: models.want(capability=capability))
        self.state.chosen.connect(lambda loaded: models.want(loaded=loaded))
        self.order.chosen.connect(models.sort)
        self.downloads.cancel_asked.connect(models.cancel)
        self.downloads.resume_asked.connect(models.pull)
        self.downloads.dismiss_asked.connect(models.dismiss)
        self.runtimes.start_asked.connect(models.start)
        self.runtimes.stop_asked.connect(models.stop)

    def _clear(self) -> None:
        self.search.clear()
        self._search_soon.stop()
        self._models.clear()

    def _show(self) -> None:
        models = self._models
        self._stack.setCurrentWidget(self._page())
        self.sum.set_text(sums(models.all, len(models.rows)) if models.all else "")
        self.look.set_name("Looking" if models.looking else "Look again")
        if models.error is not None:
            self.say_failed(models.error.message, models.error.hint)
        self.get.setVisible(bool(models.stocking))
        self._show_filter()
        self._take_turns()

    def _show_pulls(self) -> None:
        self.downloads.show_pulls(self._models.pulls)
        self._take_turns()

    def _take_turns(self) -> None:
        """Rows and cards that came later get the keyboard where they stand, not last."""
        pages = ((self.get, self.runtimes), (self.order, self.downloads))
        stops = [_stops(page) for _, page in pages]
        if stops == self._turns:
            return
        self._turns = stops
        for (before, _), widgets in zip(pages, stops, strict=True):
            for one, next_one in pairwise((before, *widgets)):
                QWidget.setTabOrder(one, next_one)

    def _show_filter(self) -> None:
        models, wanted = self._models, self._models.wanted
        runtimes = [("All runtimes", ""), *((part.status.name, key) for key, part in models.lists.items())]
        self.runtime.set_options(runtimes)
        self.capability.set_options([("All capabilities", ""), *((each, each) for each in capabilities_of(models.all))])
        self.zone.select(wanted.zone)
        self.runtime.select(wanted.runtime)
        self.capability.select(wanted.capability)
        self.state.select(wanted.loaded)
        self.order.select(wanted.order)

    def _page(self) -> QWidget:
        models = self._models
        if models.rows:
            return self.table
        if models.all:
            return self.nothing
        return self.empty if models.looked else self.loading

    def _show_hardware(self) -> None:
        if self._models.hardware is not None:
            self.hardware.set_text(hardware_words(self._models.hardware))


def _stops(page: QWidget) -> list[QWidget]:
    """What takes the keyboard in it, as it was made."""
    return [each for each in page.findChildren(QWidget) if each.focusPolicy() & Qt.FocusPolicy.TabFocus]
