"""The sampling of the open chat, edited where it stands; an empty field leaves the choice to the engine."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aqe_desktop.core.chat import THINK
from aqe_desktop.core.tools import schema_of, tools_of
from aqe_desktop.ui.screens.chat.json_field import JsonField
from aqe_desktop.ui.screens.chat.parameters import ParametersViewModel
from aqe_desktop.ui.screens.chat.stop_words import from_line, to_line
from aqe_desktop.ui.theme.tokens import SMALL, XS, S
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.combo import Combo
from aqe_desktop.ui.widgets.field import Field, TextArea
from aqe_desktop.ui.widgets.label import Label, SectionLabel
from aqe_desktop.ui.widgets.menu import Menu
from aqe_desktop.ui.widgets.number import NumberField
from aqe_desktop.ui.widgets.param import ParamRow

_MORE, _LESS = "System prompt, stop words, JSON", "Hide system prompt, stop words, JSON"
_SYSTEM_DELAY_MS = 400
DEFAULT = "Empty means the engine's default."
_LARGEST_SEED = 2**32 - 2


class ParameterForm(QWidget):
    """Fields over the view model; `save_asked` wants a name for a preset."""

    save_asked = Signal()

    def __init__(self, parameters: ParametersViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parameters = parameters
        self.heading = SectionLabel("Parameters", "Presets")
        self.numbers: dict[str, NumberField] = {
            "temperature": NumberField(0, 5, 0.1, 2, empty="default", bare=True),
            "top_p": NumberField(0, 1, 0.05, 2, empty="default", bare=True),
            "top_k": NumberField(0, 1000, 5, empty="default", bare=True),
            "min_p": NumberField(0, 1, 0.01, 2, empty="default", bare=True),
            "max_output": NumberField(1, 1_000_000, 256, empty="no limit", bare=True),
            "seed": NumberField(0, _LARGEST_SEED, empty="random", bare=True),
        }
        self.think = Combo([("default", ""), *((each, each) for each in THINK)])
        self.more = Button(_MORE, "link", small=True)
        self.system = TextArea("Instructions for every answer of this chat", "System prompt", lines=4)
        self.stop = Field("separated by commas", "Stop words")
        self.schema = JsonField("Form of the answer", "a JSON schema", schema_of)
        self.tools = JsonField("Tools it may ask for", "a JSON list of functions", tools_of)
        self._thinks = False
        self._thinking = ParamRow("Thinking", self.think, width=96)
        self._details = QWidget()
        self._soon = QTimer(self, singleShot=True, interval=_SYSTEM_DELAY_MS)
        self._lay_out()
        self._connect()
        self.show_values()

    def show_values(self) -> None:
        """Put the open chat's values into the fields, but not into one that is being edited."""
        value = self._parameters.value
        for key, field in self.numbers.items():
            if not field.hasFocus():
                field.set_value(getattr(value.sampling, key))
        self.think.select(value.sampling.think)
        self._show_thinking()
        self.schema.show_value(value.sampling.schema)
        self.tools.show_value(value.sampling.tools)
        if not self.system.hasFocus():
            self._put_system(value.system)
        if not self.stop.hasFocus():
            self.stop.setText(to_line(value.sampling.stop))
        self.heading.set_action(self._parameters.preset or "Presets")

    def set_thinks(self, thinks: bool) -> None:
        """Whether the model can think first."""
        self._thinks = thinks
        self._show_thinking()

    def open_presets(self) -> None:
        """Choose a preset, save the present values as one, or delete one; returns at once."""
        menu, chosen = Menu(self), self._parameters.preset
        for name in self._parameters.presets:
            menu.add(name, partial(self._parameters.apply, name), checked=name == chosen)
        menu.addSeparator()
        menu.add("Save as a preset…", self.save_asked.emit, icon="save")
        if chosen:
            menu.add(f"Delete “{chosen}”", partial(self._parameters.remove, chosen), icon="trash", danger=True)
        menu.popup_under(self.heading.action)

    def flush(self) -> None:
        """Take what stands in the larger fields now; called before a question is sent."""
        self._soon.stop()
        self.schema.flush()
        self.tools.flush()
        if self.system.toPlainText() != self._parameters.value.system:
            self._parameters.set_system(self.system.toPlainText())

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.heading)
        column.addSpacing(XS)
        names = ("Temperature", "Top-p", "Top-k", "Min-p", "Max output", "Seed")
        for name, field in zip(names, self.numbers.values(), strict=True):
            column.addWidget(ParamRow(name, field, width=96))
            if field.placeholderText() == "default":
                field.setAccessibleDescription(DEFAULT)
                field.setToolTip(DEFAULT)
        column.addWidget(self._thinking)
        column.addSpacing(XS)
        column.addWidget(self.more)
        column.addWidget(self._details)
        inside = QVBoxLayout(self._details)
        inside.setContentsMargins(0, S, 0, 0)
        inside.setSpacing(XS)
        edited: tuple[tuple[str, QWidget], ...] = (("System prompt", self.system), ("Stop words", self.stop))
        for words, editor in edited:
            inside.addWidget(Label(words, SMALL + 0.5, token="muted"))
            inside.addWidget(editor)
        inside.addWidget(self.schema)
        inside.addWidget(self.tools)
        self._details.hide()

    def _connect(self) -> None:
        for key, field in self.numbers.items():
            field.value_changed.connect(partial(self._set_number, key))
        self.think.chosen.connect(lambda value: self._parameters.set_sampling(think=value))
        self.heading.action_clicked.connect(self.open_presets)
        self.more.clicked.connect(self._toggle)
        self.system.textChanged.connect(self._soon.start)
        self._soon.timeout.connect(self.flush)
        self.stop.editingFinished.connect(self._set_stop)
        self.schema.given.connect(lambda text: self._parameters.set_sampling(schema=text))
        self.tools.given.connect(lambda text: self._parameters.set_sampling(tools=text))
        self._parameters.changed.connect(self.show_values)
        self._parameters.listed.connect(self.show_values)

    def _show_thinking(self) -> None:
        """Also where it is set and the model cannot: else nobody could take it back."""
        self._thinking.setVisible(self._thinks or bool(self._parameters.value.sampling.think))

    def _toggle(self) -> None:
        opened = self._details.isHidden()
        self._details.setVisible(opened)
        self.more.setText(_LESS if opened else _MORE)
        self.more.setAccessibleName(self.more.text())
        self.more.updateGeometry()

    def _set_number(self, key: str, value: Any) -> None:
        whole = key in ("top_k", "max_output", "seed")
        self._parameters.set_sampling(**{key: int(value) if whole and value is not None else value})

    def _set_stop(self) -> None:
        self._parameters.set_sampling(stop=from_line(self.stop.text()))

    def _put_system(self, text: str) -> None:
        if text != self.system.toPlainText():
            self.system.blockSignals(True)
            self.system.setPlainText(text)
            self.system.blockSignals(False)
