"""What a row costs before something is sent, and a check of 100,000 of them; figures are printed, nothing is judged."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from aqe_desktop.core.ledger import Entry, Filter, Purpose, RowKind, SentFile
from aqe_desktop.core.models import Zone
from aqe_desktop.store import chain
from aqe_desktop.store.database import Database
from aqe_desktop.store.layout import LEDGER
from aqe_desktop.store.ledger import MIGRATIONS, LedgerStore
from aqe_desktop.store.migrate import shipped

pytestmark = pytest.mark.bench

_ROWS = 100_000
_ENTRY = Entry(
    RowKind.SENT,
    1_795_000_000_000,
    project="/home/someone/shop",
    zone=Zone.CLOUD,
    host="api.example.com",
    model="large-2",
    purpose=Purpose.CHAT,
    bytes=1234,
    sha256="ab" * 32,
    files=(SentFile("a.py", "cd" * 32),),
)


def fill(connection: apsw.Connection) -> None:
    for _ in range(_ROWS):
        chain.add(connection, _ENTRY)


async def median_ms(work: Callable[[], Awaitable[Any]], times: int) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        await work()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


async def test_a_large_ledger(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = LedgerStore(tmp_path / "ledger.db", "this machine")
    alone = await median_ms(lambda: ledger.append(_ENTRY), 200)
    await ledger.aclose()
    database = await Database.open(tmp_path / "ledger.db", migrations=shipped(MIGRATIONS), application=LEDGER)
    await database.write(fill)
    await database.close()
    figures = {
        "append, flushed, fresh file": alone,
        "append, flushed, after 100,000": await median_ms(lambda: ledger.append(_ENTRY), 200),
        "verify 100,000": await median_ms(ledger.verify, 3),
        "newest 200": await median_ms(ledger.rows, 9),
        "search, a word that is nowhere": await median_ms(lambda: ledger.rows(Filter("needle")), 9),
        "a project that is nowhere": await median_ms(lambda: ledger.rows(Filter(project="/x")), 9),
        "totals": await median_ms(ledger.totals, 9),
    }
    await ledger.aclose()
    size = (tmp_path / "ledger.db").stat().st_size / 1e6
    with capsys.disabled():
        print(f"\nmedian ms, and times one append; the file has {size:.0f} MB")
        for name, figure in figures.items():
            print(f"  {name:32} {figure:8.2f} {figure / alone:8.1f}x")
