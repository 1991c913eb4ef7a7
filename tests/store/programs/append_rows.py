"""Another process that appends rows to a ledger, once it is told to, and says each as soon as it is acknowledged."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from aqe_desktop.core.ledger import Entry, Purpose, RowKind
from aqe_desktop.core.models import Zone
from aqe_desktop.store.ledger import LedgerStore


async def main(path: Path, name: str, count: int) -> None:
    ledger = LedgerStore(path, "a machine")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for number in range(count):
        entry = Entry(RowKind.SENT, number, zone=Zone.CLOUD, host=name, purpose=Purpose.CHAT, bytes=number)
        row = await ledger.append(entry)
        sys.stdout.write(f"{row.seq} {row.hash}\n")
        sys.stdout.flush()
    await ledger.aclose()


asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
