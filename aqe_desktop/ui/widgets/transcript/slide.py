"""A table wider than its place is scrolled sideways: by its bar, the wheel, and whatever must be seen in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QWheelEvent

from aqe_desktop.ui.widgets.transcript.styles import styles
from aqe_desktop.ui.widgets.transcript.unit import BAR, Unit

if TYPE_CHECKING:
    from aqe_desktop.ui.widgets.transcript.item import Item
    from aqe_desktop.ui.widgets.transcript.view import Transcript

_INSET, _LEAST = 3, 32  # pixels around a bar's handle, and its least length
_NOTCH, _STEP = 120, 60  # what a wheel counts for one notch, and the pixels of one


def track(unit: Unit) -> QRectF:
    """The place of the bar below a wide table, relative to the unit."""
    high = styles().dp(BAR)
    return QRectF(unit.box.left(), unit.height - high, unit.box.width(), high)


def handle(unit: Unit) -> QRectF:
    """The part of the bar that shows how much of the table is seen, and which."""
    area, inset = track(unit), styles().dp(_INSET)
    length = max(float(styles().dp(_LEAST)), area.width() ** 2 / (area.width() + unit.over))
    away = (area.width() - length) * (unit.slid / unit.over if unit.over else 0.0)
    x = area.right() - away - length if unit.mirrored else area.left() + away
    return QRectF(x, area.top() + inset, length, area.height() - 2 * inset)


class Slider:
    """Moves one wide table at a time; `held` while its handle is dragged."""

    def __init__(self, view: Transcript) -> None:
        self._view = view
        self._item: Item | None = None
        self._unit: Unit | None = None
        self._grip = 0.0

    @property
    def held(self) -> bool:
        return self._unit is not None

    def press(self, item: Item, unit: Unit, point: QPointF) -> None:
        """Take the handle; a press beside it brings it there."""
        self._item, self._unit = item, unit
        area = handle(unit)
        x = self._inside(point)
        self._grip = x - area.left() if area.left() <= x <= area.right() else area.width() / 2
        self.move(point)

    def move(self, point: QPointF) -> None:
        """The handle goes along with the pointer."""
        item, unit = self._item, self._unit
        if item is None or unit is None or not unit.over:
            return
        area, part = track(unit), handle(unit)
        away = self._inside(point) - self._grip - area.left()
        free = area.width() - part.width()
        share = away / free if free else 0.0
        self._slide(item, unit, unit.over * (1.0 - share if unit.mirrored else share))

    def release(self) -> None:
        self._item = self._unit = None

    def wheel(self, event: QWheelEvent) -> bool:
        """Shift and the wheel, or a wheel that goes sideways, over a wide table; whether it was one."""
        step = _sideways(event)
        found = self._view.unit_under(event.position()) if step else None
        if found is None or not found[0].units[found[1]].over:
            return False
        item, unit = found[0], found[0].units[found[1]]
        by_key = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._slide(item, unit, unit.slid + (-step if unit.mirrored and not by_key else step))
        return True

    def _slide(self, item: Item, unit: Unit, to: float) -> None:
        if unit.slide(to):
            self._view.update_item(item)

    def _inside(self, point: QPointF) -> float:
        """A point of the viewport as a distance from the unit's left."""
        assert self._item is not None
        return point.x() - self._view.origin(self._item).x() - self._item.text_left


def _sideways(event: QWheelEvent) -> float:
    """The pixels to go; 0 where the wheel is meant for the conversation. Some systems turn Shift into sideways."""
    exact, angle = event.pixelDelta(), event.angleDelta()
    shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    if not shifted and abs(angle.x()) <= abs(angle.y()):
        return 0.0
    if exact.isNull():
        return -(angle.x() or angle.y()) / _NOTCH * styles().dp(_STEP)
    return -float(exact.x() or exact.y())
