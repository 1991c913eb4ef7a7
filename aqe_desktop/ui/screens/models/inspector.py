"""The chosen model: what it is, where it runs and why that is believed, what it would take, and what can be done."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.core.figures import grouped, size_text
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import Loaded, ModelDetails, Proof
from aqe_desktop.ui.screens.models.listing import Row, is_loaded
from aqe_desktop.ui.screens.models.load_form import LoadForm
from aqe_desktop.ui.screens.models.load_view_model import LoadViewModel
from aqe_desktop.ui.screens.models.memory import MemoryPicture
from aqe_desktop.ui.screens.models.view_model import ModelsViewModel
from aqe_desktop.ui.screens.models.words import giving_way, loaded_facts, now_of, on_gpu, stay_of, subtitle
from aqe_desktop.ui.theme.tokens import SECONDARY, SEMIBOLD, TITLE, XS, L, M, S
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.chip import Chip
from aqe_desktop.ui.widgets.field import TextArea
from aqe_desktop.ui.widgets.label import Label, SectionLabel
from aqe_desktop.ui.widgets.param import FactRow
from aqe_desktop.ui.widgets.scroll_page import ScrollPage
from aqe_desktop.ui.widgets.zone_chip import ZoneChip

NOTHING = "Choose a model to see what it is and what it would take."
_LONGEST = 20_000


class ModelInspector(ScrollPage):
    """The buttons stay the same ones whatever is learnt of the model meanwhile."""

    load_asked = Signal()
    use_asked = Signal()
    copy_asked = Signal()
    delete_asked = Signal()
    create_asked = Signal()
    rename_asked = Signal()

    def __init__(self, models: ModelsViewModel, load: LoadViewModel, parent: QWidget | None = None) -> None:
        super().__init__("The chosen model", parent)
        self._models, self._load = models, load
        self._shown: object = None
        content = QWidget()
        content.setObjectName("content")
        column = QVBoxLayout(content)
        column.setContentsMargins(L, L, L, L)
        column.setSpacing(S)
        self.nothing = Label(NOTHING, token="muted", wrap=True)
        self.body = QWidget()
        column.addWidget(self.nothing)
        column.addWidget(self.body)
        column.addStretch(1)
        self.name = Label("", TITLE, SEMIBOLD, wrap=True)
        self.under = Label("", SECONDARY, token="muted", wrap=True)
        self.zone = ZoneChip()
        self.facts = Label("", SECONDARY, token="muted", wrap=True)
        self.chips = QHBoxLayout()
        self.memory = MemoryPicture()
        self.load = Button("Load", "primary", "play")
        self.use = Button("Use in a new chat")
        self.copy = Button("Copy reference", icon="copy")
        self.make = Button("Create for another runtime", icon="plus")
        self.rename = Button("Copy under a new name", icon="plus")
        self.delete = Button("Delete", "danger", "trash")
        self.state = Label("", SECONDARY, token="muted", wrap=True)
        self.form = LoadForm(load)
        self.loaded = QVBoxLayout()
        self.more = QVBoxLayout()
        self._lay_out()
        self._connect()
        self.setWidget(content)
        self.show_chosen()

    def show_chosen(self) -> None:
        """What is known of it now."""
        row = self._models.row(self._models.chosen)
        self.nothing.setVisible(row is None)
        self.body.setVisible(row is not None)
        if row is not None:
            self._show(row)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S)
        self.chips.setSpacing(XS)
        self.loaded.setSpacing(XS)
        self.more.setSpacing(XS)
        column.addWidget(self.name)
        column.addWidget(self.under)
        column.addLayout(self.chips)
        column.addWidget(self.zone)
        column.addWidget(self.facts)
        column.addWidget(self.memory)
        column.addLayout(_line(self.load, self.use))
        column.addWidget(self.state)
        column.addLayout(self.loaded)
        column.addSpacing(S)
        column.addWidget(self.form)
        column.addSpacing(S)
        column.addLayout(_line(self.copy, self.delete))
        column.addLayout(_line(self.make, self.rename))
        column.addLayout(self.more)

    def _connect(self) -> None:
        self.load.clicked.connect(self.load_asked)
        self.use.clicked.connect(self.use_asked)
        self.copy.clicked.connect(self.copy_asked)
        self.delete.clicked.connect(self.delete_asked)
        self.make.clicked.connect(self.create_asked)
        self.rename.clicked.connect(self.rename_asked)
        self._models.chosen_changed.connect(self.show_chosen)
        self._load.changed.connect(self.show_chosen)

    def _show(self, row: Row) -> None:
        gives_way = tuple(self._models.gives_way(row))
        known = (row, gives_way, self._models.details, self._models.plan, self._load.saved, self._load.waiting)
        if known == self._shown:
            return
        self._shown = known
        model, place = row.listed.model, row.listed.place
        self.name.set_text(model.name)
        self.under.set_text(subtitle(row))
        _clear(self.chips)
        for capability in model.capabilities:
            self.chips.addWidget(Chip(capability))
        self.chips.addStretch(1)
        if place is not None:
            self.zone.show_place(place, model.remote or row.runtime)
        else:
            self.zone.show_fact("Checking where it runs", "neutral", "search")
        doubted = place is not None and place.proof is not Proof.PROVED
        told = (model.note, *(_why(row) if doubted else ()))
        self.facts.set_text("\n".join(each for each in told if each))
        self.facts.setVisible(bool(self.facts.text()))
        self.memory.setVisible(self._models.plans and not model.remote)
        self.memory.show_plan(self._models.plan)
        self.form.setVisible(not model.remote)
        self.form.show_for(row.runtime)
        self.form.show_plan(self._models.plan if self._models.plans else None)
        self._show_loaded(row)
        self._show_acts(row)
        self._show_more(row)

    def _show_acts(self, row: Row) -> None:
        loading = row.loading is not None
        text = now_of(row).capitalize() if loading else "Unload" if is_loaded(row) else "Load"
        rests = not loading and not is_loaded(row)
        self.load.set_look("primary" if rests else "plain", "play" if rests else "")
        self.load.setText(text)
        self.load.setAccessibleName(f"{text} {row.listed.model.name}")
        self.load.updateGeometry()
        self.delete.setVisible(self._models.can_stock(row.ref.host))
        into = [name for name, _ in self._models.stocking]
        kept = row.ref.host in [key for _, key in self._models.stocking]
        self.rename.setVisible(kept and not row.listed.model.remote)
        self.make.setVisible(bool(into) and not kept and len(row.listed.model.files) < 2 and bool(file_of(row)))
        self.make.setText(f"Create for {into[0]}" if len(into) == 1 else "Create for another runtime")
        self.make.setAccessibleName(f"{self.make.text()}: {row.listed.model.name}")
        self.make.updateGeometry()

    def _show_more(self, row: Row) -> None:
        _clear(self.more)
        details = self._models.details
        for warning in details.warnings if details else ():
            self.more.addWidget(Label(warning, SECONDARY, wrap=True))
        _section(self.more, "Details", _facts(row, details))
        if why := _why(row):
            self.more.addSpacing(M)
            self.more.addWidget(SectionLabel("Why it is believed to run there"))
        for sentence in why:
            self.more.addWidget(Label(sentence, SECONDARY, token="muted", wrap=True))
        for name, text in (("Chat template", details.template), ("Licence", details.licence_text)) if details else ():
            if text:
                self.more.addSpacing(M)
                self.more.addWidget(SectionLabel(name))
                self.more.addWidget(_text(name, text))

    def _show_loaded(self, row: Row) -> None:
        """How long it stays, and what it was loaded with by the word of its engine."""
        _clear(self.loaded)
        loaded = row.listed.loaded
        gives_way = giving_way(self._models.gives_way(row), loading=loaded is not None or row.loading is not None)
        told = "" if loaded is None else _state(row, loaded)
        self.state.set_text("\n".join(filter(None, (told, gives_way))))
        self.state.setVisible(bool(self.state.text()))
        facts = [] if loaded is None else loaded_facts(loaded, self._load.saved or LoadSettings(), self._load.waiting)
        if facts:
            _section(self.loaded, "Loaded with", facts)


def _section(column: QVBoxLayout, name: str, facts: Iterable[tuple[str, str]]) -> None:
    column.addSpacing(M)
    column.addWidget(SectionLabel(name))
    for label, value in facts:
        column.addWidget(FactRow(label, value))


def file_of(row: Row) -> Path | None:
    """The one file that another runtime could take."""
    return row.listed.model.file or next(iter(row.listed.model.files), None)


def _state(row: Row, loaded: Loaded) -> str:
    stays = stay_of(loaded) if loaded.until is None else ""
    return " · ".join(filter(None, (now_of(row), on_gpu(loaded), stays)))


def _why(row: Row) -> tuple[str, ...]:
    """The facts behind its place, and what would prove one that is not proved."""
    place = row.listed.place
    return () if place is None else tuple(each for each in (*place.facts, place.hint) if each)


def _facts(row: Row, details: ModelDetails | None) -> list[tuple[str, str]]:
    model = row.listed.model
    files = model.files or ((model.file,) if model.file else ())
    own = [
        ("Reference", str(model.ref)),
        ("Architecture", model.architecture),
        ("Context", f"{grouped(model.context)} tokens" if model.context else ""),
        ("Parameters", f"{model.parameters / 1e9:.1f} billion" if model.parameters else ""),
        *(("File", file.name) for file in files),
        ("Size on disk", size_text(model.size) if model.size and not model.remote else ""),
        ("Folder", str(files[0].parent) if files else ""),
    ]
    return [(name, value) for name, value in (*own, *(details.facts if details else ())) if value]


def _text(name: str, text: str) -> TextArea:
    area = TextArea("", name, lines=6)
    area.setReadOnly(True)
    area.setPlainText(text[:_LONGEST])
    return area


def _line(*buttons: Button) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(S)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row


def _clear(layout: QHBoxLayout | QVBoxLayout) -> None:
    while item := layout.takeAt(0):
        if widget := item.widget():
            widget.hide()
            widget.deleteLater()
