"""Writes a ledger as the present version leaves it: run once per release or schema, and the file never changes again.

python tests/store/ledgers/make.py tests/store/ledgers/VERSION.db"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from aqe_desktop.core.ledger import Entry, Purpose, RowKind, SentFile
from aqe_desktop.core.models import Zone
from aqe_desktop.store.ledger import LedgerStore

ROWS = (
    Entry(
        RowKind.SENT,
        1_795_000_000_000,
        project="/src/shop",
        zone=Zone.CLOUD,
        host="api.example.com",
        model="large-2",
        purpose=Purpose.CHAT,
        bytes=1234,
        sha256="ab" * 32,
        files=(SentFile("Prüfung 1.py", "cd" * 32),),
        rule="ask",
        redactions=("email",),
        consent="y-17",
    ),
    Entry(RowKind.ENDED, 1_795_000_000_900, of=1, status="200", cost_usd="0.000100000000"),
    Entry(RowKind.SENT, 1_795_000_001_000, zone=Zone.LAN, host="box", purpose=Purpose.COUNT, via="another"),
    Entry(RowKind.DISMISSED, 1_795_000_002_000, note="a finding"),
)


async def fill(path: Path) -> None:
    ledger = LedgerStore(path, "a machine")
    for entry in ROWS:
        await ledger.append(entry)
    await ledger.aclose()


if __name__ == "__main__":
    asyncio.run(fill(Path(sys.argv[1])))
