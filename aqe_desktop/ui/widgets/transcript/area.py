"""The scrolling half of the transcript: which stretch of the column is on show, and how it is painted."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import MESSAGE_COLUMN
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.pictures import pictures
from aqe_desktop.ui.widgets.transcript.column import Column
from aqe_desktop.ui.widgets.transcript.find import Finder
from aqe_desktop.ui.widgets.transcript.item import Item
from aqe_desktop.ui.widgets.transcript.paint import Shown, paint_item
from aqe_desktop.ui.widgets.transcript.paint_unit import Marks
from aqe_desktop.ui.widgets.transcript.selection import Place, Selection
from aqe_desktop.ui.widgets.transcript.spots import Spot
from aqe_desktop.ui.widgets.transcript.styles import forget_styles, styles
from aqe_desktop.ui.widgets.transcript.unit import Unit

SIDE = 24  # pixels beside the column
_BESIDE = 64  # pixels seen beside a place in a table that is scrolled sideways


class ColumnArea(QAbstractScrollArea):
    """Keeps the column settled: at the end while the reader is there, else held by what stands at the upper edge."""

    reached_end_changed = Signal(bool)
    scrolled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = Column()
        self.selection = Selection(self.column)
        self.finder = Finder(self.column)
        self.current: Item | None = None
        self.hovered: Item | None = None
        self.spot: Spot | None = None
        self.ringed = False
        self.copied_unit: Unit | None = None
        self._at_end = True
        self._setting = False
        self._new_lines = 0.0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._to_end = Button("", icon="chevron-down", small=True, parent=self)
        self._to_end.hide()
        self._to_end.clicked.connect(self.scroll_to_end)
        theme().changed.connect(self._restyle)
        pictures().ready.connect(self._show_pictures)
        self._dress()

    @property
    def at_end(self) -> bool:
        """Whether the reader is at the end, and the view goes along with what comes."""
        return self._at_end

    def start_at_end(self) -> None:
        """Another conversation: its end is shown, and nothing is new."""
        self._at_end, self._new_lines = True, 0.0

    def leave_end(self) -> None:
        """What comes now is to be read from its beginning."""
        if self._at_end:
            self._at_end = False
            self.reached_end_changed.emit(False)

    def grown(self, height: float) -> None:
        """So many pixels came below a reader who is elsewhere."""
        if not self._at_end and height > 0:
            self._new_lines += height / styles().line

    # Layout and scrolling

    def relayout(self, dirty: float = 0.0) -> None:
        """Measure what is on show again. Nothing above `dirty` (in the column's coordinates) has changed."""
        self.column.set_width(float(self._column_width()))
        height, landmark = self.viewport().height(), self.column.landmark()
        before = landmark() - self.top if landmark else 0.0
        top = self.column.settle_end(height) if self._at_end else self.column.hold(height)
        self._set_top(top)
        if dirty <= 0 or landmark is None:
            self.viewport().update()
        else:
            self._move_pixels(round(landmark() - self.top - before))
            self._update_below(dirty)
        self._after_scroll()

    def _update_below(self, dirty: float) -> None:
        height = self.viewport().height()
        if dirty < self.top + height:
            y = max(0, int(dirty) - self.top - 2)
            self.viewport().update(0, y, self.viewport().width(), height - y)

    def _set_top(self, top: float) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        self._setting = True
        bar.setRange(0, max(0, round(self.column.total - height)))
        bar.setPageStep(height)
        bar.setSingleStep(styles().line * 2)
        bar.setValue(round(top))
        self._setting = False

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        del dx
        if self._setting:
            return
        self._set_top(self.column.settle(self.top, self.viewport().height()))
        # What measuring added above moves the scroll bar, not the pixels: they go by the reader's step.
        self._move_pixels(dy)
        self._note_end()
        self.scrolled.emit()

    def _move_pixels(self, dy: int) -> None:
        """Move what is painted already; only the strip that comes into view is painted anew."""
        if abs(dy) < self.viewport().height() and not self.column.jumped:
            self.viewport().scroll(0, dy)
        else:
            self.viewport().update()

    def _note_end(self) -> None:
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 2
        if at_end != self._at_end:
            self._at_end = at_end
            self.reached_end_changed.emit(at_end)
        if at_end:
            self._new_lines = 0.0
        self._after_scroll()

    def _after_scroll(self) -> None:
        count = int(self._new_lines)
        self._to_end.setVisible(not self._at_end and count > 0)
        if not self._to_end.isHidden():
            self._to_end.setText("1 new line" if count == 1 else f"{count} new lines")
            self._to_end.setAccessibleName(f"{self._to_end.text()}, go to the end")
            size = self._to_end.sizeHint()
            area = self.viewport().geometry()
            self._to_end.setGeometry(
                QRect(QPoint(area.center().x() - size.width() // 2, area.bottom() - size.height() - 8), size)
            )
            self._to_end.raise_()

    @property
    def top(self) -> int:
        """The column's coordinate at the upper edge of the viewport."""
        return self.verticalScrollBar().value()

    def scroll_to_end(self) -> None:
        """Go to the end and stay there while text comes."""
        was = self._at_end
        self._at_end = True
        self._new_lines = 0.0
        self.relayout()
        if not was:
            self.reached_end_changed.emit(True)

    def scroll_by(self, pixels: float) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(round(bar.value() + pixels))

    def reveal(self, top: float, bottom: float) -> None:
        """Scroll as little as needed for this stretch of the column to be seen."""
        height = self.viewport().height()
        if top < self.top or bottom - top > height - 32:
            self.scroll_by(top - self.top - 16)
        elif bottom > self.top + height:
            self.scroll_by(bottom - self.top - height + 16)

    def reveal_place(self, place: Place) -> None:
        """Scroll to a place in the text, laying it out on the way."""
        for _ in range(3):
            rect = self.place_rect(place)
            if rect is not None and self.top <= rect.top() and rect.bottom() <= self.top + self.viewport().height():
                self.slide_to(place, styles().dp(_BESIDE))
                return
            place = place.clamped()
            item = place.item
            start = self.column.tops[self.column.index(item)] + (item.tops[place.unit] if item.units else 0)
            if rect is not None:
                self.reveal(rect.top(), rect.bottom())
            else:
                self.scroll_by(start - self.top - self.viewport().height() / 3)

    def slide_to(self, place: Place, margin: float = 0.0) -> None:
        """Scroll a wide table sideways until a place in it is seen."""
        place = place.clamped()
        if place.item.units and place.item.units[place.unit].bring(place.position, margin):
            self.update_item(place.item)

    def place_rect(self, place: Place) -> QRectF | None:
        """The caret's rectangle in the column's coordinates, None while the unit is not laid out."""
        place = place.clamped()
        item = place.item
        if not item.units or item.units[place.unit].page is None:
            return None
        start = self.column.tops[self.column.index(item)] + item.tops[place.unit]
        return item.units[place.unit].caret(place.position).translated(item.text_left, start)

    def _column_width(self) -> int:
        """Measured by the whole view: the place of the scroll bar is kept, whether or not there is one."""
        return max(120, min(styles().dp(MESSAGE_COLUMN), self.width() - 2 * SIDE))

    @property
    def column_left(self) -> int:
        """The column's place in the viewport: the middle of the whole view, where the composer stands as well."""
        return (self.width() - self._column_width()) // 2 - self.viewport().x()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.relayout()

    def _restyle(self) -> None:
        forget_styles()
        self._dress()
        self.column.restyle()
        self.relayout()

    def _dress(self) -> None:
        """The ground behind the scroll bar is the view's as well."""
        self.setStyleSheet(f"ColumnArea {{ border: none; background: {theme().color('surface').name()}; }}")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._restyle()

    # Places

    def holds(self, item: Item) -> bool:
        """Whether a message is still part of the conversation."""
        return self.column.get(item.message.id) is item

    def item_under(self, point: QPointF) -> Item | None:
        index = self.column.item_at(point.y() + self.top)
        return self.column.items[index] if index >= 0 else None

    def origin(self, item: Item) -> QPointF:
        """The upper left of a message in the viewport."""
        return QPointF(self.column_left, round(self.column.tops[self.column.index(item)] - self.top))

    def unit_under(self, point: QPointF) -> tuple[Item, int, QPointF] | None:
        """The unit at the height of a point of the viewport, and the point within it."""
        item = self.item_under(point)
        if item is None or not item.units:
            return None
        inside = point - self.origin(item)
        number = item.unit_at(inside.y())
        return item, number, inside - QPointF(item.text_left, item.tops[number])

    def place_at(self, point: QPointF) -> Place | None:
        """The text position nearest to a point of the viewport."""
        found = self.unit_under(point)
        if found is None:
            item = self.item_under(point)
            return Place(item) if item else None
        item, number, local = found
        unit = item.units[number]
        if local.y() > unit.height and number + 1 < len(item.units):
            local.setY(unit.height)
        return Place(item, number, unit.position_at(local))

    def link_under(self, point: QPointF) -> str:
        found = self.unit_under(point)
        return found[0].units[found[1]].link_at(found[2]) if found else ""

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme().color("surface"))
        top, bottom = event.rect().top() + self.top, event.rect().bottom() + 1 + self.top
        index = self.column.item_at(top)
        while 0 <= index < len(self.column.items) and self.column.tops[index] < bottom:
            item = self.column.items[index]
            origin = self.origin(item)
            painter.save()
            painter.translate(origin)
            start = self.column.tops[index]
            paint_item(painter, item, self._shown(item, top - start, bottom - start))
            painter.restore()
            index += 1

    def _shown(self, item: Item, top: float, bottom: float) -> Shown:
        ringed = self.ringed and item is self.current
        shown = Shown(
            top, bottom, item is self.hovered, ringed, self.spot if item is self.hovered else None, self.copied_unit
        )
        for unit, span in self.selection.spans(item).items():
            shown.marks.setdefault(unit, Marks()).selection = span
        self.finder.mark(item, shown.marks)
        head = self.selection.head
        if head is not None and head.item is item and self.ringed:
            place = head.clamped()
            shown.caret = (place.unit, place.position)
        return shown

    def _show_pictures(self) -> None:
        """Their places are kept already."""
        self.viewport().update()

    def update_item(self, item: Item | None) -> None:
        """Repaint one message."""
        if item is not None and item in self.column.items:
            y = int(self.origin(item).y())
            self.viewport().update(0, y - 6, self.viewport().width(), round(item.height) + 12)
