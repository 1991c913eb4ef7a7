"""Numbers the user may leave to the engine: an empty field is a choice, and a wrong one is never taken."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from aqe_desktop.core.figures import THIN
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.widgets.field import Field


class NumberField(Field):
    """`value` is None where nothing stands; `empty` says what that means ("random"). Up and Down step, Esc restores."""

    ends = True
    value_changed = Signal(object)

    def __init__(
        self,
        minimum: float,
        maximum: float,
        step: float = 1,
        decimals: int = 0,
        empty: str = "",
        name: str = "",
        bare: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        self._range, self._step, self._decimals = (minimum, maximum), step, decimals
        self._value: float | None = None
        super().__init__(empty, name, parent)
        self.setProperty("bare", bare)
        self.align()
        self.textEdited.connect(self._judge)
        self.editingFinished.connect(self._take)

    def align(self) -> None:
        super().align()
        if self.property("bare"):
            # Qt keeps two pixels of its own; without them the figures end where those above and below end.
            mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            self.setTextMargins(-3 if mirrored else 0, 0, 0 if mirrored else -3, 0)

    @property
    def value(self) -> float | None:
        return self._value

    def set_value(self, value: float | None) -> None:
        """Show a value without emitting; one outside the range is shown at the nearer end."""
        self._value = None if value is None else self._fit(value)
        self._show(grouped=not self.hasFocus())

    def restyle(self) -> None:
        self.setFont(theme().font(mono=True))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._show(grouped=False)
        self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.isModified() and not self._readable():
            self._show(grouped=True)
            return
        self._show(grouped=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step_by(1 if event.key() == Qt.Key.Key_Up else -1)
        elif event.key() == Qt.Key.Key_Escape and self.isModified():
            self._show(grouped=False)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # A page that scrolls under the pointer must not change a number.
        event.ignore()

    def _step_by(self, count: int) -> None:
        start = self._value if self._value is not None else max(self._range[0], 0)
        self._set(self._fit(round(start + count * self._step, self._decimals)))
        self._show(grouped=False)

    def _readable(self) -> bool:
        try:
            value = self._read()
        except ValueError:
            return False
        return value is None or self._range[0] <= value <= self._range[1]

    def _read(self) -> float | None:
        text = self.text().replace(THIN, "").replace(" ", "").replace(",", ".")
        return round(float(text), self._decimals) if text else None

    def _judge(self) -> None:
        self.set_invalid(not self._readable(), self._why())

    def _why(self) -> str:
        """What is wrong with what stands here, and what may."""
        low, high = self._range
        try:
            value = self._read() or 0
        except ValueError:
            value = math.nan
        wrong = "Too small" if value < low else "Too large" if value > high else "Not a number"
        return f"{wrong}; use a number from {self._grouped(low)} to {self._grouped(high)}."

    def _take(self) -> None:
        if self.isModified() and self._readable():
            self._set(self._read())
            self.setModified(False)

    def _set(self, value: float | None) -> None:
        if value != self._value:
            self._value = value
            self.value_changed.emit(value)

    def _fit(self, value: float) -> float:
        return min(max(value, self._range[0]), self._range[1])

    def _show(self, *, grouped: bool) -> None:
        written = self._grouped if grouped else self._plain
        self.setText("" if self._value is None else written(self._value))
        self.set_invalid(False)

    def _grouped(self, value: float) -> str:
        return f"{value:,.{self._decimals}f}".replace(",", THIN) if abs(value) >= 1000 else self._plain(value)

    def _plain(self, value: float) -> str:
        text = f"{value:.{self._decimals}f}"
        return text.rstrip("0").rstrip(".") if self._decimals else text
