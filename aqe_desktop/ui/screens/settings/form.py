"""One row per setting: its words left, the editor that fits its kind right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.ui.screens.settings.fields import SettingField
from aqe_desktop.ui.theme.tokens import SECONDARY, L, S
from aqe_desktop.ui.widgets.combo import Combo
from aqe_desktop.ui.widgets.field import Field
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.number import NumberField
from aqe_desktop.ui.widgets.segmented import Segmented
from aqe_desktop.ui.widgets.toggle import Toggle

_WIDTH = 200


class SettingRow(QWidget):
    """`changed(name, value)` is a wish of the user's; `show_value` puts in what counts."""

    changed = Signal(str, object)

    def __init__(
        self, field: SettingField, options: Sequence[tuple[str, Any]] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.field = field
        self.editor = self._editor(field, options)
        self.editor.setAccessibleName(field.title)
        self.editor.setAccessibleDescription(field.description)
        self.trouble = Label("", SECONDARY, token="danger", wrap=True)
        self.trouble.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, S, 0, S)
        row.setSpacing(L)
        row.addWidget(_words(field, self.trouble), 1)
        row.addWidget(self.editor, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_value(self, value: Any) -> None:
        """No signal follows. A field that is being typed in keeps what is typed."""
        self.trouble.hide()
        editor = self.editor
        if isinstance(editor, Toggle):
            editor.blockSignals(True)
            editor.setChecked(value)
            editor.blockSignals(False)
        elif isinstance(editor, Combo | Segmented):
            editor.select(value)
        elif isinstance(editor, NumberField) and not editor.hasFocus():
            editor.set_value(value)
        elif isinstance(editor, Field) and not isinstance(editor, NumberField) and not editor.hasFocus():
            editor.setText(value)

    def refuse(self, message: str) -> None:
        """Say why a value was not taken."""
        self.trouble.set_text(message)
        self.trouble.show()

    def _editor(self, field: SettingField, options: Sequence[tuple[str, Any]]) -> QWidget:
        if options:
            return self._combo(options, field.title)
        if field.kind == "choice":
            segmented = Segmented(field.choices, field.title)
            segmented.chosen.connect(self._emit)
            return segmented
        if field.kind == "switch":
            toggle = Toggle(field.title)
            toggle.toggled.connect(self._emit)
            return toggle
        return self._number(field) if field.kind == "number" else self._text(field)

    def _combo(self, options: Sequence[tuple[str, Any]], name: str) -> Combo:
        combo = Combo(options, name)
        combo.setMinimumWidth(_WIDTH)
        combo.chosen.connect(self._emit)
        return combo

    def _number(self, field: SettingField) -> NumberField:
        number = NumberField(field.least, field.most, name=field.title)
        number.setFixedWidth(96)
        number.value_changed.connect(lambda value: self._emit(None if value is None else int(value)))
        return number

    def _text(self, field: SettingField) -> Field:
        text = Field(name=field.title)
        text.setFixedWidth(_WIDTH)
        text.editingFinished.connect(lambda: self._emit(text.text().strip()) if text.isModified() else None)
        return text

    def _emit(self, value: Any) -> None:
        self.changed.emit(self.field.name, value)


def _words(field: SettingField, trouble: Label) -> QWidget:
    words = QWidget()
    column = QVBoxLayout(words)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    column.addStretch(1)
    column.addWidget(Label(field.title))
    if field.description:
        column.addWidget(Label(field.description, SECONDARY, token="muted", wrap=True))
    column.addWidget(trouble)
    column.addStretch(1)
    return words
