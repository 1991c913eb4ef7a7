"""The runtimes above their models: how each stands, what is wrong with it, and its server's start and stop."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.core.models import Phase, RuntimeStatus
from aqe_desktop.services.models import RuntimeList
from aqe_desktop.ui.screens.models.view_model import ModelsViewModel
from aqe_desktop.ui.shell.runtime_light import RuntimeLight
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SECONDARY, XS, L, S
from aqe_desktop.ui.widgets.banner import Glyph
from aqe_desktop.ui.widgets.button import Button, IconButton
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.scroll_page import ScrollPage

_MOST, _UNFOLDED = 132, 260
_WIDEST = "Conversations at once"
_ENGINE = "Engine"
"""The fact of a runtime that has several engines to choose from."""


class RuntimeRow(QWidget):
    """One runtime. The buttons stay the same ones, so that the keyboard stays on them."""

    start_asked = Signal(str)
    stop_asked = Signal(str)
    log_asked = Signal(str)
    engine_asked = Signal()
    unfolded = Signal()

    def __init__(self, part: RuntimeList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        key = part.status.id
        self.light = RuntimeLight(part.status)
        self.facts = Label("", SECONDARY, token="muted")
        self.log = Button("Show log", "quiet", small=True)
        self.lead = Button("Start", small=True)
        self.log.clicked.connect(partial(self.log_asked.emit, key))
        self.lead.clicked.connect(self._lead)
        self.fold = IconButton("chevron-down", f"Show the facts of {part.status.name}", size=24)
        self.fold.clicked.connect(self._fold)
        _keep_place(self.fold)
        self.told = QWidget()
        self._told = QVBoxLayout(self.told)
        self._told.setContentsMargins(L, 0, L, S)
        self._told.setSpacing(2)
        self.told.hide()
        self._details: tuple[tuple[str, str], ...] = ()
        self._key, self._name, self._stops = key, part.status.name, False
        self._warnings = QVBoxLayout()
        self._warnings.setSpacing(2)
        self._said: tuple[str, ...] = ()
        line = QHBoxLayout()
        line.setSpacing(S)
        line.addWidget(self.light)
        line.addWidget(self.facts, 1)
        line.addWidget(self.log)
        line.addWidget(self.lead)
        line.addWidget(self.fold)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(XS)
        column.addLayout(line)
        column.addLayout(self._warnings)
        column.addWidget(self.told)

    @property
    def is_unfolded(self) -> bool:
        return not self.told.isHidden()

    def show_part(self, part: RuntimeList, busy: str, *, controlled: bool, logged: bool) -> None:
        status = part.status
        self.light.show_status(status)
        self.facts.set_text(_facts(part))
        runs = status.phase in (Phase.READY, Phase.STARTING, Phase.LOADING)
        self._stops = runs
        name = busy or ("Stop" if runs else "Start")
        self.lead.setText(name)
        self.lead.setAccessibleName(f"{name} {status.name}")
        self.lead.setVisible(controlled and _may_lead(status))
        self.log.setVisible(logged)
        self.log.setAccessibleName(f"Show the log of {status.name}")
        self._show_warnings(status.warnings)
        # While a model is loaded nobody tells them; those of before stand, so that nothing moves.
        under_way = status.phase in (Phase.STARTING, Phase.LOADING)
        self._show_details(self._details if under_way and not status.details else status.details)

    def _fold(self) -> None:
        self.told.setVisible(not self.is_unfolded)
        self._name_fold()
        self.unfolded.emit()

    def _name_fold(self) -> None:
        self.fold.set_icon("chevron-up" if self.is_unfolded else "chevron-down")
        self.fold.set_name(f"{'Hide' if self.is_unfolded else 'Show'} the facts of {self._name}")

    def _show_details(self, details: tuple[tuple[str, str], ...]) -> None:
        """Which engine, on what, and what it does not know; with the way to another one."""
        self.fold.setVisible(bool(details))
        if not details:
            self.told.hide()
        if details == self._details:
            return
        self._details = details
        while item := self._told.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for name, value in details:
            self._told.addWidget(_fact(name, value))
        if any(name == _ENGINE for name, _ in details):
            choose = Button("Choose the engine", "link", small=True)
            choose.clicked.connect(self.engine_asked)
            self._told.addWidget(choose)

    def _lead(self) -> None:
        (self.stop_asked if self._stops else self.start_asked).emit(self._key)

    def _show_warnings(self, warnings: tuple[str, ...]) -> None:
        if warnings == self._said:
            return
        self._said = warnings
        while item := self._warnings.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for warning in warnings:
            self._warnings.addWidget(_warning(warning))


class RuntimeRows(ScrollPage):
    """As high as its rows, up to a point; then it scrolls."""

    start_asked = Signal(str)
    stop_asked = Signal(str)
    log_asked = Signal(str)
    engine_asked = Signal()

    def __init__(self, models: ModelsViewModel, parent: QWidget | None = None) -> None:
        super().__init__("Runtimes", parent)
        self._models = models
        self.rows: dict[str, RuntimeRow] = {}
        self._content = QWidget()
        self._content.setObjectName("content")
        self._column = QVBoxLayout(self._content)
        self._column.setContentsMargins(L, S, L, S)
        self._column.setSpacing(XS)
        self.setWidget(self._content)
        models.changed.connect(self.show_lists)
        theme().changed.connect(self._fit)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.height())

    def show_lists(self) -> None:
        for key, part in self._models.lists.items():
            if key not in self.rows:
                row = self.rows[key] = RuntimeRow(part)
                row.start_asked.connect(self.start_asked)
                row.stop_asked.connect(self.stop_asked)
                row.log_asked.connect(self.log_asked)
                row.engine_asked.connect(self.engine_asked)
                row.unfolded.connect(self._fit)
                self._column.addWidget(row)
            busy, logged = self._models.busy.get(key, ""), self._models.has_log(key)
            self.rows[key].show_part(part, busy, controlled=self._models.can_control(key), logged=logged)
        self._fit()

    def _fit(self) -> None:
        self._column.activate()
        most = _UNFOLDED if any(row.is_unfolded for row in self.rows.values()) else _MOST
        wanted = max(self._column.totalHeightForWidth(self.viewport().width()), self._column.sizeHint().height())
        self.setFixedHeight(min(theme().dp(most), wanted))


def _facts(part: RuntimeList) -> str:
    """Version and address; then what is wrong with it and the next step, or that its list is an older one."""
    status = part.status
    said = " ".join(filter(None, (part.message or status.message, part.hint or status.hint)))
    parts = [status.version, status.address if status.phase is not Phase.ABSENT else "", said]
    if not part.fresh and not part.message:
        parts.append("asking" if not status.message else "")
    return " · ".join(each for each in parts if each)


def _may_lead(status: RuntimeStatus) -> bool:
    """A server that somebody else started is not ours to stop."""
    return status.ours or status.phase in (Phase.STOPPED, Phase.FAILED)


def _keep_place(widget: QWidget) -> None:
    """Its room stays its own while it is hidden: a row is as high without it."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


def _fact(name: str, value: str) -> QWidget:
    """Its value may take several lines: what an engine does not know is a list."""
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(L)
    label = Label(name, SECONDARY, token="muted")
    label.reserve(_WIDEST)
    row.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(Label(value, SECONDARY, wrap=True), 1)
    line.setAccessibleName(f"{name}: {value}")
    return line


def _warning(text: str) -> QWidget:
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(L, 0, 0, 0)
    row.setSpacing(XS)
    row.addWidget(Glyph("warning", "muted", 14))
    row.addWidget(Label(text, SECONDARY), 1)
    return line
