"""The menu of a message, and what each act does; shown by popup(), for a nested loop would strand other tasks."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from aqe_desktop.ui.widgets.clean import visible
from aqe_desktop.ui.widgets.transcript.body import SHOW_MORE
from aqe_desktop.ui.widgets.transcript.item import Item
from aqe_desktop.ui.widgets.transcript.markdown import PAGE
from aqe_desktop.ui.widgets.transcript.model import actions_of
from aqe_desktop.ui.widgets.transcript.selection import whole_block
from aqe_desktop.ui.widgets.transcript.spots import FOLD_ACTION, IMAGE_ACTION

if TYPE_CHECKING:
    from aqe_desktop.ui.widgets.transcript.view import Transcript

_LONGEST = 60  # characters of an address in the menu


def open_for(view: Transcript, item: Item) -> None:
    """The menu of the current message, opened by a key."""
    origin = view.origin(item)
    y = min(max(8.0, origin.y() + item.body_top), view.viewport().height() - 40.0)
    open_at(view, item, view.viewport().mapToGlobal(QPoint(round(origin.x() + item.text_left), round(y))), "")


def open_at(view: Transcript, item: Item | None, place: QPoint, link: str) -> QMenu:
    """Build and pop up; the menu deletes itself when it closes."""
    menu = QMenu(view)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if view.selection.ends:
        menu.addAction("Copy selection", lambda: view.copy_requested.emit(view.selection.text()))
        menu.addAction("Copy messages as Markdown", lambda: view.copy_requested.emit(view.selection.markdown()))
        menu.addSeparator()
    if item is not None:
        _add_actions(menu, view, item)
        for address in [link] if link else _links(item):
            _add_link(menu, view, address)
    menu.addAction("Select all", lambda: select_all(view))
    menu.popup(place)
    return menu


def _add_actions(menu: QMenu, view: Transcript, item: Item) -> None:
    if item.has_reasoning:
        words = "Hide reasoning" if item.unfolded else "Show reasoning"
        menu.addAction(words, partial(act, view, item, FOLD_ACTION))
    for number, file in enumerate(item.message.attachments):
        if file.is_image:
            menu.addAction(f"Open image {_shown(file.name)}", partial(act, view, item, f"{IMAGE_ACTION}{number}"))
    for offer in (*item.offers, *actions_of(item.message)):
        menu.addAction(offer.label, partial(act, view, item, offer.action))
    menu.addAction("Copy as plain text", lambda: view.copy_requested.emit(_plain(item)))
    blocks = [number for number, unit in enumerate(item.units) if getattr(unit.piece, "first", False)]
    if len(blocks) == 1:
        menu.addAction("Copy code", lambda: view.copy_requested.emit(whole_block(item, blocks[0])))
    elif blocks:
        more = menu.addMenu("Copy code")
        for count, number in enumerate(blocks[:20], 1):
            language = getattr(item.units[number].piece, "language", "") or "text"
            more.addAction(f"Block {count}, {language}", partial(_copy_block, view, item, number))
    number, count = item.message.versions
    if number > 1:
        menu.addAction("Previous version", lambda: act(view, item, "previous_version"))
    if number < count:
        menu.addAction("Next version", lambda: act(view, item, "next_version"))
    menu.addSeparator()


def _copy_block(view: Transcript, item: Item, number: int) -> None:
    view.copy_requested.emit(whole_block(item, number))


def _add_link(menu: QMenu, view: Transcript, address: str) -> None:
    shown = _shown(address)
    if address.startswith(PAGE):
        menu.addAction(f"Open the page {shown.removeprefix(PAGE)}", lambda: view.link_activated.emit(address))
    else:
        menu.addAction(f"Open {shown}", lambda: view.link_activated.emit(address))
        menu.addAction(f"Copy {shown}", lambda: view.copy_requested.emit(address))
    menu.addSeparator()


def _shown(text: str) -> str:
    """Short enough for a menu, and without a key of its own."""
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "\u2026"
    return visible(short).replace("&", "&&")


def _links(item: Item) -> list[str]:
    """The addresses in what is laid out of a message, each once, at most five."""
    found = [link.href for unit in item.units if unit.page for link in unit.page.links]
    return list(dict.fromkeys(found))[:5]


def _plain(item: Item) -> str:
    return "\n\n".join(unit.copied(unit.flat) for unit in item.units)


def act(view: Transcript, item: Item, action: str) -> None:
    """Copy is answered with the text; everything else is the screen's to do."""
    if action == SHOW_MORE:
        view.show_more(item)
        return
    if action == FOLD_ACTION:
        view.fold_reasoning(item)
        return
    if action == "copy":
        view.copy_requested.emit(item.source)
    view.action_requested.emit(item.message.id, action)


def select_all(view: Transcript) -> None:
    view.selection.all()
    view.relayout()
