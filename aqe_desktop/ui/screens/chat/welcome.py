"""What a chat shows before its first question: that it is ready, what the model is good for, and where to begin."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.core.models import Model, RuntimeStatus, Zone
from aqe_desktop.ui.screens.chat.engine import EngineViewModel
from aqe_desktop.ui.screens.chat.flow import FlowLayout
from aqe_desktop.ui.theme.tokens import EMPTY_TITLE, ICON_LARGE, MESSAGE_COLUMN, SECONDARY, SEMIBOLD, XL, M, S
from aqe_desktop.ui.widgets.banner import Glyph
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.card import Line
from aqe_desktop.ui.widgets.chip import Chip
from aqe_desktop.ui.widgets.figures import share_text
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.meter import MeterBar

TRIES = (
    ("What does this traceback mean?", "What does this traceback mean?\n\n"),
    ("Write a docstring for a function", "Write a docstring for this function:\n\n"),
    ("Explain a regular expression", "Explain this regular expression: "),
)
TEMPORARY = "This chat is temporary: it is kept in memory only and gone when the app ends."


class Welcome(QWidget):
    """Title and sentence follow the engine. A try fills the composer; nothing is sent by it."""

    tried = Signal(str)
    folder_asked = Signal()

    def __init__(self, engine: EngineViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._temporary = False
        self.title = Label("", EMPTY_TITLE, SEMIBOLD, wrap=True)
        self.sentence = Label("", token="muted", wrap=True)
        self.bar = MeterBar("Loading the model")
        self._lay_out()
        engine.changed.connect(self.show_engine)
        self.show_engine()

    def set_temporary(self, temporary: bool) -> None:
        self._temporary = temporary
        self.show_engine()

    def show_engine(self) -> None:
        """Say how the engine stands: loading with its progress, ready, or not running."""
        title, sentence = _words(self._engine)
        if self._temporary:
            sentence = f"{sentence} {TEMPORARY}"
        self.title.set_text(title)
        self.sentence.set_text(sentence)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.bar.setVisible(self._engine.loading)
        self.bar.set_fraction(self._engine.status.progress if self._engine.status else None)

    def _lay_out(self) -> None:
        inside = QWidget()
        inside.setMaximumWidth(MESSAGE_COLUMN)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S)
        for widget in (self.title, self.sentence, self.bar):
            column.addWidget(widget)
        column.addSpacing(S)
        column.addWidget(self._project_row())
        column.addWidget(Line("line_soft"))
        column.addSpacing(M - 2)
        column.addWidget(self._tries())
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(inside, 1000)
        across.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(XL, M, XL, M)
        outer.addStretch(2)
        outer.addLayout(across)
        outer.addStretch(3)

    def _project_row(self) -> QWidget:
        button = Button("Open folder")
        button.clicked.connect(self.folder_asked)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(Label("Open a project", weight=SEMIBOLD))
        words.addWidget(Label("Its chats are listed together; nothing in the folder is read", SECONDARY, token="muted"))
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, S, 0, S)
        line.setSpacing(M)
        line.addWidget(Glyph("folder", "text", ICON_LARGE), 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        line.addWidget(button)
        return row

    def _tries(self) -> QWidget:
        row = QWidget()
        flow = FlowLayout(row)
        flow.addWidget(Label("Try", token="muted"))
        for text, question in TRIES:
            chip = Chip(text)
            chip.set_clickable(True)
            chip.clicked.connect(partial(self.tried.emit, question))
            flow.addWidget(chip)
        return row


def _words(engine: EngineViewModel) -> tuple[str, str]:
    model, status = engine.model, engine.status
    if model is None:
        return "Looking for a model", "The models on this device are being listed."
    if engine.loading:
        return f"Loading {model.name}", _loading(status)
    if engine.ready and engine.place is not None:
        here = engine.place.zone is Zone.DEVICE
        return ("Ready on this device" if here else "Ready"), _good_for(model, here=here)
    return f"{model.name} is not loaded", (status.message if status else "") or "It is loaded with the first question."


def _loading(status: RuntimeStatus | None) -> str:
    share = f" {share_text(status.progress)} done." if status and status.progress is not None else ""
    return f"The engine reads the model from disk.{share} You can write meanwhile."


def _good_for(model: Model, *, here: bool) -> str:
    first = f"{model.name} is loaded and answers without a network." if here else f"{model.name} is loaded."
    return f"{first} {model.note}".strip()
