"""Findings on the chat's own widgets: underlined in the text, on the chips of files, told above the composer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from aqe_desktop.core.chat import Attachment
from aqe_desktop.core.findings import Found, PartKind
from aqe_desktop.ui.screens.chat.composer import Composer
from aqe_desktop.ui.screens.chat.finding_words import EARLIER, amount, exact_place, summary
from aqe_desktop.ui.screens.chat.findings import FindingsViewModel
from aqe_desktop.ui.screens.chat.header import ChatHeader
from aqe_desktop.ui.screens.chat.route_line import RouteLine
from aqe_desktop.ui.screens.chat.underlines import underline
from aqe_desktop.ui.theme.current import theme

if TYPE_CHECKING:
    from aqe_desktop.ui.screens.chat.findings_popover import FindingsPopover

UNREAD_YET = "not read yet, so it counts as private"


class FindingMarks(QObject):
    """Follows the view model. `dismiss_asked(Found)` comes from the list. `told(str)`: what is private in one phrase,
    "" for nothing."""

    dismiss_asked = Signal(object)
    told = Signal(str)

    def __init__(self, findings: FindingsViewModel, composer: Composer, route: RouteLine, header: ChatHeader) -> None:
        super().__init__(findings)
        self._findings, self._composer, self._route, self._header = findings, composer, route, header
        self._popover: FindingsPopover | None = None
        self._listed: tuple[Found, ...] = ()
        findings.changed.connect(self._show)
        route.findings_asked.connect(self.show_list)
        theme().changed.connect(self._underline)

    def show_list(self) -> None:
        """Every finding with its place and reason; nothing where there is none."""
        listed = self._every
        if not listed:
            return
        from aqe_desktop.ui.screens.chat.findings_popover import FindingsPopover

        popover = self._popover = FindingsPopover(amount(listed) or "Findings", len(listed), self.listed, self._route)
        self._listed = listed
        popover.dismiss_asked.connect(self.dismiss_asked)
        popover.show_above(self._route.findings if self._route.findings.isVisible() else self._route)

    def listed(self, first: int = 0, most: int | None = None) -> list[tuple[Found, str]]:
        """The findings of the draft and then those of the chat before it, with their places in words. To place one
        costs a look through its text, so a list asks for as many as it shows."""
        look, last = self._findings, None if most is None else first + most
        return [
            (each, exact_place(each, look.text, look.files) if number < len(look.found) else EARLIER)
            for number, each in enumerate(self._every[first:last], first)
        ]

    @property
    def _every(self) -> tuple[Found, ...]:
        return (*self._findings.found, *self._findings.earlier)

    def _show(self) -> None:
        look = self._findings
        self._header.set_bound(any(each.binds for each in look.earlier))
        self._route.set_checking(look.checking)
        if look.checking:
            return
        told = UNREAD_YET if look.unread else summary(look.found, look.files, look.earlier)
        self._route.set_findings(told, len(look.found) + len(look.earlier))
        self.told.emit(told)
        self._composer.mark_files(_marks(look.found, look.files))
        self._underline()
        self._list_anew()

    def _list_anew(self) -> None:
        """An open list says what is true now: the scanner may have come to its end under it."""
        if self._popover is not None and isValid(self._popover) and self._every != self._listed:
            self._popover.close()
            self.show_list()

    def _underline(self) -> None:
        underline(self._composer.editor, self._findings.text, self._findings.found)
        inside = [each for each in self._findings.found if each.part.kind is PartKind.TEXT]
        self._composer.editor.setAccessibleDescription(f"Private: {amount(inside)}" if inside else "")


def _marks(found: tuple[Found, ...], files: tuple[Attachment, ...]) -> dict[Attachment, tuple[str, bool]]:
    """For each file that holds something: how much, and whether that decides."""
    marks = {}
    for place, file in enumerate(files):
        own = [each for each in found if each.part.kind is not PartKind.TEXT and each.part.file == place]
        if own:
            marks[file] = (amount(own), any(each.binds for each in own))
    return marks
