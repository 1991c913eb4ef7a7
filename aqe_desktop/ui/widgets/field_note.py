"""What is wrong with a field, said below it and above everything else: nothing moves for it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QHBoxLayout, QWidget

from aqe_desktop.ui.theme.tokens import R_CONTROL, SECONDARY, S
from aqe_desktop.ui.widgets.floating import shadow
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.paint import Box, box

_AROUND, _GAP = 8, 4


class FieldNote(QWidget):
    """Belongs to one field and scrolls with it; the mouse and the keyboard pass it over."""

    def __init__(self, field: QWidget) -> None:
        self._field, self._ground = field, _ground(field)
        super().__init__(self._ground)
        self.label = Label("", SECONDARY, token="danger")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row = QHBoxLayout(self)
        row.setContentsMargins(_AROUND + S, _AROUND + _GAP, _AROUND + S, _AROUND + _GAP)
        row.addWidget(self.label)
        self.hide()

    def say(self, why: str) -> None:
        """Say it, or with "" nothing any more."""
        new = why and (self.isHidden() or why != self.label.text())
        self.label.set_text(why)
        self.setVisible(bool(why))
        if why:
            self._place()
        if new:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._field, why))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = self.rect().adjusted(_AROUND, _AROUND, -_AROUND, -_AROUND)
        shadow(painter, area, R_CONTROL, _AROUND - 3)
        box(painter, area, Box("raised", "danger_line", R_CONTROL))

    def _place(self) -> None:
        """Below the field and flush with its end, but never outside of what it lies on."""
        ground, field = self._ground, self._field
        size = self.sizeHint()
        mirrored = field.layoutDirection() == Qt.LayoutDirection.RightToLeft
        corner = field.mapTo(ground, QPoint(0 if mirrored else field.width(), field.height() + _GAP - _AROUND))
        x = corner.x() - _AROUND if mirrored else corner.x() + _AROUND - size.width()
        x = max(-_AROUND, min(x, ground.width() - size.width() + _AROUND))
        y = min(corner.y(), ground.height() - size.height() + _AROUND)
        self.setGeometry(x, y, min(size.width(), ground.width() + 2 * _AROUND), size.height())
        self.raise_()


def _ground(field: QWidget) -> QWidget:
    """The page that scrolls with the field, or the window."""
    ground = field
    while (above := ground.parentWidget()) is not None and not ground.isWindow():
        if isinstance(above.parentWidget(), QAbstractScrollArea):
            break
        ground = above
    return ground
