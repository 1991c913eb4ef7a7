"""How each load setting is edited: one widget a kind, empty where the engine chooses."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.core.loading import ALL, Explained
from aqe_desktop.ui.dialogs import open_files
from aqe_desktop.ui.tasks import Tasks
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SECONDARY, XS
from aqe_desktop.ui.widgets.button import Button, IconButton
from aqe_desktop.ui.widgets.combo import Combo
from aqe_desktop.ui.widgets.field import Field
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.number import NumberField

AUTO = "auto"
WORDS = {"gpu_layers": "all", "keep_alive_s": "never"}
"""What stands for -1 in the settings that know it."""
_STEPS = {"context": 1024, "batch": 128, "keep_alive_s": 60, "rope_scale": 0.1}
_DECIMALS = {"rope_base": 2, "rope_scale": 4}
_SWITCHES = ((AUTO, None), ("on", True), ("off", False))
_PATHS = ("lora", "draft")
Pick = Callable[[QWidget], Awaitable[list[Path]]]


class NumberEditor(NumberField):
    """Takes what is typed as soon as it can be read, so that the memory picture follows; `word` stands for -1."""

    def __init__(self, row: Explained, parent: QWidget | None = None) -> None:
        self._word = WORDS.get(row.name, "")
        low, high = row.low if row.low is not None else 0, row.high if row.high is not None else 1e9
        decimals = _DECIMALS.get(row.name, 0)
        super().__init__(low, high, _STEPS.get(row.name, 1), decimals, empty=AUTO, parent=parent)

    @property
    def valid(self) -> bool:
        return not self.property("invalid")

    def _judge(self) -> None:
        super()._judge()
        if self._readable():
            self._set(self._read())

    def _set(self, value: float | None) -> None:
        super()._set(value if value is None or self._decimals else int(value))

    def _read(self) -> float | None:
        text = self.text().strip().casefold()
        if text == AUTO:
            return None
        return ALL if self._word and text == self._word else super()._read()

    def _why(self) -> str:
        if not self._word:
            return super()._why()
        return f"Use a number from 0 to {self._grouped(self._range[1])}, or “{self._word}”."

    def _grouped(self, value: float) -> str:
        return self._word if self._word and value == ALL else super()._grouped(value)

    def _plain(self, value: float) -> str:
        return self._word if self._word and value == ALL else super()._plain(value)


class ChoiceEditor(Combo):
    """A few choices, the first of which leaves it to the engine."""

    value_changed = Signal(object)
    valid = True

    def __init__(self, row: Explained, parent: QWidget | None = None) -> None:
        self._explained = row.explanation
        options = [(AUTO, ""), *((each, each) for each in row.choices)] if row.choices else list(_SWITCHES)
        super().__init__(options, row.label, parent=parent)
        self.chosen.connect(self.value_changed)

    def set_value(self, value: object) -> None:
        self.select(value)

    def _show(self) -> None:
        super()._show()
        self.setAccessibleDescription(f"{self.text()}. {self._explained}")


class SharesEditor(Field):
    """Numbers separated by commas."""

    ends = True
    value_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(AUTO, parent=parent)
        self.textEdited.connect(self._judge)

    def restyle(self) -> None:
        self.setFont(theme().font(mono=True))

    @property
    def valid(self) -> bool:
        return not self.property("invalid")

    def set_value(self, value: tuple[float, ...]) -> None:
        self.setText(", ".join(f"{each:g}" for each in value))
        self.set_invalid(False)

    def _judge(self) -> None:
        try:
            shares = tuple(float(part) for part in self.text().split(",") if part.strip())
            wrong = any(not 0 <= share < math.inf for share in shares) or (bool(shares) and not sum(shares))
        except ValueError:
            wrong, shares = True, ()
        self.set_invalid(wrong, "Use numbers separated by commas, such as 3, 1.")
        if not wrong:
            self.value_changed.emit(shares)


class FilesEditor(QWidget):
    """Files by their names, whole on hover; `one` holds a single path as text, else a tuple of them."""

    value_changed = Signal(object)
    valid = True

    def __init__(self, row: Explained, pick: Pick | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._one, self._label, self._paths = row.name == "draft", row.label, tuple[str, ...]()
        self._pick = pick or _pick
        self._tasks = Tasks(self)
        self.add = Button("Choose a file" if self._one else "Add a file", icon="file", small=True)
        self.add.setAccessibleName(f"{self.add.text()}: {row.label}")
        self.add.clicked.connect(lambda: self._tasks.start(self._choose(), name="choose a file"))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(XS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(XS)
        column.addLayout(self._rows)
        column.addWidget(self.add)

    def set_value(self, value: Any) -> None:
        self._paths = ((value,) if value else ()) if self._one else tuple(value)
        while item := self._rows.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for path in self._paths:
            self._rows.addWidget(self._row(path))

    def _row(self, path: str) -> QWidget:
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 0, 0)
        name = Label(Path(path).name, SECONDARY)
        name.setToolTip(path)
        remove = IconButton("close", f"Take {Path(path).name} out of {self._label}", size=22)
        remove.clicked.connect(partial(self._take, tuple(each for each in self._paths if each != path)))
        line.addWidget(name, 1)
        line.addWidget(remove)
        return holder

    async def _choose(self) -> None:
        chosen = tuple(str(path) for path in await self._pick(self.window()))
        if chosen:
            self._take(chosen[:1] if self._one else tuple(dict.fromkeys((*self._paths, *chosen))))

    def _take(self, paths: tuple[str, ...]) -> None:
        self.set_value((paths[0] if paths else "") if self._one else paths)
        self.add.setFocus()
        self.value_changed.emit(self._paths[0] if self._one and self._paths else "" if self._one else self._paths)


Editor = NumberEditor | ChoiceEditor | SharesEditor | FilesEditor


def editor_of(row: Explained) -> Editor:
    """By what the setting holds."""
    if row.name in _PATHS:
        return FilesEditor(row)
    if row.name == "tensor_split":
        return SharesEditor()
    return ChoiceEditor(row) if row.choices or row.low is None else NumberEditor(row)


async def _pick(window: QWidget) -> list[Path]:
    await asyncio.sleep(0)  # the press has ended before a window opens
    return await open_files(window, "Choose a GGUF file", filters=("GGUF files (*.gguf)",))
