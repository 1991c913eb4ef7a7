"""The mouse in the transcript: drag to select across messages, click what is clickable, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip

from aqe_desktop.ui.widgets.tip import plain_tip
from aqe_desktop.ui.widgets.transcript import menu
from aqe_desktop.ui.widgets.transcript.markdown import PAGE
from aqe_desktop.ui.widgets.transcript.selection import Place, whole_block
from aqe_desktop.ui.widgets.transcript.slide import Slider
from aqe_desktop.ui.widgets.transcript.spots import Spot, spot_at, spots

if TYPE_CHECKING:
    from aqe_desktop.ui.widgets.transcript.item import Item
    from aqe_desktop.ui.widgets.transcript.view import Transcript

_TRIPLE = 400  # milliseconds in which a third click counts
_STEP = 30  # milliseconds between two steps while dragging beyond an edge


class Mouse:
    """Turns mouse events into selections, spots and signals of its view."""

    def __init__(self, view: Transcript) -> None:
        self._view = view
        self.slider = Slider(view)
        self._pressed: Spot | None = None
        self._link = ""
        self._dragging = False
        self._point = QPointF()
        self._grain: tuple[Place, Place] | None = None
        self._triple = QTimer(view, singleShot=True, interval=_TRIPLE)
        self._scroller = QTimer(view, interval=_STEP)
        self._scroller.timeout.connect(self._scroll)

    def press(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        view, point = self._view, event.position()
        self._point = point
        view.select_item(view.item_under(point))
        self._pressed = self._spot(point)
        if self._pressed is not None and self._pressed.kind == "bar":
            self._take_bar(self._pressed, point)
            return
        if self._pressed is not None and self._pressed.kind != "tip":
            return
        self._pressed = None
        if self._triple.isActive():
            self._triple.stop()
            self._select_around(point, paragraph=True)
            return
        self._link = view.link_under(point)
        self._start(point, extend=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def _take_bar(self, spot: Spot, point: QPointF) -> None:
        self._pressed = None
        item = self._view.item_under(point)
        if item is not None and spot.unit is not None:
            self.slider.press(item, spot.unit, point)

    def _start(self, point: QPointF, *, extend: bool) -> None:
        place = self._view.place_at(point)
        if place is None:
            return
        selection = self._view.selection
        anchor = selection.anchor if extend and selection.anchor else place
        selection.set(anchor, place)
        self._grain = None
        self._dragging = True
        self._view.viewport().update()

    def move(self, event: QMouseEvent) -> None:
        point = event.position()
        if self.slider.held:
            self.slider.move(point)
            return
        if self._dragging and event.buttons() & Qt.MouseButton.LeftButton:
            self._point = point
            self._extend()
            height = self._view.viewport().height()
            outside = point.y() < 0 or point.y() > height
            if outside != self._scroller.isActive():
                self._scroller.start() if outside else self._scroller.stop()
            return
        self._hover(point)

    def _extend(self) -> None:
        view = self._view
        height = view.viewport().height()
        inside = QPointF(self._point.x(), min(max(0.0, self._point.y()), height - 1.0))
        place = view.place_at(inside)
        if place is None or view.selection.anchor is None:
            return
        if self._moved_far():
            self._link = ""
        anchor = view.selection.anchor
        if self._grain:
            first, last = self._grain
            before = place.key(view.column) < first.key(view.column)
            anchor, place = (last, place) if before else (first, max(place, last, key=lambda p: p.key(view.column)))
        view.selection.set(anchor, place)
        view.slide_to(view.selection.head or place)
        view.viewport().update()

    def _moved_far(self) -> bool:
        return self._view.selection.ends is not None

    def _scroll(self) -> None:
        """Dragging beyond an edge scrolls, the faster the farther out."""
        height = self._view.viewport().height()
        beyond = self._point.y() if self._point.y() < 0 else self._point.y() - height
        self._view.scroll_by(max(-120.0, min(120.0, beyond / 2)) or 0.0)
        self._extend()

    def release(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._scroller.stop()
        self.slider.release()
        dragging, self._dragging = self._dragging, False
        pressed, self._pressed = self._pressed, None
        if pressed is not None:
            under, item = self._spot(event.position()), self._view.item_under(event.position())
            if under is not None and item is not None and under.rect == pressed.rect and under.enabled:
                self.activate(under, item)
            return
        link, self._link = self._link, ""
        if dragging and link and self._view.selection.ends is None:
            self._view.link_activated.emit(link)
        self._offer_primary()

    def _offer_primary(self) -> None:
        """Where the system has a clipboard for the mouse, what is selected is in it."""
        clipboard = QGuiApplication.clipboard()
        if clipboard.supportsSelection() and self._view.selection.ends:
            clipboard.setText(self._view.selection.text(), clipboard.Mode.Selection)

    def activate(self, spot: Spot, item: Item) -> None:
        """Do what a spot of this message is for."""
        if spot.kind == "code" and spot.unit is not None:
            self._view.copy_requested.emit(whole_block(item, item.units.index(spot.unit)))
            self._view.copied(spot.unit)
        else:
            menu.act(self._view, item, spot.action)

    def double_click(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._spot(event.position()) is not None:
            self.press(event)
            return
        self._select_around(event.position(), paragraph=False)
        self._triple.start()

    def _select_around(self, point: QPointF, *, paragraph: bool) -> None:
        place = self._view.place_at(point)
        if place is None or not place.item.units:
            return
        unit = place.item.units[place.unit]
        first, last = unit.block_at(place.position) if paragraph else unit.word_at(place.position)
        ends = Place(place.item, place.unit, first), Place(place.item, place.unit, last)
        self._view.selection.set(*ends)
        self._grain, self._dragging = ends, True
        self._view.viewport().update()

    def _spot(self, point: QPointF) -> Spot | None:
        item = self._view.item_under(point)
        if item is None:
            return None
        inside = point - self._view.origin(item)
        near = spots(item, actions=True, top=inside.y() - 40, bottom=inside.y() + 40)
        return spot_at(near, inside)

    def _hover(self, point: QPointF) -> None:
        view = self._view
        item, spot = view.item_under(point), self._spot(point)
        if item is not view.hovered:
            old, view.hovered = view.hovered, item
            view.update_item(old)
            view.update_item(item)
        if spot != view.spot:
            view.spot = spot
            view.update_item(item)
        link = "" if spot else view.link_under(point)
        view.link_hovered.emit(link) if link != self._hovered_link else None
        self._hovered_link = link
        view.viewport().setCursor(self._cursor(point, spot, link))

    _hovered_link = ""

    def _cursor(self, point: QPointF, spot: Spot | None, link: str) -> Qt.CursorShape:
        if link or (spot is not None and spot.kind not in ("tip", "bar") and spot.enabled):
            return Qt.CursorShape.PointingHandCursor
        item = self._view.item_under(point)
        if spot is not None or item is None:
            return Qt.CursorShape.ArrowCursor
        inside = point - self._view.origin(item)
        body = item.body_top - 4 <= inside.y() <= item.body_bottom and inside.x() >= item.text_left - 8
        return Qt.CursorShape.IBeamCursor if body and inside.x() < item.column_width else Qt.CursorShape.ArrowCursor

    def leave(self) -> None:
        view = self._view
        old, view.hovered, view.spot = view.hovered, None, None
        view.update_item(old)

    def tip(self, event: QHelpEvent) -> None:
        """The whole of what is cut or only named: an address, the facts behind a chip."""
        point = QPointF(event.pos())
        spot = self._spot(point)
        text = self._view.link_under(point) or (
            spot.label if spot and (spot.bare or spot.kind in ("tip", "version", "image")) else ""
        )
        if text and not text.startswith(PAGE):
            QToolTip.showText(event.globalPos(), plain_tip(text), self._view.viewport())
        else:
            QToolTip.hideText()

    def menu(self, event: QContextMenuEvent) -> None:
        view = self._view
        if event.reason() == QContextMenuEvent.Reason.Keyboard and view.current is not None:
            menu.open_for(view, view.current)
            return
        point = QPointF(event.pos())
        menu.open_at(view, view.item_under(point), event.globalPos(), view.link_under(point))
