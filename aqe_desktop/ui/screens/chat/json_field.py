"""A parameter that is JSON: it counts once it is whole, and what is wrong with it stands below while it is not."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aqe_desktop.core.errors import UsageError
from aqe_desktop.ui.theme.tokens import SMALL, XS
from aqe_desktop.ui.widgets.field import TextArea
from aqe_desktop.ui.widgets.label import Label

_DELAY_MS = 400
_BEFORE = "What was there before still counts."


class JsonField(QWidget):
    """`check` raises UsageError for what cannot count; `given` tells what counts from now on, "" for none."""

    given = Signal(str)

    def __init__(
        self, name: str, placeholder: str, check: Callable[[str], object], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._check = check
        self._counts = ""
        self.editor = TextArea(placeholder, name, lines=3)
        self.trouble = Label("", SMALL, token="danger", wrap=True)
        self._soon = QTimer(self, singleShot=True, interval=_DELAY_MS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(XS)
        for widget in (Label(name, SMALL + 0.5, token="muted"), self.editor, self.trouble):
            column.addWidget(widget)
        self.trouble.hide()
        self.editor.textChanged.connect(self._soon.start)
        self._soon.timeout.connect(self.flush)

    def show_value(self, text: str) -> None:
        """What counts now; not into a field that is being edited."""
        if self.editor.hasFocus() or text == self._counts:
            return
        self._counts = text
        self.editor.blockSignals(True)
        self.editor.setPlainText(text)
        self.editor.blockSignals(False)
        self._tell("")

    def flush(self) -> None:
        """Take what stands there now, where it can count."""
        self._soon.stop()
        text = self.editor.toPlainText().strip()
        try:
            if text:
                self._check(text)
        except UsageError as error:
            self._tell(f"{error.message} {_BEFORE}")
            return
        self._tell("")
        if text != self._counts.strip():
            self._counts = text
            self.given.emit(text)

    def _tell(self, words: str) -> None:
        self.trouble.setText(words)
        self.trouble.setVisible(bool(words))
        self.editor.setAccessibleDescription(words)
