"""The ledger's screen over real ledgers: its poster, its list, its check, its copies, and what others write to it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyleOptionViewItem

from aqe_desktop.app import App, open_app
from aqe_desktop.core.ledger import GENESIS, Entry, Purpose, RowKind, canonical, chained
from aqe_desktop.core.models import Zone
from aqe_desktop.store.ledger import LedgerStore
from aqe_desktop.ui.screens.help.screen import HelpScreen
from aqe_desktop.ui.screens.ledger.screen import LedgerScreen
from aqe_desktop.ui.screens.ledger.table import COLUMNS
from aqe_desktop.ui.screens.ledger.view_model import PAGE
from aqe_desktop.ui.screens.ledger.words import UNSEEN, day
from aqe_desktop.ui.shell.window import MainWindow
from aqe_desktop.ui.tasks import Tasks
from aqe_desktop.ui.widgets.control import Control
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.table import Index
from aqe_desktop.ui.widgets.zone_cell import ZoneDelegate
from tests.services.ledger.tampering import edit
from tests.ui.screens.conftest import until

Play = Callable[[Coroutine[Any, Any, Any]], Any]
NOON = 1_790_000_000_000


def request(number: int, zone: Zone = Zone.CLOUD, project: str = "") -> Entry:
    host = {Zone.CLOUD: "api.example.com", Zone.LAN: "box-4090", Zone.DEVICE: "localhost"}[zone]
    size, digest = 1000 + number, f"{number:064x}"
    return Entry(
        RowKind.SENT, NOON + number, project, zone, host, "acme/large", Purpose.CHAT, size, digest, rule="task.chat"
    )


@asynccontextmanager
async def elsewhere(app: App) -> AsyncIterator[LedgerStore]:
    """The ledger as another process of the profile has it open."""
    store = LedgerStore(app.paths.ledger, "this machine")
    try:
        yield store
    finally:
        await store.aclose()


class Scene:
    """A window with the ledger, and the guide that it leads to."""

    def __init__(self, app: App) -> None:
        self.app, self.window = app, MainWindow()
        self.screen = LedgerScreen(app, self.window)
        self.screen.connect_window(self.window)
        self.window.add_screen("ledger", self.screen.panes)
        self.window.add_screen("help", HelpScreen(self.window).panes)
        self.ledger, self.view = self.screen.ledger, self.screen.view
        self.window.resize(1280, 800)
        self.window.show()
        self.window.show_screen("ledger")

    async def read(self) -> None:
        await until(lambda: self.ledger.totals is not None or self.ledger.error is not None)

    @property
    def page(self) -> object:
        return self.view._stack.currentWidget()

    def cell(self, row: int, head: str) -> str:
        column = [each.head for each in COLUMNS].index(head)
        return str(self.view.table.rows.index(row, column).data())


@asynccontextmanager
async def opened(rows: int = 0) -> AsyncIterator[Scene]:
    async with open_app() as app:
        if rows:
            async with elsewhere(app) as store:
                for number in range(rows):
                    await store.append(request(number))
        scene = Scene(app)
        try:
            await scene.read()
            yield scene
        finally:
            await scene.screen.aclose()
            for tasks in scene.window.findChildren(Tasks):
                await tasks.aclose()
            scene.window.close()
            scene.window.deleteLater()


def test_an_empty_ledger_says_zero_since_when_and_what_it_does_not_see(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            begun = (await here.app.ledger.identity()).begun
            poster = here.view.poster
            assert here.page is poster
            assert poster.zero.text() == "0 bytes"
            assert poster.since.text() == f"Nothing has left this machine through this app since {day(begun)}."
            assert poster.unseen.text() == UNSEEN
            assert here.view.filters.isHidden()
            poster.verify.click()
            await until(lambda: here.ledger.verdict is not None)
            assert here.view.whole.isVisible()
            assert here.view.whole.message.text() == "As written: 0 rows."
            asked: list[bool] = []
            here.screen.how_asked.connect(lambda: asked.append(True))
            poster.how.click()
            assert asked

    play(scene())


def test_a_row_says_where_when_to_whom_and_how_much(play: Play) -> None:
    async def scene() -> None:
        async with opened(3) as here:
            assert here.page is here.view.list
            assert [here.cell(0, head) for head in ("Row", "Zone", "Host", "Model")] == [
                *("3", "acme", "api.example.com", "acme/large")
            ]
            assert here.cell(0, "Bytes") == "1\u2009002"
            assert here.cell(0, "Purpose") == "chat"
            assert here.cell(0, "Rule") == "task.chat"
            assert here.view.sum.text() == "3 rows · 3\u2009003 bytes out in 3 requests"

    play(scene())


def test_what_another_process_writes_shows_up_by_itself_and_moves_nothing_under_the_eye(play: Play) -> None:
    async def scene() -> None:
        async with opened(60) as here:
            table = here.view.table
            await until(lambda: table.verticalScrollBar().maximum() > 0)
            table.verticalScrollBar().setValue(400)
            before = here.cell(table.rowAt(100), "Row")
            async with elsewhere(here.app) as other:
                await other.append(request(99, Zone.LAN))
                await until(lambda: len(here.ledger.rows) == 61)
            assert here.cell(table.rowAt(100), "Row") == before
            assert here.cell(0, "Zone") == "box-4090"
            assert here.view.sum.text().startswith("61 rows")

    play(scene())


def test_the_first_row_takes_the_posters_place(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            async with elsewhere(here.app) as other:
                await other.append(request(1))
                await until(lambda: here.page is here.view.list)
            assert here.cell(0, "Row") == "1"
            assert here.view.unseen.isVisible()
            assert here.view.unseen.text() == UNSEEN

    play(scene())


def test_a_filter_that_matches_nothing_says_so_and_goes_by_one_button(play: Play) -> None:
    async def scene() -> None:
        async with opened(3) as here:
            QTest.keyClicks(here.view.search, "no such host")
            await until(lambda: here.page is here.view.nothing)
            assert "0 of 3 rows" in here.view.sum.text()
            here.view.nothing.acted.emit()
            await until(lambda: here.page is here.view.list)
            assert here.view.search.text() == ""
            here.view.zone.select(Zone.LAN)
            here.view.zone.chosen.emit(Zone.LAN)
            await until(lambda: here.page is here.view.nothing)

    play(scene())


def test_a_long_ledger_is_read_page_by_page_as_the_reader_goes_down(play: Play) -> None:
    async def scene() -> None:
        async with opened(PAGE + 50) as here:
            table = here.view.table
            assert table.rows.rowCount() == PAGE
            table.scrollToBottom()
            await until(lambda: table.rows.rowCount() == PAGE + 50)
            assert here.cell(PAGE + 49, "Row") == "1"
            assert not here.ledger.more

    play(scene())


def test_tampering_is_said_with_its_row_and_the_next_step(play: Play) -> None:
    async def scene() -> None:
        async with opened(5) as here:
            edit(here.app.paths.ledger, "DELETE FROM chain WHERE seq = 3")
            here.view.verify.click()
            assert here.view.verify.text() == "Verifying"
            await until(lambda: here.ledger.verdict is not None)
            assert here.view.broken.isVisible()
            assert here.view.broken.message.text().startswith("Not as written: ")
            assert "3" in here.view.broken.message.text()
            assert "Keep a copy" in here.view.broken.hint.text()
            here.view.broken.closed.emit()
            assert here.view.broken.isHidden()

    play(scene())


def test_a_ledger_that_cannot_be_read_says_so_and_is_tried_again(play: Play) -> None:
    async def scene() -> None:
        async with open_app() as app:
            path = app.paths.ledger
        path.write_bytes(b"this is no database" * 500)
        async with opened() as here:
            assert here.ledger.error is not None
            assert here.page is here.view.failed
            assert not here.view.export.isEnabled()
            assert here.view.failed.accessibleName() == here.ledger.error.message

    play(scene())


def test_an_export_is_written_in_the_form_of_its_name(play: Play, tmp_path: Path) -> None:
    async def scene() -> None:
        async with opened(2) as here:
            here.ledger.save(tmp_path / "all.json")
            await until((tmp_path / "all.json").exists)
            assert len(json.loads((tmp_path / "all.json").read_text())["rows"]) == 2
            here.ledger.save(tmp_path / "all.csv")
            await until((tmp_path / "all.csv").exists)
            assert (tmp_path / "all.csv").read_text().startswith('"seq","previous"')
            here.ledger.save(tmp_path / "no such folder" / "all.csv")
            await until(here.view.broken.isVisible)
            assert here.page is here.view.list

    play(scene())


def test_every_control_has_a_name_and_is_reached_by_tab(play: Play) -> None:
    async def scene() -> None:
        async with opened(3) as here:
            view = here.view
            controls = [each for each in view.findChildren(Control) if each.isVisible()]
            assert all(each.accessibleName() or each.text() for each in controls)
            view.project.setFocus(Qt.FocusReason.TabFocusReason)
            reached = []
            for _ in range(6):
                reached.append(here.window.focusWidget())
                QTest.keyClick(here.window.focusWidget(), Qt.Key.Key_Tab)
            assert reached == [view.project, view.export, view.verify, view.search, view.zone, view.table]

    play(scene())


def test_the_chosen_row_is_shown_whole_with_its_hashes(play: Play) -> None:
    async def scene() -> None:
        async with opened(3) as here:
            here.view.table.setFocus(Qt.FocusReason.TabFocusReason)
            assert [each.row() for each in here.view.table.selectionModel().selectedRows()] == [0]
            QTest.keyClick(here.view.table, Qt.Key.Key_Down)
            chosen = here.ledger.rows[here.view.table.currentIndex().row()]
            texts = [label.text().replace("\u200b", "") for label in here.view.list.details.findChildren(Label)]
            assert {chosen.hash, chosen.previous, chosen.entry.sha256} <= set(texts)
            copying = here.view.list.details.copying
            assert copying is not None
            copying.click()
            assert json.loads(QGuiApplication.clipboard().text())["hash"] == chosen.hash
            here.ledger.load()
            await until(lambda: not here.view.table.currentIndex().isValid())
            assert not here.view.list.details.isVisible()

    play(scene())


def fill(path: Path, many: int) -> None:
    """Rows as the ledger writes them, in one go."""
    with sqlite3.connect(path) as connection:
        previous = GENESIS
        for number in range(1, many + 1):
            row = chained(number, previous, request(number))
            text = canonical(number, previous, row.entry)
            connection.execute("INSERT INTO chain (seq, hash, text) VALUES (?, ?, ?)", (number, row.hash, text))
            previous = row.hash
    connection.close()


def test_ten_thousand_rows_are_one_list_of_which_only_the_visible_are_drawn(play: Play) -> None:
    async def scene() -> None:
        async with open_app() as app:
            fill(app.paths.ledger, 10_000)
        async with opened() as here:
            table, drawn = here.view.table, 0
            assert here.view.sum.text().startswith("10\u2009000 rows")

            class Counting(ZoneDelegate):
                def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
                    nonlocal drawn
                    drawn += 1
                    super().paint(painter, option, index)

            table.setItemDelegate(Counting(table))
            while here.ledger.more:
                table.scrollToBottom()
                await asyncio.sleep(0.01)
            assert here.cell(9_999, "Row") == "1"
            drawn = 0
            table.viewport().grab()
            assert drawn <= len(COLUMNS) * (table.viewport().height() // 40 + 2)
            here.view.verify.click()
            await until(lambda: here.ledger.verdict is not None)
            assert here.view.whole.message.text().startswith("As written: 10\u2009000 rows.")

    play(scene())


def test_a_zone_is_a_chip_in_its_colour(play: Play) -> None:
    async def scene() -> None:
        async with opened(1) as here:
            picture = here.view.table.viewport().grab().toImage()
            column = [each.head for each in COLUMNS].index("Zone")
            cell: QRect = here.view.table.visualRect(here.view.table.rows.index(0, column))
            colours = {
                picture.pixelColor(QPoint(x, cell.center().y())).name() for x in range(cell.left(), cell.right())
            }
            assert "#fbecdc" in colours

    play(scene())
