"""One parameter: its name left, its value right, editable where it stands."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SMALL, M
from aqe_desktop.ui.widgets.label import Label


class ParamRow(QWidget):
    """`field` is any editor; it is named after the label for screen readers, and the hint describes it."""

    def __init__(
        self, label: str, field: QWidget, hint: str = "", width: int = 112, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.field = field
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        self.label = Label(label, token="text" if hint else "muted")
        words.addWidget(self.label)
        if hint:
            words.addWidget(Label(hint, SMALL, token="muted"))
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(M)
        row.addLayout(words, 1)
        row.addWidget(field, 0, Qt.AlignmentFlag.AlignVCenter)
        self._width = width
        theme().changed.connect(self.restyle)
        self.restyle()
        field.setAccessibleName(label)
        if hint:
            field.setAccessibleDescription(hint)
        self.label.setBuddy(field)

    def restyle(self) -> None:
        """The editor is as wide as its longest words need, at every size of the text; 0 leaves it to itself."""
        if self._width:
            self.field.setFixedWidth(theme().dp(self._width))


class FactRow(QWidget):
    """One reading: its name left, its value right in tabular figures."""

    def __init__(self, label: str, value: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(M)
        self._name = label
        self.label = Label(label, token="muted")
        self.value = Label(value)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.label, 1)
        row.addWidget(self.value)
        self.set_value(value)

    def set_value(self, value: str) -> None:
        self.value.set_text(value)
        self._share()
        self.setAccessibleName(f"{self._name}: {value}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share()

    def _share(self) -> None:
        """Where both do not fit, the name is cut before the figure, which has up to two thirds of the row."""
        self.value.setFixedWidth(min(self.value.sizeHint().width(), self.width() * 2 // 3))
