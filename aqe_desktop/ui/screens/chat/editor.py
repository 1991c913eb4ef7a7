"""The text field of the composer: Enter by the user's setting, Up and Down at the edges, large pastes turned away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import MESSAGE
from aqe_desktop.ui.widgets.plain_text import PlainText

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent

    from aqe_desktop.ui.screens.chat.intake import Intake

_PNG = "image/png"
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
LEAST_LINES, MOST_LINES = 2, 10


class Editor(PlainText):
    """Grows with its text from two lines to ten; says what the user meant and decides nothing about sending.

    `pasted` brings an Intake that is no plain text, `image_pasted` a PNG's bytes or a QImage."""

    submitted = Signal()
    stop_pressed = Signal()
    older_asked = Signal()
    newer_asked = Signal()
    pasted = Signal(object)
    files_dropped = Signal(list)
    image_pasted = Signal(object)
    focus_moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.send_with_ctrl = False
        self._composing = False
        self.setObjectName("composer-text")
        self.setAccessibleName("Message")
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # A word as wide as the line would let the text be pushed aside, and its first letters be cut.
        self.horizontalScrollBar().rangeChanged.connect(lambda: self.horizontalScrollBar().setRange(0, 0))
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._fit())
        theme().changed.connect(self._restyle)
        self._restyle()

    def replace(self, text: str) -> None:
        """Show another text as one undoable step, caret at its end."""
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._composing:
            self._compose(event)
        elif event.key() in _ENTER:
            self._enter(event)
        elif event.key() == Qt.Key.Key_Escape:
            self.stop_pressed.emit()
        elif self._walks(event):
            (self.older_asked if event.key() == Qt.Key.Key_Up else self.newer_asked).emit()
        else:
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        # While an input method composes, Enter chooses a candidate; it must never send.
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_moved.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._composing = False
        super().focusOutEvent(event)
        self.focus_moved.emit()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasUrls() or source.hasText() or source.hasImage()

    def insertFromMimeData(self, source: QMimeData) -> None:
        files = [url.toLocalFile() for url in source.urls() if url.isLocalFile()]
        if files:
            self.files_dropped.emit(files)
        elif source.hasText():
            self._take(_judged(source.text()))
        elif source.hasImage():
            # Programs that offer a PNG mean that one: what Qt makes of it is another file.
            self.image_pasted.emit(source.data(_PNG).data() or source.imageData())

    def sizeHint(self) -> QSize:
        return QSize(300, self._height(LEAST_LINES))

    def _compose(self, event: QKeyEvent) -> None:
        """Enter belongs to the input method; one that lets it through neither sends nor breaks the line."""
        if event.key() in _ENTER:
            event.accept()
        else:
            super().keyPressEvent(event)

    def _take(self, intake: Intake) -> None:
        if intake.is_text:
            self.insertPlainText(intake.text)
            self.ensureCursorVisible()
        else:
            self.pasted.emit(intake)

    def _enter(self, event: QKeyEvent) -> None:
        held = event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier)
        wanted = Qt.KeyboardModifier.ControlModifier if self.send_with_ctrl else Qt.KeyboardModifier.NoModifier
        if held == wanted:
            self.submitted.emit()
        else:
            self.insertPlainText("\n")
            self.ensureCursorVisible()

    def _walks(self, event: QKeyEvent) -> bool:
        """True when Up or Down has no line to go to, so that it means the input history."""
        if (
            event.key() not in (Qt.Key.Key_Up, Qt.Key.Key_Down)
            or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        ):
            return False
        probe = self.textCursor()
        up = event.key() == Qt.Key.Key_Up
        return not probe.movePosition(QTextCursor.MoveOperation.Up if up else QTextCursor.MoveOperation.Down)

    def _height(self, lines: int) -> int:
        return round(lines * self.fontMetrics().lineSpacing()) + 4

    def _fit(self) -> None:
        # A QPlainTextEdit's document height is a number of lines, not of pixels.
        lines = max(LEAST_LINES, min(MOST_LINES, round(self.document().size().height())))
        if self.height() != self._height(lines):
            self.setFixedHeight(self._height(lines))

    def _restyle(self) -> None:
        self.use_font(theme().font(MESSAGE))
        self._fit()


def _judged(text: str) -> Intake:
    from aqe_desktop.ui.screens.chat.intake import judge  # not on the way to the first frame

    return judge(text)
