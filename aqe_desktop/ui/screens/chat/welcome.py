"""What a chat shows before its first question: that it is ready, what the model is good for, and where to begin."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSpacerItem, QVBoxLayout, QWidget

from aqe_desktop.core.models import Model, RuntimeStatus, Zone
from aqe_desktop.ui.screens.chat.engine import EngineViewModel
from aqe_desktop.ui.screens.chat.flow import FlowLayout
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import EMPTY_TITLE, HEADER, ICON_LARGE, SECONDARY, SEMIBOLD, STATUS, XL, M, S
from aqe_desktop.ui.widgets.banner import Glyph
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.card import Line, TextColumn
from aqe_desktop.ui.widgets.chip import Chip
from aqe_desktop.ui.widgets.figures import share_text
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.meter import MeterBar

TRIES = (
    ("What does this traceback mean?", "What does this traceback mean?\n\n"),
    ("Write a docstring for a function", "Write a docstring for this function:\n\n"),
    ("Explain a regular expression", "Explain this regular expression: "),
)
# What stands around it in the window: header, composer with its route, and status bar.
_FRAME = HEADER + 165 + STATUS
# Kept free under the tries: a toast stands there, and must cover none of them.
_TOAST = 56
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
        self.sentence = Label("", token="muted")
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.sentence.set_wrap(True)
        self.bar = MeterBar("Loading the model")
        self._lay_out()
        theme().changed.connect(self.restyle)
        self.restyle()
        engine.changed.connect(self.show_engine)
        self.show_engine()

    def restyle(self) -> None:
        """The sentence always has room for two lines: what stands below must not move when it is another."""
        self.sentence.setMinimumHeight(2 * self.sentence.fontMetrics().lineSpacing())

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
        inside = self._inside = TextColumn()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S)
        for widget in (self.title, self.sentence, self.bar):
            column.addWidget(widget)
        column.addSpacing(S)
        self.project, self.tries = self._project_row(), self._tries()
        column.addWidget(self.project)
        column.addWidget(self.tries)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(inside, 1000)
        across.addStretch(1)
        outer = self._outer = QVBoxLayout(self)
        outer.setContentsMargins(XL, M, XL, M)
        # By the window's height alone: a notice that comes below must move nothing here.
        self._above = QSpacerItem(0, 0, QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Maximum)
        outer.addSpacerItem(self._above)
        outer.addLayout(across)
        outer.addStretch(1)

    def minimumSizeHint(self) -> QSize:
        """What is written below takes the room it needs: the tries make way for it."""
        return QSize(super().minimumSizeHint().width(), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._rest()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._rest()

    def _rest(self) -> None:
        """Two fifths of the height that is left lie above, as long as there is room for them."""
        width, free = self._inside.width(), self.height() - 2 * M - theme().dp(_TOAST)
        tries, project = self.tries.heightForWidth(width) + S, self.project.sizeHint().height() + S
        hidden = (tries if self.tries.isHidden() else 0) + (project if self.project.isHidden() else 0)
        whole = self._inside.heightForWidth(width) + hidden
        left = self.window().height() - theme().dp(_FRAME + _TOAST) - whole
        if (above := max(0, left * 2 // 5)) != self._above.sizeHint().height():
            self._above.changeSize(0, above, QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Maximum)
            self._outer.invalidate()
        self.tries.setVisible(free - above >= whole)
        self.project.setVisible(free - above >= whole - tries)

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
        """The line above goes with them."""
        holder, row, chips = QWidget(), QWidget(), QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S + M - 2)
        column.addWidget(Line("line_soft"))
        column.addWidget(row)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(M)
        beside = QVBoxLayout()
        beside.addSpacing(3)
        beside.addWidget(Label("Try", token="muted"))
        beside.addStretch(1)
        line.addLayout(beside)
        line.addWidget(chips, 1)
        flow = FlowLayout(chips)
        for text, question in TRIES:
            chip = Chip(text)
            chip.set_clickable(True)
            chip.clicked.connect(partial(self.tried.emit, question))
            flow.addWidget(chip)
        return holder


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
