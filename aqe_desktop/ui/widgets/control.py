"""What every clickable thing of ours shares: theme, hover, a ring on keyboard focus only, and words that never clip."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QEnterEvent, QFocusEvent, QHelpEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QToolTip, QWidget

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.widgets.paint import mirrored
from aqe_desktop.ui.widgets.tip import plain_tip

_LEAST = 200
_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class Control(QAbstractButton):
    """A button without a look of its own; subclasses give `sizeHint` and `paintEvent`.

    `cut` is set by whoever paints an elided text, and makes the whole text the tooltip."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setAccessibleName(text)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hovered = False
        self.ringed = False
        self.cut = False
        theme().changed.connect(self.restyle)

    def restyle(self) -> None:
        """The theme has changed: sizes and colours may be others."""
        self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:
        # A word gives way only when it is unusually long: what stands beside it is elided first.
        hint = self.sizeHint()
        return QSize(min(hint.width(), theme().dp(_LEAST)), hint.height())

    def mirrored(self, rect: QRect) -> QRect:
        """`rect`, laid out from the left, where it belongs in this widget's reading direction."""
        return mirrored(rect, self.rect(), self.layoutDirection())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self.cut:
            tip = self.toolTip() or plain_tip(self.text())
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.hovered = self.isEnabled()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered = False
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.ringed = event.reason() in _KEYBOARD
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.ringed = False
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
            return
        if not self.ringed and self.hasFocus():
            self.ringed = True
            self.update()
        super().keyPressEvent(event)
