"""A ledger whose file was rebuilt, exchanged or taken away acknowledges nothing and tells nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from aqe_desktop.core.errors import StorageFailed
from aqe_desktop.core.ledger import Entry, Row
from aqe_desktop.machine.paths import Paths
from aqe_desktop.store import chain, chain_file
from aqe_desktop.store.ledger import LedgerStore
from tests.services.ledger.tampering import edit
from tests.store.conftest import Start
from tests.store.test_ledger import FULL


@pytest.fixture
async def ledger(paths: Paths) -> AsyncIterator[LedgerStore]:
    opened = LedgerStore(paths.ledger, "this machine")
    yield opened
    await opened.aclose()


_TELLS_NOTHING = """CREATE VIEW chain AS SELECT seq, hash, text, 'sent' AS kind, 0 AS time, '' AS project,
    'device' AS zone, 'chat' AS purpose, 0 AS bytes FROM kept"""
REBUILT = {
    "a row is ignored": ["CREATE TRIGGER z BEFORE INSERT ON chain BEGIN SELECT raise(IGNORE); END"],
    "a row is taken out again": ["CREATE TRIGGER z AFTER INSERT ON chain BEGIN DELETE FROM chain; END"],
    "a trigger is gone": ["DROP TRIGGER chain_keeps"],
    "a view takes the table's place": ["ALTER TABLE chain RENAME TO kept", _TELLS_NOTHING],
    "no version": ["PRAGMA user_version = 0"],
    "no table": ["DROP TABLE chain"],
}


def do(path: Path, statements: list[str]) -> None:
    """Through the library that the app has loaded: a second one in this process would not see its locks."""
    with closing(apsw.Connection(str(path))) as raw:
        for sql in statements:
            raw.execute(sql)


@pytest.mark.parametrize("name", REBUILT)
async def test_a_ledger_that_was_rebuilt_is_refused_when_it_is_opened(
    ledger: LedgerStore, paths: Paths, name: str
) -> None:
    await ledger.append(FULL)
    await ledger.aclose()
    do(paths.ledger, REBUILT[name])
    for use in (ledger.append(FULL), ledger.totals(), ledger.rows(), ledger.verify()):
        with pytest.raises(StorageFailed, match="not built as"):
            await use


@pytest.mark.parametrize("name", [name for name in REBUILT if name != "no version"])
async def test_a_ledger_that_is_rebuilt_while_it_is_open_is_refused(
    ledger: LedgerStore, paths: Paths, name: str
) -> None:
    await ledger.append(FULL)
    do(paths.ledger, REBUILT[name])
    for use in (ledger.append(FULL), ledger.totals(), ledger.rows(), ledger.verify()):
        with pytest.raises(StorageFailed, match="not built as"):
            await use


async def test_a_row_that_is_not_there_when_it_is_read_back_is_not_acknowledged(
    ledger: LedgerStore, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last wall, behind the look at how the file is built."""
    await ledger.append(FULL)
    monkeypatch.setattr(chain_file, "refuse_rebuilt", lambda *_: None)
    do(paths.ledger, REBUILT["a row is ignored"])
    with pytest.raises(StorageFailed, match="did not keep"):
        await ledger.append(FULL)


@pytest.mark.parametrize("taken", ["ledger.db*", "ledger.db"])
async def test_nothing_is_acknowledged_into_a_file_that_was_taken_away(
    ledger: LedgerStore, paths: Paths, taken: str
) -> None:
    await ledger.append(FULL)
    for file in list(paths.home.glob(taken)):
        file.unlink()
    for _ in range(3):
        with pytest.raises(StorageFailed, match="taken away or exchanged"):
            await ledger.append(FULL)


async def test_a_row_at_the_largest_number_stops_what_would_come_after_it(ledger: LedgerStore, paths: Paths) -> None:
    await ledger.append(FULL)
    edit(paths.ledger, f"UPDATE chain SET seq = {2**63 - 1}")
    with pytest.raises(StorageFailed, match="no app wrote"):
        await ledger.append(FULL)


ODD = {
    "deep": "text = '" + "[" * 60_000 + "'",
    "words for bytes": """text = replace(text, '"bytes":1234', '"bytes":"abc"')""",
    "a fraction for bytes": """text = replace(text, '"bytes":1234', '"bytes":0.5')""",
    "a list for a time": """text = replace(text, '"time":1795000000000', '"time":[1]')""",
    "a list for a zone": """text = replace(text, '"zone":"cloud"', '"zone":[1]')""",
    "more bytes than any number": f"""text = replace(text, '"bytes":1234', '"bytes":{2**62}')""",
    "a number with 30 digits": f"""text = replace(text, '"bytes":1234', '"bytes":{10**30}')""",
    "no UTF-8": "text = CAST(x'ff00fe' AS TEXT)",
    "a hash that is no UTF-8": "hash = CAST(x'ff' AS TEXT)",
    "no text at all": "text = x'ff'",
}


@pytest.mark.parametrize("name", ODD)
async def test_an_edited_row_is_told_whatever_it_holds(ledger: LedgerStore, paths: Paths, name: str) -> None:
    for _ in range(3):
        await ledger.append(FULL)
    await ledger.aclose()
    edit(paths.ledger, f"UPDATE chain SET {ODD[name]} WHERE seq > 1")
    assert (await ledger.verify()).broken == 2
    totals = await ledger.totals()
    assert (totals.rows, totals.bytes_out >= FULL.bytes) == (3, True)
    assert [type(row.entry.bytes) for row in await ledger.rows()] == [int] * 3
    assert all(isinstance(row.entry.zone or "", str) for row in await ledger.rows())
    assert (await ledger.head()).seq == 3
    assert len([each async for each in ledger.texts()]) == 3


