"""The sheets of the models screen: get a model, read a server's log, and the question before a delete."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.core.figures import size_text
from aqe_desktop.core.models import ModelRef, Removal
from aqe_desktop.core.plan import Fit, Recommended
from aqe_desktop.ui.screens.models.view_model import ModelsViewModel
from aqe_desktop.ui.theme.tokens import SECONDARY, SEMIBOLD, SMALL, XS, L, S
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.card import Line
from aqe_desktop.ui.widgets.combo import Combo
from aqe_desktop.ui.widgets.field import Field, TextArea
from aqe_desktop.ui.widgets.label import Label, SectionLabel
from aqe_desktop.ui.widgets.scroll_page import ScrollPage
from aqe_desktop.ui.widgets.sheet import Sheet

_LOG_BLOCKS = 2000
_DELETED = "Its runtime removes it from this computer. To use it again it has to be downloaded again."
_TRASHED = "All its files go to the trash of this computer, from where they can be brought back."
_PULLS = "ollama"
"""The runtime whose names the shipped list gives."""


class GetSheet(Sheet):
    """By name, or out of the list for this computer. `pull_asked(ModelRef)`; it stays open for more than one."""

    pull_asked = Signal(object)
    create_asked = Signal()

    def __init__(self, window: QWidget, models: ModelsViewModel) -> None:
        super().__init__(window, "Get a model", 640)
        self._models = models
        self.name = Field("Such as qwen2.5-coder:7b", "Name of the model")
        self.runtime = Combo(models.stocking, "Runtime")
        self.pull = Button("Download", "primary", "download")
        self.list = ScrollPage("Recommended models")
        self._content = QWidget()
        self._content.setObjectName("content")
        self._rows = QVBoxLayout(self._content)
        self._rows.setContentsMargins(0, 0, S, 0)
        self._rows.setSpacing(S)
        self._lay_out()
        self.pull.clicked.connect(self._pull_named)
        self.name.returnPressed.connect(self._pull_named)
        models.recommended_changed.connect(self._show)
        self._show()
        models.recommend()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(S)
        line.addWidget(self.name, 1)
        line.addWidget(self.runtime)
        line.addWidget(self.pull)
        self.body.addLayout(line)
        self.body.addWidget(SectionLabel("For this computer"))
        self.list.setWidget(self._content)
        self.list.setMinimumHeight(280)
        self.body.addWidget(self.list, 1)
        create = self.add_button("From a GGUF file", key="create")
        create.setAccessibleName("Create a model from a GGUF file")
        self.add_button("Close", key="close")
        self.finished.connect(lambda key: self.create_asked.emit() if key == "create" else None)

    def _pull_named(self) -> None:
        name = self.name.text().strip()
        if not name or self.runtime.value is None:
            self.name.set_invalid(True, "Write the name that the runtime's library has for it.")
            return
        self.name.set_invalid(False)
        self._ask(ModelRef(self.runtime.value, name))

    def _ask(self, model: ModelRef) -> None:
        self.pull_asked.emit(model)
        self.close_with("pulled")

    def _show(self) -> None:
        while item := self._rows.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        can = self._models.can_stock(_PULLS)
        for each in self._models.recommended:
            self._rows.addWidget(self._row(each, can=can and bool(each.pull)))
            self._rows.addWidget(Line())
        if not self._models.recommended:
            self._rows.addWidget(Label("Reading what this computer has", token="muted"))
        self._rows.addStretch(1)

    def _row(self, each: Recommended, *, can: bool) -> QWidget:
        holder = QWidget()
        words = QVBoxLayout()
        words.setSpacing(XS)
        seen = "" if each.seen else "size not checked by us"
        head = (each.name, f"{each.parameters:g}B", each.quantization, size_text(each.size), each.licence, seen)
        words.addWidget(Label(" · ".join(part for part in head if part), weight=SEMIBOLD))
        words.addWidget(Label(each.good_for, SECONDARY, wrap=True))
        words.addWidget(Label(each.reason, SMALL, token="muted", wrap=True))
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(L)
        row.addLayout(words, 1)
        button = Button("Download", small=True)
        button.setAccessibleName(f"Download {each.name}")
        button.setVisible(can and each.fit is not Fit.NOT)
        button.clicked.connect(partial(self._ask, ModelRef(_PULLS, each.pull or each.name)))
        row.addWidget(button)
        return holder


class LogSheet(Sheet):
    """The last lines of a server's log and what comes, as long as it is open; older ones fall out at the top."""

    def __init__(self, window: QWidget, models: ModelsViewModel, runtime: str, name: str) -> None:
        super().__init__(window, f"Log of {name}", 860)
        self._models = models
        self.text = TextArea("Nothing yet.", f"Log of {name}", lines=22, mono=True)
        self.text.setReadOnly(True)
        self.text.setMaximumBlockCount(_LOG_BLOCKS)
        self.body.addWidget(self.text)
        self.add_button("Close", key="close")
        models.log_came.connect(self.text.appendPlainText)
        models.follow_log(runtime)
        self.finished.connect(lambda _key: models.leave_log())


class DeleteSheet(Sheet):
    """Asked before it is done, with who else stands on the files; Enter keeps the model."""

    def __init__(self, window: QWidget, model: ModelRef, removal: Removal, also: tuple[str, ...]) -> None:
        trash = removal is Removal.TRASH
        super().__init__(window, f"Move {model} to the trash?" if trash else f"Delete {model}?")
        self.body.addWidget(Label(_TRASHED if trash else _DELETED, wrap=True))
        for sentence in also:
            self.body.addWidget(Label(sentence, SECONDARY, wrap=True))
        self.add_button("Move to the trash" if trash else "Delete", "danger", "delete")
        self.add_button("Keep", "primary", "keep", default=True)
