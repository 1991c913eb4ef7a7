"""The user guide as the window holds it: pages on the left, the text in the middle, drawn like an answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aqe_desktop.ui.screens.help.page_list import PageList
from aqe_desktop.ui.screens.help.pages import FIRST, Page, pages
from aqe_desktop.ui.shell.panes import Panes
from aqe_desktop.ui.theme.tokens import SEMIBOLD, TITLE, S
from aqe_desktop.ui.widgets.card import Ground, HeaderBar
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.link_sheet import ask_to_open
from aqe_desktop.ui.widgets.transcript.markdown import PAGE
from aqe_desktop.ui.widgets.transcript.model import TranscriptMessage
from aqe_desktop.ui.widgets.transcript.view import Transcript

if TYPE_CHECKING:
    from aqe_desktop.ui.shell.window import MainWindow


class HelpScreen(QObject):
    """Reads a page when it is opened. Nothing in it can load anything; out of the window leads only what was asked."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pages: dict[int, Page] = dict(enumerate(pages(), 1))
        self.list = PageList([(page.title, number) for number, page in self._pages.items()])
        self.title = Label("", TITLE, SEMIBOLD)
        self.text = Transcript()
        self.text.setAccessibleName("Help page")
        self.text.copy_requested.connect(lambda text: QGuiApplication.clipboard().setText(text))
        self.text.link_activated.connect(self._follow)
        self.list.opened.connect(self._open)
        self._sidebar, self._work = self._make_sidebar(), self._make_work()
        self.show_page(FIRST)

    def panes(self) -> Panes:
        return Panes(self._work, self._sidebar)

    def connect_window(self, window: MainWindow) -> None:
        """One command per page, so that the palette finds them."""
        for page in self._pages.values():
            window.commands.add(f"Read: {page.title}", partial(self._read, window, page.name), section="Help")

    def show_page(self, name: str) -> None:
        """Show a page by the name of its file; an unknown name shows the first one."""
        number = next((number for number, page in self._pages.items() if page.name == name), 1)
        self._open(number)

    def _follow(self, address: str) -> None:
        """To another page; any other address is shown before it is opened."""
        if address.startswith(PAGE):
            self.show_page(address.removeprefix(PAGE))
        else:
            ask_to_open(self.text.window(), address)

    def _read(self, window: MainWindow, name: str) -> None:
        window.show_screen("help")
        self.show_page(name)

    def _open(self, number: int) -> None:
        page = self._pages[number]
        self.title.set_text(page.title)
        self.text.set_messages([TranscriptMessage(page.name, "assistant", page.body(), actions=(), inner=True)])
        # Twice: what is laid out on the way to the top turns out higher or lower than it was estimated.
        for _ in range(2):
            self.text.verticalScrollBar().setValue(0)
        self.list.select(number)

    def _make_sidebar(self) -> QWidget:
        sidebar = QWidget()
        column = QVBoxLayout(sidebar)
        column.setContentsMargins(S + 2, S, S + 2, 0)
        column.addWidget(self.list)
        return sidebar

    def _make_work(self) -> QWidget:
        work = Ground("surface")
        header = HeaderBar()
        header.row.addWidget(self.title, 1)
        column = QVBoxLayout(work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(header)
        column.addWidget(self.text, 1)
        return work