async def test_more_rows_than_any_number_can_be_asked_for(ledger: LedgerStore) -> None:
    row = await ledger.append(FULL)
    assert await ledger.rows(limit=10**22) == [row]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger SET begun = 1000000000000",
        "UPDATE ledger SET machine = 'this machine too'",
        "UPDATE ledger SET id = replace(id, substr(id, 1, 1), 'x')",
        "UPDATE ledger SET id = substr(id, 1, 32), begun = 5, machine = 'zz'",
        "INSERT INTO ledger SELECT * FROM ledger",
    ],
)
async def test_a_name_that_does_not_fit_its_beginning_is_refused(ledger: LedgerStore, paths: Paths, sql: str) -> None:
    await ledger.append(FULL)
    await ledger.aclose()
    edit(paths.ledger, sql)
    for use in (ledger.append(FULL), ledger.totals(), ledger.verify()):
        with pytest.raises(StorageFailed, match="another name, beginning or machine"):
            await use


def gone(file: Path) -> None:
    file.unlink()


def put_back(file: Path) -> None:
    """The same bytes in another file."""
    data = file.read_bytes()
    file.unlink()
    file.write_bytes(data)


def emptied(file: Path) -> None:
    os.truncate(file, 0)


def halved(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


LOST = [*((change, end) for change in (gone, put_back) for end in ("", "-wal", "-shm")), (emptied, "-wal")]


@pytest.mark.parametrize(("change", "end"), [*LOST, (halved, "-wal")])
async def test_a_row_that_nobody_will_find_is_not_acknowledged(
    ledger: LedgerStore, paths: Paths, change: Callable[[Path], None], end: str
) -> None:
    await ledger.append(FULL)
    change(paths.ledger.with_name(paths.ledger.name + end))
    for _ in range(2):
        with pytest.raises(StorageFailed):
            await ledger.append(FULL)
    with pytest.raises(StorageFailed):
        await ledger.totals()


@pytest.mark.parametrize(("change", "end"), LOST)
async def test_what_is_taken_away_while_a_row_is_written_does_not_hold_it(
    ledger: LedgerStore, paths: Paths, change: Callable[[Path], None], end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the look that comes before it."""
    await ledger.append(FULL)
    add = chain.add

    def added(connection: apsw.Connection, entry: Entry) -> Row:
        row = add(connection, entry)
        change(paths.ledger.with_name(paths.ledger.name + end))
        return row

    monkeypatch.setattr(chain, "add", added)
    with pytest.raises(StorageFailed):
        await ledger.append(FULL)


async def test_a_log_that_begins_anew_is_no_loss(ledger: LedgerStore, paths: Paths) -> None:
    """By our own connection and by that of another program."""
    for _ in range(3):
        await ledger.append(FULL)
        do(paths.ledger, ["PRAGMA wal_checkpoint(RESTART)"])
        await ledger.append(FULL)
        do(paths.ledger, ["PRAGMA wal_checkpoint(TRUNCATE)"])
    assert (await ledger.verify()).rows == 6


@pytest.mark.parametrize("end", ["", "-wal", "-shm"])
async def test_two_processes_stop_when_a_part_of_the_ledger_is_taken_away(
    ledger: LedgerStore, paths: Paths, start: Start, end: str
) -> None:
    """Neither acknowledges a row from then on, also where the other or a third has made the part anew."""
    process = start("append_rows", paths.ledger, "beside", 1_000_000)
    assert process.stdin is not None
    assert process.stdout is not None
    await asyncio.to_thread(process.stdout.readline)
    process.stdin.write("go\n")
    process.stdin.flush()
    await asyncio.to_thread(process.stdout.readline)
    await ledger.append(FULL)
    gone(paths.ledger.with_name(paths.ledger.name + end))
    with pytest.raises(StorageFailed):
        await ledger.append(FULL)
    if end:  # a whole new ledger waits until nobody has this one open
        third = LedgerStore(paths.ledger, "this machine")
        with contextlib.suppress(StorageFailed):
            await third.append(FULL)
        await third.aclose()
    with pytest.raises(StorageFailed):
        await ledger.append(FULL)
    await asyncio.to_thread(process.communicate)
    assert process.returncode != 0


async def test_a_ledger_behind_a_link_is_kept_where_the_link_leads(paths: Paths, tmp_path: Path) -> None:
    paths.ledger.symlink_to(tmp_path / "elsewhere.db")
    ledger = LedgerStore(paths.ledger, "this machine")
    await ledger.append(FULL)
    (tmp_path / "elsewhere.db-wal").unlink()
    with pytest.raises(StorageFailed, match="taken away or exchanged"):
        await ledger.append(FULL)
    await ledger.aclose()


async def test_a_pipe_in_the_place_of_the_log_is_said(ledger: LedgerStore, paths: Paths) -> None:
    await ledger.append(FULL)
    await ledger.aclose()
    os.mkfifo(paths.ledger.with_name(paths.ledger.name + "-wal"))
    with pytest.raises(StorageFailed):
        await ledger.append(FULL)
