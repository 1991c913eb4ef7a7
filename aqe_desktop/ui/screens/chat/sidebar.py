"""The sidebar of the chat: project, search, and the conversations under their days."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from aqe_desktop.core.history import Conversation
from aqe_desktop.services.thread import shown_title
from aqe_desktop.ui.screens.chat.conversation_list import ConversationListViewModel
from aqe_desktop.ui.screens.chat.grouping import Calendar
from aqe_desktop.ui.screens.chat.project_switcher import ProjectSwitcher
from aqe_desktop.ui.screens.chat.projects import ProjectsViewModel
from aqe_desktop.ui.theme.tokens import FIELD, S
from aqe_desktop.ui.widgets.button import IconButton
from aqe_desktop.ui.widgets.empty import EmptyState, Skeleton
from aqe_desktop.ui.widgets.field import SearchField
from aqe_desktop.ui.widgets.menu import Menu
from aqe_desktop.ui.widgets.row import Entry, Group, Row
from aqe_desktop.ui.widgets.rows import RowList

TEMPORARY = "Temporary"


class Sidebar(QWidget):
    """Shows the list's view model. Ids of temporary chats are negative here: they live in a space of their own.

    `answering` tells the rows of which a reply is being written. `left` and `typed` want the keyboard, or these
    letters, to be in the composer."""

    open_asked = Signal(int)
    new_asked = Signal()
    delete_asked = Signal(int)
    export_asked = Signal(int)
    folder_asked = Signal()
    typed = Signal(str)
    left = Signal()

    def __init__(
        self,
        listed: ConversationListViewModel,
        temporary: ConversationListViewModel,
        projects: ProjectsViewModel,
        parent: QWidget | None = None,
        answering: Callable[[], Collection[int]] = frozenset,
    ) -> None:
        super().__init__(parent)
        self._answering = answering
        self._listed, self._temporary = listed, temporary
        self._open: int | None = None
        self._shown = listed.shown
        self.switcher = ProjectSwitcher(projects)
        self.search = SearchField("Search", "Search conversations")
        self.new = IconButton("plus", "New chat (Ctrl+N)", size=FIELD, framed=True, token="text")
        self.rows = RowList()
        self._skeleton = Skeleton(5)
        self._empty = EmptyState("", "Conversations will be listed here. They stay on this machine.")
        self._none = EmptyState("", "No conversation has these words.")
        self._stack = QStackedLayout()
        self._lay_out()
        self._connect()

    def set_open(self, conversation: int | None, *, temporary: bool = False) -> None:
        """Mark the chat on show."""
        self._open = -conversation if temporary and conversation else conversation
        self.mark_answering()
        self.rows.select(self._open)

    def mark_answering(self) -> None:
        """A reply has begun or ended, or another chat is on show: the rows say anew who is at work."""
        at_work = self._at_work()
        if any(row.answering != (row.id in at_work) for row in self.rows.rows()):
            self.show_rows()

    def rename_open(self) -> None:
        """F2 from anywhere: edit the title of the chat on show in its row."""
        if self._open is not None:
            self.rows.edit_row(self._open)

    def show_rows(self) -> None:
        """The list, what stands in its place while there is none, or what a search did not find."""
        self.rows.set_rows(list(self._entries()), self._open)
        if self._shown != self._listed.shown:
            # What was found begins at its top; the place in the list before means nothing here.
            self._shown = self._listed.shown
            self.rows.scrollToTop()
        if not self._listed.loaded:
            page: QWidget = self._skeleton
        elif self._listed.conversations or self._temporary.conversations:
            page = self.rows
        else:
            page = self._none if self._listed.search else self._empty
        self._stack.setCurrentWidget(page)

    def _at_work(self) -> set[int]:
        return {row for row in self._answering() if row != self._open}

    def _entries(self) -> Iterator[Entry]:
        at_work = self._at_work()
        if self._temporary.conversations and not self._listed.search:
            yield Group(TEMPORARY)
            yield from (_row(each, at_work, temporary=True) for each in self._temporary.conversations)
        for entry in Calendar(datetime.now(UTC)).with_headings(self._listed.conversations):
            yield Group(entry) if isinstance(entry, str) else _row(entry, at_work)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(S + 2, S + 2, S + 2, 0)
        column.setSpacing(S + 3)
        find = QHBoxLayout()
        find.setSpacing(S - 2)
        find.addWidget(self.search, 1)
        find.addWidget(self.new)
        column.addWidget(self.switcher)
        column.addLayout(find)
        column.addLayout(self._stack, 1)
        # Only now: a stack shows its first page at once, as a window where it has no place yet.
        for page in (self._skeleton, self.rows, self._empty, self._none):
            self._stack.addWidget(page)
        self._stack.setAlignment(self._skeleton, Qt.AlignmentFlag.AlignTop)

    def _connect(self) -> None:
        self.switcher.open_asked.connect(self.folder_asked)
        self.search.textChanged.connect(self._listed.find)
        self.search.escaped.connect(self.left)
        self.new.clicked.connect(self.new_asked)
        self.rows.opened.connect(self.open_asked)
        self.rows.left.connect(self.left)
        self.rows.typed.connect(self.typed)
        self.rows.renamed.connect(self._rename)
        self.rows.delete_asked.connect(self.delete_asked)
        self.rows.menu_asked.connect(self._open_menu)
        self.rows.verticalScrollBar().valueChanged.connect(self._scrolled)
        self._listed.listed.connect(self.show_rows)
        self._temporary.listed.connect(self.show_rows)

    def _scrolled(self, value: int) -> None:
        bar = self.rows.verticalScrollBar()
        if value >= bar.maximum() - bar.pageStep():
            self._listed.load_more()

    def _rename(self, row: int, title: str) -> None:
        self._of(row).rename(abs(row), title)

    def _open_menu(self, row: int, place: QPoint) -> None:
        conversation = self._of(row).get(abs(row))
        if conversation is None:
            return
        menu = Menu(self)
        menu.add("Open", partial(self._enter, row), icon="chat", shortcut="Return")
        menu.add("Rename", partial(self.rows.edit_row, row), icon="pencil", shortcut="F2")
        if row > 0:
            pin = "Unpin" if conversation.pinned else "Pin"
            menu.add(pin, partial(self._listed.pin, row, not conversation.pinned), icon="pin")
            menu.add("Export…", partial(self.export_asked.emit, row), icon="download")
        menu.addSeparator()
        menu.add("Delete", partial(self.delete_asked.emit, row), icon="trash", shortcut="Del", danger=True)
        menu.popup(place)

    def _enter(self, row: int) -> None:
        """Open it and go on to write in it."""
        self.open_asked.emit(row)
        self.left.emit()

    def _of(self, row: int) -> ConversationListViewModel:
        return self._listed if row > 0 else self._temporary


def _row(conversation: Conversation, at_work: Collection[int], *, temporary: bool = False) -> Row:
    number = -conversation.id if temporary else conversation.id
    return Row(
        id=number,
        title=shown_title(conversation.title),
        zone=conversation.zone.value if conversation.zone else "",
        pinned=conversation.pinned,
        bound=conversation.bound,
        temporary=temporary,
        answering=number in at_work,
        snippet=conversation.snippet,
    )
