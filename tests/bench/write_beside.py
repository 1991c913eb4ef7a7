"""Another process that writes to the same history without a pause, by the store that `aqe` uses.

python write_beside.py PAUSE_SECONDS"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from aqe_desktop.core.chat import Role
from aqe_desktop.machine.paths import find_paths
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database


async def main() -> None:
    database = await Database.open(find_paths().database)
    work = asyncio.create_task(_write(ConversationStore(database), float(sys.argv[1])))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    work.cancel()
    await asyncio.wait({work})
    await database.close()


async def _write(store: ConversationStore, pause: float) -> None:
    """A new conversation now and then, and messages in it: what a list and an open chat must both look at again."""
    while True:
        chat, parent = (await store.create("Written by another program")).id, None
        for number in range(40):
            parent = (await store.add(chat, parent, Role.USER, f"message {number} " * 100)).id
            await asyncio.sleep(pause)


asyncio.run(main())
