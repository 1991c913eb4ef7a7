"""The composer: what is written, what is attached, where it will run, and the one button that sends or stops."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.ui.screens.chat.editor import Editor
from aqe_desktop.ui.screens.chat.flow import FlowLayout
from aqe_desktop.ui.screens.chat.send_button import SendButton
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import R_COMPOSER, SMALL, M, S
from aqe_desktop.ui.widgets.button import IconButton
from aqe_desktop.ui.widgets.combo import Combo
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.paint import Box, box

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QImage

    from aqe_desktop.core.chat import Attachment
    from aqe_desktop.core.models import ModelRef
    from aqe_desktop.ui.screens.chat.composer_state import ComposerViewModel
    from aqe_desktop.ui.screens.chat.draft import Attached
    from aqe_desktop.ui.screens.chat.image_chip import ImageChip
    from aqe_desktop.ui.widgets.chip import Chip

PLACEHOLDER = "Ask about code. Paste it, or drop files"
EDITING = "Changing an earlier question. It is asked anew and the old one is kept as a version; Esc gives it up."
EMPTY = "The prompt is empty. Type a question, or attach a file."
IMAGE_BOUND = "private: it cannot be checked"
_ONLY_AN_IMAGE = ("1 image", "1 unread text, 1 image")  # what is found of one, its name not being read yet
STILL_ANSWERING = "This chat is still answering. Esc stops it; what you wrote is kept."


class Composer(QWidget):
    """The frame around the editor. Its border takes a zone's colour only once the route is decided.

    It stands in the first frame, before anything that keeps or sends: `bind` gives it the view model with what was
    typed until then, and `catch_up` does what was asked for."""

    send_asked = Signal(str, list)
    stop_asked = Signal()
    attach_asked = Signal()
    image_asked = Signal(object)
    model_chosen = Signal(object)

    def __init__(self, state: ComposerViewModel | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: ComposerViewModel | None = None
        self._early: list[Callable[[], object]] = []
        self._border = "line_strong"
        self._answering = False
        self.editor = Editor()
        self.editor.setPlaceholderText(PLACEHOLDER)
        self.send_button = SendButton()
        self.paperclip = IconButton("paperclip", "Attach files", size=30)
        self.model = Combo(name="Model", icon="screen", quiet=True)
        self.tokens = Label("", SMALL + 0.5, token="faint")
        self.files = QWidget()
        self.chips: list[Chip] = []
        self._marks: Mapping[Attachment, tuple[str, bool]] = {}
        self.editing = Label(EDITING, SMALL + 0.5, token="faint", wrap=True)
        self._lay_out()
        self._connect()
        theme().changed.connect(self.update)
        if state is None:
            self._judge()
        else:
            self.bind(state)

    @property
    def state(self) -> ComposerViewModel:
        """Once bound."""
        assert self._state is not None
        return self._state

    def bind(self, state: ComposerViewModel) -> None:
        """From now on what is written is kept; what stands here already as well."""
        self._state = state
        self.editor.older_asked.connect(state.older)
        self.editor.newer_asked.connect(state.newer)
        state.text_replaced.connect(self._replace)
        state.files_changed.connect(self._show_files)
        state.counted.connect(self._show_tokens)
        state.write(self.editor.toPlainText())
        self._show_files()

    @property
    def was_asked(self) -> bool:
        """Something was asked for before there was anything to do it."""
        return bool(self._early)

    def catch_up(self) -> None:
        """Do now, in order, what was asked for too early."""
        early, self._early = self._early, []
        for act in early:
            act()

    def set_border(self, token: str) -> None:
        if token != self._border:
            self._border = token
            self.update()

    def set_answering(self, answering: bool) -> None:
        """Stop stands where Send was, and Esc does the same."""
        self._answering = answering
        self.send_button.set_stops(answering)
        self._judge()

    def mark_files(self, marks: Mapping[Attachment, tuple[str, bool]]) -> None:
        """For files that hold something private: what, and whether that decides where they may go."""
        if marks != self._marks:
            self._marks = marks
            for chip, file in zip(self.chips, self.state.files, strict=False):
                self._say(chip, file)

    def set_models(self, models: Sequence[tuple[str, ModelRef]], chosen: ModelRef | None) -> None:
        self.model.set_options(models)
        self.model.setVisible(bool(models))
        if chosen is not None:
            self.model.select(chosen)

    def set_send_key(self, key: str) -> None:
        """`key` is enter | ctrl_enter, as in the settings."""
        self.editor.send_with_ctrl = key == "ctrl_enter"
        self.send_button.set_key("Ctrl+Enter" if self.editor.send_with_ctrl else "Enter")

    def submit(self) -> None:
        """Send what stands here, or say why not."""
        if self._state is None:
            self._early.append(self.submit)
        elif self._answering:
            self.state.refused.emit(STILL_ANSWERING)
        elif self.state.empty:
            self.state.refused.emit(EMPTY)
        else:
            self.send_asked.emit(self.state.text, [file.attachment for file in self.state.files])

    def paintEvent(self, event: QPaintEvent) -> None:
        box(QPainter(self), self.rect(), Box("raised", self._border, radius=R_COMPOSER, width=2))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(M + 2, M, M, M - 2)
        column.setSpacing(S)
        FlowLayout(self.files, gap=S - 2)
        column.addWidget(self.editing)
        column.addWidget(self.files)
        column.addWidget(self.editor)
        column.addLayout(self._bottom_row())
        for absent in (self.editing, self.files, self.model):
            absent.hide()

    def _bottom_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(S)
        row.addWidget(self.paperclip)
        row.addWidget(self.model)
        row.addStretch(1)
        row.addWidget(self.tokens)
        row.addSpacing(S - 2)
        row.addWidget(self.send_button)
        row.setAlignment(self.send_button, Qt.AlignmentFlag.AlignBottom)
        return row

    def _connect(self) -> None:
        self.editor.textChanged.connect(self._written)
        self.editor.submitted.connect(self.submit)
        self.editor.stop_pressed.connect(self._escape)
        self.editor.pasted.connect(lambda intake: self._do(lambda: self.state.paste(intake)))
        self.editor.files_dropped.connect(
            lambda names: self._do(lambda: self.state.attach([Path(name) for name in names]))
        )
        self.editor.image_pasted.connect(lambda pasted: self._do(lambda: self.state.paste_image(_png_of(pasted))))
        self.send_button.clicked.connect(lambda: self.stop_asked.emit() if self._answering else self.submit())
        self.paperclip.clicked.connect(lambda: self._do(self.attach_asked.emit))
        self.model.chosen.connect(self.model_chosen)

    def _do(self, act: Callable[[], object]) -> None:
        """At once, or as soon as there is a view model to do it with."""
        if self._state is None:
            self._early.append(act)
        else:
            act()

    def _written(self) -> None:
        if self._state is not None:
            self._state.write(self.editor.toPlainText())
        self._judge()

    def _replace(self, text: str) -> None:
        if text != self.editor.toPlainText():
            self.editor.replace(text)
        self._judge()

    def _escape(self) -> None:
        if self._answering:
            self.stop_asked.emit()
        elif self._state is not None and self._state.editing is not None:
            self._state.end_edit()

    def _judge(self) -> None:
        self.send_button.setEnabled(self._answering or not self._is_empty())
        self._show_tokens()

    def _is_empty(self) -> bool:
        return not self.editor.toPlainText().strip() if self._state is None else self._state.empty

    def _show_tokens(self) -> None:
        count = None if self._state is None or self._state.empty else self._state.tokens
        pictures = 0 if self._state is None else self._state.images
        words = [_counted(count)] if count is not None and (count or not pictures) else []
        words += [f"{pictures} {'image' if pictures == 1 else 'images'} not counted"] if pictures else []
        self.tokens.set_text(" · ".join([*words, "Esc stops"] if self._answering else words))

    def _show_files(self) -> None:
        layout = self.files.layout()
        assert layout is not None
        held = self.files.focusWidget() is not None and self.files.isAncestorOf(self.focusWidget() or self)
        while item := layout.takeAt(0):
            widget = item.widget()
            assert widget is not None
            widget.hide()
            widget.deleteLater()
        self.chips = [self._chip(number, file) for number, file in enumerate(self.state.files)]
        for chip in self.chips:
            layout.addWidget(chip)
            chip.show()
        self.files.setVisible(bool(self.state.files))
        self.editing.setVisible(self.state.editing is not None)
        if held:
            self._focus_files()
        self._judge()

    def _chip(self, number: int, file: Attached) -> Chip:
        from aqe_desktop.ui.widgets.chip import Chip  # not on the way to the first frame

        chip = self._image_chip(file) if file.attachment.is_image else Chip(file.label, icon="file", removable=True)
        self._say(chip, file)
        chip.removed.connect(partial(self.state.detach, number))
        return chip

    def _image_chip(self, file: Attached) -> ImageChip:
        from aqe_desktop.ui.screens.chat.image_chip import ImageChip

        chip = ImageChip(file.attachment.name, file.attachment.data)
        chip.clicked.connect(partial(self.image_asked.emit, file.attachment))
        return chip

    def _say(self, chip: Chip, file: Attached) -> None:
        """What it is, how much, and instead of that what is private in it."""
        what, binds = self._marks.get(file.attachment, ("", False))
        if file.attachment.is_image:
            self._say_of_image(chip, file, what, binds=binds)
            return
        text = f"{file.attachment.name} · {what}" if what else file.label
        chip.show_fact(text, "danger" if binds else "neutral", "file")
        chip.setAccessibleDescription("Attached file. Delete removes it.")

    def _say_of_image(self, chip: Chip, file: Attached, what: str, *, binds: bool) -> None:
        from aqe_desktop.ui.screens.chat.image_chip import ImageChip

        assert isinstance(chip, ImageChip)
        reason = IMAGE_BOUND if what in _ONLY_AN_IMAGE else what
        chip.show_below(" · ".join(part for part in (file.amount, reason) if part), binds=binds)
        chip.setAccessibleDescription("Attached image. Enter opens it, Delete removes it.")

    def _focus_files(self) -> None:
        """After one chip went by key, the next has the focus; after the last, the text."""
        target = self.chips[0] if self.chips else self.editor
        target.setFocus(Qt.FocusReason.TabFocusReason)


def _png_of(pasted: bytes | QImage) -> Callable[[], bytes]:
    from aqe_desktop.ui.screens.chat.pasted_image import as_png  # not on the way to the first frame

    return partial(as_png, pasted)


def _counted(tokens: int) -> str:
    from aqe_desktop.ui.screens.chat.intake import tokens_in_words  # not on the way to the first frame

    return tokens_in_words(tokens)


def dropped_files(mime: QMimeData) -> list[Path]:
    """The local files of a drag; nothing is read yet."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
