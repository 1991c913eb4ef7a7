"""Several lines of text as Qt has them, without two habits that show: an old size, and a caret on the wrong side."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QPlainTextEdit, QWidget

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute


class PlainText(QPlainTextEdit):
    """What is written has the direction of its letters; while nothing is, the caret waits where reading begins."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.textChanged.connect(self.align)
        self.align()

    def use_font(self, font: QFont) -> None:
        """For the text and the words in its place: a style sheet leaves the viewport, which paints those, behind.

        Not at the first time: it has the font then, and to ask Qt for it is dear on the way to the first frame."""
        again = self.testAttribute(Qt.WidgetAttribute.WA_SetFont)
        self.setFont(font)
        if again:
            self.viewport().setFont(font)

    def align(self) -> None:
        """Qt calls an empty line left-to-right, and paints its placeholder at the other side."""
        mirrored = self.document().isEmpty() and self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        wanted = _RIGHT if mirrored else Qt.AlignmentFlag.AlignLeft
        option = self.document().defaultTextOption()
        if option.alignment() != wanted:
            option.setAlignment(wanted)
            self.document().setDefaultTextOption(option)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self.align()
