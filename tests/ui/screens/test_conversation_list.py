"""The sidebar over a real store: pages, search, rename, pin, delete with undo."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from aqe_desktop.services.history import HistoryService
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.projects import ProjectStore
from aqe_desktop.ui.screens.chat.conversation_list import PAGE, ConversationListViewModel
from aqe_desktop.ui.screens.chat.projects import ProjectsViewModel
from aqe_desktop.ui.screens.chat.sidebar import Sidebar
from aqe_desktop.ui.widgets.row import Group, Row
from tests.services.privately import privately
from tests.ui.screens.conftest import fill, opened_store, until

Play = Callable[[Coroutine[Any, Any, Any]], Any]


def titles(sidebar: Sidebar) -> list[str]:
    return [entry.title for entry in sidebar.rows._rows.entries]


def made(store: ConversationStore, parent: QWidget) -> tuple[ConversationListViewModel, Sidebar]:
    history = HistoryService(store)
    listed, temporary = (ConversationListViewModel(history, parent) for _ in range(2))
    policies = privately(store._database).policies
    sidebar = Sidebar(listed, temporary, ProjectsViewModel(ProjectStore(store._database), policies, parent), parent)
    sidebar.resize(264, 600)
    sidebar.show()
    return listed, sidebar


async def fill_many(store: ConversationStore, many: int) -> None:
    await store._database.write(
        lambda c: c.executemany(
            "INSERT INTO conversations (title, created, updated) VALUES (?, ?, ?)",
            ((f"conversation {number}", number, number) for number in range(many)),
        )
    )


def test_ten_thousand_conversations_are_read_page_by_page(play: Play, qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()

    async def scene() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            await fill_many(store, 10_000)
            listed, sidebar = made(store, window)
            listed.refresh()
            await until(lambda: listed.loaded)
            assert len(listed.conversations) == PAGE
            assert titles(sidebar)[:2] == ["Older", "conversation 9999"]
            bar = sidebar.rows.verticalScrollBar()
            await until(lambda: bar.maximum() > 0)
            bar.setValue(bar.maximum())
            await until(lambda: len(listed.conversations) == 2 * PAGE)
            await until(lambda: bar.value() < bar.maximum())

    play(scene())


def test_what_a_search_finds_begins_at_its_top(play: Play, qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()

    async def scene() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            await fill_many(store, 90)
            listed, sidebar = made(store, window)
            listed.refresh()
            await until(lambda: listed.loaded)
            bar = sidebar.rows.verticalScrollBar()
            await until(lambda: bar.maximum() > 0)
            bar.setValue(bar.maximum())
            sidebar.search.setText("conversation")
            await until(lambda: listed.shown == ("conversation", None))
            await until(lambda: bar.maximum() > 0)
            assert bar.value() == 0
            bar.setValue(200)
            listed.refresh()
            await until(lambda: not listed._tasks.busy)
            assert bar.value() == 200

    play(scene())


def test_a_title_with_nothing_to_read_is_no_blank_row(play: Play, qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()

    async def scene() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            await fill(store, ["", "\u200b\u3164", "read me"])
            listed, sidebar = made(store, window)
            listed.refresh()
            await until(lambda: listed.loaded)
            assert titles(sidebar) == ["Today", "read me", "Untitled chat", "Untitled chat"]

    play(scene())


def test_search_says_when_nothing_is_found_and_comes_back(play: Play, qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()

    async def scene() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            await fill(store, ["Retry logic", "Explain the parser"])
            listed, sidebar = made(store, window)
            listed.refresh()
            await until(lambda: listed.loaded)
            sidebar.search.setText("pars")
            await until(lambda: titles(sidebar) == ["Today", "Explain the parser"])
            sidebar.search.setText("nowhere")
            await until(lambda: sidebar._none.isVisible())
            sidebar.search.clear()
            await until(lambda: len(titles(sidebar)) == 3)

    play(scene())


def test_delete_can_be_undone_and_pin_and_rename_show(play: Play, qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()

    async def scene() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            first, second = await fill(store, ["one", "two"])
            listed, sidebar = made(store, window)
            listed.refresh()
            await until(lambda: listed.loaded)
            gone: list[Any] = []
            listed.deleted.connect(gone.append)
            sidebar.rows.renamed.emit(first.id, "  a better   title ")
            await until(lambda: "a better title" in titles(sidebar))
            listed.pin(first.id, True)
            await until(lambda: titles(sidebar)[0] == "Pinned")
            listed.delete(second.id)
            await until(lambda: "two" not in titles(sidebar))
            listed.restore(gone[0])
            await until(lambda: "two" in titles(sidebar))
            listed.rename(first.id, "   ")
            await until(lambda: "New chat" in titles(sidebar))

    play(scene())


def test_before_the_first_chat_the_list_says_what_will_be_here(play: Play, qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()

    async def scene() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            listed, sidebar = made(store, window)
            sidebar.show_rows()
            assert sidebar._skeleton.isVisible()
            listed.refresh()
            await until(lambda: sidebar._empty.isVisible())
            assert all(not isinstance(entry, Row | Group) for entry in sidebar.rows._rows.entries)

    play(scene())
