"""The egress ledger: nothing acknowledged is lost, and whatever is in the way is said before anything is sent."""

from __future__ import annotations

import asyncio
import json
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aqe_desktop.core.errors import DatabaseTooNew, DiskFull, StorageFailed
from aqe_desktop.core.ledger import GENESIS, Entry, Filter, Purpose, RowKind, SentFile, chained
from aqe_desktop.core.models import Zone
from aqe_desktop.machine.paths import Paths
from aqe_desktop.store import database as database_module
from aqe_desktop.store import opening
from aqe_desktop.store.database import Database
from aqe_desktop.store.ledger import LedgerStore
from aqe_desktop.store.soundness import check_ledger
from tests.services.ledger.tampering import edit
from tests.store.conftest import Start

FULL = Entry(
    RowKind.SENT,
    1_795_000_000_000,
    project="/home/someone/shop",
    zone=Zone.CLOUD,
    host="api.example.com",
    model="large-2",
    purpose=Purpose.CHAT,
    bytes=1234,
    sha256="ab" * 32,
    files=(SentFile("Prüfung 1.py", "cd" * 32),),
    rule="default: ask",
    redactions=("email",),
    consent="y-17",
)


@pytest.fixture
async def ledger(paths: Paths) -> AsyncIterator[LedgerStore]:
    opened = LedgerStore(paths.ledger, "this machine")
    yield opened
    await opened.aclose()


async def test_a_row_is_chained_to_the_last_and_comes_back_as_it_was(ledger: LedgerStore) -> None:
    first = await ledger.append(FULL)
    second = await ledger.append(Entry(RowKind.ENDED, FULL.time + 9, of=first.seq, status="200", cost_usd="0.000001"))
    assert first == chained(1, GENESIS, FULL)
    assert second == chained(2, first.hash, second.entry)
    assert await ledger.rows() == [second, first]
    assert (await ledger.head()).hash == second.hash


async def test_rows_are_newest_first_by_their_number_in_pages(ledger: LedgerStore) -> None:
    for moment in (30, 10, 20):
        await ledger.append(replace(FULL, time=moment))
    assert [row.seq for row in await ledger.rows(limit=2)] == [3, 2]
    assert [row.seq for row in await ledger.rows(limit=2, offset=2)] == [1]


@pytest.mark.parametrize(
    ("wanted", "seqs"),
    [
        (Filter(), [3, 2, 1]),
        (Filter(project="/home/someone/shop"), [1]),
        (Filter(project=""), [3, 2]),
        (Filter(zone=Zone.LAN), [2]),
        (Filter(purpose=Purpose.COUNT), [2]),
        (Filter(since=2000), [2, 1]),
        (Filter(until=2000), [3, 2]),
        (Filter(search="example.com"), [1]),
        (Filter(search="EXAMPLE large"), [1]),
        (Filter(search="Prüfung"), [1]),
        (Filter(search="box%"), []),
        (Filter(search="100%_\\done"), [3]),
        (Filter(search="previous"), []),
        (Filter(search="host"), []),
        (Filter(search="abab"), []),
        (Filter(search="abababab"), [1]),
        (Filter(search="' OR 1 --"), []),
    ],
)
async def test_rows_are_filtered_and_searched(ledger: LedgerStore, wanted: Filter, seqs: list[int]) -> None:
    await ledger.append(FULL)
    await ledger.append(Entry(RowKind.SENT, 2000, zone=Zone.LAN, host="box-4090", purpose=Purpose.COUNT))
    await ledger.append(Entry(RowKind.DISMISSED, 1000, note="100%_\\done"))
    assert [row.seq for row in await ledger.rows(wanted)] == seqs


async def test_a_row_is_found_by_its_hash_and_not_by_that_of_the_row_before(ledger: LedgerStore) -> None:
    rows = [await ledger.append(replace(FULL, bytes=number)) for number in range(3)]
    assert await ledger.rows(Filter(search=rows[1].hash[:12])) == [rows[1]]
    assert await ledger.rows(Filter(search=rows[1].hash[:7])) == []


