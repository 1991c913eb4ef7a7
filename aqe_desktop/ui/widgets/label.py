"""Words on the ground: they are never markup, and one line that is too long is elided and whole on hover."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolTip, QWidget

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import INTERFACE, REGULAR, SECONDARY, SEMIBOLD
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.paint import elided, text_width
from aqe_desktop.ui.widgets.tip import plain_tip

_LEAST = 32


class Label(QLabel):
    """A noun or a sentence; `size` in pixels at a scale of 1, `token` its colour. `wrap` lets it take several lines."""

    def __init__(
        self,
        text: str = "",
        size: float = INTERFACE,
        weight: int = REGULAR,
        token: str = "text",
        wrap: bool = False,
        mono: bool = False,
        selectable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._size, self._weight, self._token, self._mono = size, weight, token, mono
        self._reserved = ""
        self.cut = False
        self.setTextFormat(Qt.TextFormat.PlainText)
        if selectable:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        self.set_wrap(wrap)
        theme().changed.connect(self.restyle)
        self.restyle()

    def set_text(self, text: str) -> None:
        if text != self.text():
            self.setText(text)

    def set_wrap(self, wrap: bool) -> None:
        """Several lines, or one that is elided where it is too long."""
        self.setWordWrap(wrap)
        policy = QSizePolicy.Policy.Minimum if wrap else QSizePolicy.Policy.Fixed
        self.setSizePolicy(QSizePolicy.Policy.Preferred, policy)
        self._align()

    def set_token(self, token: str) -> None:
        self._token = token
        self.restyle()

    def reserve(self, sample: str) -> None:
        """Keep the width of `sample`, so that a changing figure moves nothing beside it."""
        self._reserved = sample
        self.updateGeometry()

    def restyle(self) -> None:
        self.setFont(theme().font(self._size, self._weight, mono=self._mono))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, theme().color(self._token))
        palette.setColor(QPalette.ColorRole.Text, theme().color(self._token))
        self.setPalette(palette)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        if self.wordWrap():
            return hint
        width = max(text_width(self.text(), self.font()), text_width(self._reserved, self.font()))
        return QSize(width + 1, self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        if self.wordWrap():
            return super().minimumSizeHint()
        if self._reserved:
            return self.sizeHint()
        return QSize(min(self.sizeHint().width(), 3 * self.fontMetrics().averageCharWidth()), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.wordWrap() or self.textInteractionFlags() != Qt.TextInteractionFlag.LinksAccessibleByMouse:
            super().paintEvent(event)
            return
        shown = elided(self.text(), self.font(), self.width())
        self.cut = shown != self.text()
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        flags = int(self._absolute().value) | int(Qt.TextFlag.TextSingleLine.value)
        painter.drawText(self.rect(), flags, shown)

    def _absolute(self) -> Qt.AlignmentFlag:
        """The alignment as it is seen in this reading direction."""
        alignment = self.alignment()
        if self.isRightToLeft():
            from PySide6.QtWidgets import QStyle  # dear to load, and needed in mirrored windows only

            alignment = QStyle.visualAlignment(self.layoutDirection(), alignment)
        return alignment | Qt.AlignmentFlag.AlignAbsolute

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._align()

    def _align(self) -> None:
        """Qt sets wrapped lines by their own letters: an English fact would stand at the far side of a mirrored one."""
        alignment = self.alignment()
        if self.wordWrap() and not alignment & Qt.AlignmentFlag.AlignHCenter:
            mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
            upright = alignment & Qt.AlignmentFlag.AlignVertical_Mask
            self.setAlignment(side | upright | Qt.AlignmentFlag.AlignAbsolute)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self.cut:
            QToolTip.showText(event.globalPos(), plain_tip(self.text()), self)
            return True
        return super().event(event)


class SectionLabel(QWidget):
    """The name of a group, with at most one act at its end; where both do not fit, the act is cut."""

    action_clicked = Signal()

    def __init__(self, text: str, action: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.label = Label(text, SECONDARY - 0.5, SEMIBOLD, "muted")
        self.label.reserve(text)
        self.action = Button(action, "link", small=True)
        self.action.setMinimumWidth(_LEAST)
        self.action.align_end()
        self.action.clicked.connect(self.action_clicked)
        row.addWidget(self.label, 1)
        row.addWidget(self.action)
        self.action.setVisible(bool(action))

    def set_action(self, action: str) -> None:
        """Say the act in other words; an empty text takes it away."""
        self.action.setText(action)
        self.action.setAccessibleName(action)
        self.action.setVisible(bool(action))
        self.action.updateGeometry()
