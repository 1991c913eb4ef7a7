"""Another process that keeps the database open, or its write lock with `locked`, until its standard input ends."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

import apsw

from aqe_desktop.store.database import Database


def lock_for_a_moment(connection: apsw.Connection) -> None:
    sys.stdout.write("open\n")
    sys.stdout.flush()
    time.sleep(0.5)


async def main(home: Path, what: str) -> None:
    database = await Database.open(home / "history.db")
    if what == "locked":
        await database.write(lock_for_a_moment)
    else:
        sys.stdout.write("open\n")
        sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await database.close()


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