async def test_the_totals_count_every_request_that_had_to_have_a_row(ledger: LedgerStore) -> None:
    assert (await ledger.totals()).bytes_out == 0
    await ledger.append(FULL)
    await ledger.append(replace(FULL, zone=Zone.DEVICE, bytes=5000, note="declared"))
    await ledger.append(replace(FULL, zone=None, host="odd", bytes=1))
    await ledger.append(Entry(RowKind.ENDED, 0, zone=Zone.CLOUD, bytes=7, of=1))
    totals = await ledger.totals()
    assert (totals.rows, totals.requests, totals.bytes_out) == (4, 3, 6235)
    assert totals.begun == (await ledger.identity()).begun
    assert (await ledger.totals(Filter(search="odd"))).bytes_out == 1


async def test_text_that_utf8_cannot_hold_is_mended_before_it_is_hashed(ledger: LedgerStore) -> None:
    row = await ledger.append(replace(FULL, note="a\ud800b\0c", files=(SentFile("\udcff", ""),)))
    assert (row.entry.note, row.entry.files[0].name) == ("a\ufffdb\0c", "\ufffd")
    assert await ledger.rows() == [row]
    assert (await ledger.verify()).ok


async def test_the_file_refuses_every_change_but_a_row_at_its_end(ledger: LedgerStore, paths: Paths) -> None:
    await ledger.append(FULL)
    await ledger.append(FULL)
    raw = apsw.Connection(str(paths.ledger))
    for sql in (
        "UPDATE chain SET text = '{}' WHERE seq = 1",
        "DELETE FROM chain WHERE seq = 2",
        "INSERT OR REPLACE INTO chain (seq, hash, text) VALUES (1, 'x', '{}')",
        "INSERT INTO chain (seq, hash, text) VALUES (4, 'x', '{}')",
        "UPDATE ledger SET id = 'x'",
        "DELETE FROM ledger",
        "INSERT INTO ledger VALUES ('x', 'x', 1)",
    ):
        with pytest.raises(apsw.ConstraintError, match="ledger"):
            raw.execute(sql)
    raw.close()
    assert (await ledger.verify()).rows == 2


async def test_a_row_of_a_later_version_is_shown_and_verified(ledger: LedgerStore, paths: Paths) -> None:
    """Its hash covers fields that this version does not know."""
    import hashlib

    told = {"seq": 1, "previous": GENESIS, "kind": "sent", "time": 5, "purpose": "embed", "tokens": 12, "host": "h"}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    await ledger.head()
    raw = apsw.Connection(str(paths.ledger))
    with raw:
        digest = hashlib.sha256(text.encode()).hexdigest()
        raw.execute("INSERT INTO chain (seq, hash, text) VALUES (1, ?, ?)", (digest, text))
    raw.close()
    (row,) = await ledger.rows()
    assert (row.entry.purpose, row.entry.host, row.entry.bytes) == ("embed", "h", 0)
    assert (await ledger.verify()).ok
    assert (await ledger.append(FULL)).previous == digest


async def test_a_clock_that_jumps_back_is_a_note_and_breaks_nothing(ledger: LedgerStore) -> None:
    for moment in (1_795_000_000_000, 1_600_000_000_000, 1_795_000_000_500):
        await ledger.append(replace(FULL, time=moment))
    verdict = await ledger.verify()
    assert verdict.ok
    assert verdict.notes == ("The clock went back before row 2, to 2020-09-13 12:26:40+00:00.",)


