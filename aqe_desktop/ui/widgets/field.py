"""Where the user types: one line, a search, or several lines, all with the same border and the same focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QStyle, QWidget

from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import ICON_SMALL
from aqe_desktop.ui.widgets.button import IconButton
from aqe_desktop.ui.widgets.field_note import FieldNote
from aqe_desktop.ui.widgets.plain_text import PlainText

_GLASS_ROOM = 22


class Field(QLineEdit):
    """One line of text; `name` is what a screen reader calls it, the placeholder if left out.

    `ends`: the text stands at the end of the line, as figures do."""

    ends = False

    def __init__(self, placeholder: str = "", name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._described = ("", "")
        self._note: FieldNote | None = None
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name or placeholder)
        self.align()
        theme().changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        self.setFont(theme().font())

    def align(self) -> None:
        """Text begins where reading begins, also while the field is empty; Qt would go by the text's own letters."""
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        side = Qt.AlignmentFlag.AlignRight if mirrored != self.ends else Qt.AlignmentFlag.AlignLeft
        self.setAlignment(side | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self.align()

    def set_invalid(self, invalid: bool, why: str = "") -> None:
        """Show that what stands here cannot be used; `why` is said below the field, and is its description."""
        was = bool(self.property("invalid"))
        if not (was or invalid):
            return
        if invalid and not was:
            self._described = self.accessibleDescription(), self.toolTip()
        self.setAccessibleDescription(why if invalid else self._described[0])
        self.setToolTip(why if invalid else self._described[1])
        if was != invalid:
            self._mark(invalid=invalid)
        self._say(why if invalid else "")

    def _mark(self, *, invalid: bool) -> None:
        self.setProperty("invalid", invalid)
        self.style().unpolish(self)
        self.style().polish(self)
        # A style sheet that is put on anew takes the application's font with it.
        self.restyle()

    def _say(self, why: str) -> None:
        # What nobody sees has no place yet to say it at.
        if why and self._note is None and self.isVisible():
            self._note = FieldNote(self)
        if self._note is not None:
            self._note.say(why)


class SearchField(Field):
    """A field with a glass, and a cross once something stands in it. Esc empties it, and emits `escaped` when empty."""

    escaped = Signal()

    def __init__(self, placeholder: str = "Search", name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(placeholder, name, parent)
        self._cross = IconButton("close", "Clear the search", size=22, parent=self)
        self._cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._cross.setCursor(Qt.CursorShape.ArrowCursor)
        self._cross.clicked.connect(self.clear)
        self._cross.hide()
        self.textChanged.connect(lambda text: self._cross.setVisible(bool(text)))
        self._make_room()

    def restyle(self) -> None:
        super().restyle()
        self._make_room()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._make_room()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        size = theme().dp(ICON_SMALL)
        place = QStyle.visualRect(self.layoutDirection(), self.rect(), QRect(9, 0, size, self.height()))
        icons.draw(painter, "search", "muted", place, size)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = self._cross.sizeHint().width()
        place = QRect(self.width() - side - 4, (self.height() - side) // 2, side, side)
        self._cross.setGeometry(QStyle.visualRect(self.layoutDirection(), self.rect(), place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear() if self.text() else self.escaped.emit()
            return
        super().keyPressEvent(event)

    def _make_room(self) -> None:
        room, cross = theme().dp(_GLASS_ROOM) - 1, theme().dp(_GLASS_ROOM)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            room, cross = cross, room
        self.setTextMargins(room, 0, cross, 0)


class TextArea(PlainText):
    """Several lines of plain text; Tab leaves it, so that the keyboard is never caught. `lines` is its height, `mono`
    for text whose columns line up."""

    def __init__(
        self,
        placeholder: str = "",
        name: str = "",
        lines: int = 4,
        parent: QWidget | None = None,
        *,
        mono: bool = False,
    ) -> None:
        super().__init__(parent)
        self._lines = lines
        self._mono = mono
        self.setProperty("field", True)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name or placeholder)
        self.setTabChangesFocus(True)
        theme().changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        self.use_font(theme().font(mono=self._mono))
        self.setFixedHeight(self._lines * self.fontMetrics().lineSpacing() + 16)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().dp(80), self.height())