def let_go(*processes: subprocess.Popen[str]) -> None:
    """They start at once, when all of them are there."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


async def read_lines(process: subprocess.Popen[str]) -> list[tuple[int, str]]:
    output, _ = await asyncio.to_thread(process.communicate)
    lines = [line.split() for line in output.splitlines(keepends=True) if line.endswith("\n")]
    return [(int(seq), digest) for seq, digest in lines]


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counts=st.lists(st.integers(20, 60), min_size=2, max_size=4))
def test_processes_that_append_at_once_make_one_chain_without_gaps(
    tmp_path: Path, start: Start, counts: list[int]
) -> None:
    path = tmp_path / f"{time.time_ns()}.db"
    processes = [start("append_rows", path, f"host-{place}", count) for place, count in enumerate(counts)]

    async def check() -> None:
        await asyncio.to_thread(let_go, *processes)
        told = [await read_lines(process) for process in processes]
        ledger = LedgerStore(path, "a machine")
        kept = {row.seq: row for row in await ledger.rows(limit=1000)}
        verdict = await ledger.verify()
        await ledger.aclose()
        assert (verdict.ok, verdict.rows, sorted(kept)) == (True, sum(counts), list(range(1, sum(counts) + 1)))
        for place, lines in enumerate(told):
            assert len(lines) == counts[place]
            assert [(kept[seq].hash, kept[seq].entry.bytes) for seq, _ in lines] == [
                (digest, number) for number, (_, digest) in enumerate(lines)
            ]

    asyncio.run(check())


async def test_kill_minus_9_while_appending_loses_nothing_acknowledged(paths: Paths, start: Start) -> None:
    acknowledged: dict[int, str] = {}
    for round_ in range(4):
        process = start("append_rows", paths.ledger, f"round-{round_}", 100_000)
        await asyncio.to_thread(let_go, process)
        assert process.stdout is not None
        seq, digest = (await asyncio.to_thread(process.stdout.readline)).split()
        await asyncio.sleep(0.05 * round_)
        process.send_signal(signal.SIGKILL)
        acknowledged |= {int(seq): digest, **dict(await read_lines(process))}
    ledger = LedgerStore(paths.ledger, "a machine")
    verdict = await ledger.verify()
    kept = {row.seq: row.hash for row in await ledger.rows(limit=1_000_000)}
    await ledger.aclose()
    assert verdict.ok
    assert acknowledged.items() <= kept.items()
    assert len(kept) - len(acknowledged) <= 4


async def test_a_full_disk_is_said_and_leaves_no_half_row(ledger: LedgerStore, paths: Paths) -> None:
    row = await ledger.append(FULL)
    size = max(file.stat().st_size for file in paths.home.glob("ledger.db*"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        with pytest.raises(DiskFull, match=r"ledger\.db"):
            await ledger.append(replace(FULL, note="word " * 100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert await ledger.rows() == [row]
    assert (await ledger.append(FULL)).seq == 2
    assert (await ledger.verify()).ok


async def test_a_ledger_that_another_program_keeps_to_itself_is_said(
    ledger: LedgerStore, paths: Paths, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "PATIENCE", 0.1)
    await ledger.append(FULL)
    process = start("hold_ledger", paths.ledger)
    assert process.stdout is not None
    await asyncio.to_thread(process.stdout.readline)
    monkeypatch.setattr(database_module, "BUSY", 0.1)
    with pytest.raises(StorageFailed, match="in use by another program"):
        await ledger.append(FULL)
    monkeypatch.undo()
    await asyncio.to_thread(process.communicate)
    assert (await ledger.append(FULL)).seq == 2


@pytest.mark.parametrize("content", [b"no database at all", b"SQLite format 3\0" + b"\xff" * 8000])
async def test_a_damaged_file_is_said_at_each_use_and_left_as_it_is(paths: Paths, content: bytes) -> None:
    paths.ledger.write_bytes(content)
    ledger = LedgerStore(paths.ledger, "this machine")
    for _ in range(2):
        with pytest.raises(StorageFailed, match="damaged"):
            await ledger.append(FULL)
    assert paths.ledger.read_bytes() == content
    paths.ledger.unlink()
    assert (await ledger.append(FULL)).seq == 1
    await ledger.aclose()


async def test_damage_in_the_middle_is_said_by_verify(paths: Paths) -> None:
    ledger = LedgerStore(paths.ledger, "this machine")
    for _ in range(60):
        await ledger.append(FULL)
    await ledger.aclose()
    size = paths.ledger.stat().st_size
    with paths.ledger.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xa5" * (size // 2))
    with pytest.raises(StorageFailed, match="damaged"):
        await ledger.verify()
    await ledger.aclose()


async def test_the_doctor_s_look_tells_a_sound_ledger_from_a_damaged_one(ledger: LedgerStore, paths: Paths) -> None:
    assert "no ledger yet" in check_ledger(paths.ledger)
    for _ in range(60):
        await ledger.append(FULL)
    assert check_ledger(paths.ledger).endswith("sound")
    await ledger.aclose()
    with paths.ledger.open("r+b") as file:
        file.seek(paths.ledger.stat().st_size - 8192)
        file.write(b"\xa5" * 8192)
    with pytest.raises(StorageFailed, match="damaged"):
        check_ledger(paths.ledger)


async def test_a_history_is_not_taken_for_a_ledger_nor_a_ledger_for_a_history(
    ledger: LedgerStore, paths: Paths, tmp_path: Path
) -> None:
    await ledger.append(FULL)
    await ledger.aclose()
    await (await Database.open(paths.database)).close()
    shutil.copy(paths.database, tmp_path / "ledger.db")
    with pytest.raises(StorageFailed, match="another program"):
        await LedgerStore(tmp_path / "ledger.db", "this machine").append(FULL)
    with pytest.raises(StorageFailed, match="another program"):
        await Database.open(paths.ledger)


async def test_a_ledger_of_a_newer_version_is_not_written(ledger: LedgerStore, paths: Paths) -> None:
    await ledger.append(FULL)
    await ledger.aclose()
    with sqlite3.connect(paths.ledger) as raw:
        raw.execute("PRAGMA user_version = 999")
    raw.close()
    with pytest.raises(DatabaseTooNew):
        await ledger.append(FULL)


async def test_a_ledger_of_another_machine_is_known_as_such(ledger: LedgerStore, paths: Paths) -> None:
    await ledger.append(FULL)
    assert (await ledger.identity()).of_this_machine
    await ledger.aclose()
    elsewhere = LedgerStore(paths.ledger, "another machine")
    identity = await elsewhere.identity()
    assert not identity.of_this_machine
    assert (await elsewhere.append(FULL)).seq == 2
    await elsewhere.aclose()


async def test_a_ledger_without_its_name_is_refused(ledger: LedgerStore, paths: Paths) -> None:
    await ledger.append(FULL)
    await ledger.aclose()
    edit(paths.ledger, "DELETE FROM ledger")
    with pytest.raises(StorageFailed, match="lost its name"):
        await ledger.append(FULL)


async def test_the_ledger_is_for_its_owner_only_and_flushes_every_row(ledger: LedgerStore, paths: Paths) -> None:
    await ledger.append(FULL)
    assert {file.stat().st_mode & 0o777 for file in paths.home.glob("ledger.db*")} == {0o600}
    database = await ledger._open()

    def pragmas(connection: apsw.Connection) -> list[object]:
        return [connection.pragma(name) for name in ("synchronous", "journal_mode", "application_id")]

    assert await database.read(pragmas) == [2, "wal", 0x41514C31]


async def test_the_text_of_every_row_is_what_was_hashed(ledger: LedgerStore) -> None:
    import hashlib

    rows = [await ledger.append(replace(FULL, bytes=number)) for number in range(5)]
    told = [each async for each in ledger.texts(after=1, upto=4)]
    assert [digest for _, digest in told] == [row.hash for row in rows[1:4]]
    assert all(hashlib.sha256(text.encode()).hexdigest() == digest for text, digest in told)
