"""How long the window stands still while a long answer streams through the whole app, as shipped.

    AQE_HOME=EMPTY_FOLDER python tests/bench/app_stall.py [--tokens 20000] [--rate 1000] [--decode] [--writer]
                                                          [--chats 10000]

Needs a display (Xvfb will do). The answer comes over the engine's wire from a process that sends it at a steady rate.
`--decode` lets a real model answer beside it, `--writer` another process write to the same history, which begins with
so many conversations. Prints one JSON object; times in milliseconds."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from aqe_desktop.core.chat import Role
from aqe_desktop.machine.paths import find_paths, prepare
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.ui.rooms import Rooms
from tests.bench import whole_app
from tests.bench.beat import Collections, Heartbeat
from tests.bench.beside import Beside


async def fill(chats: int) -> None:
    """A history: conversations, and one of them long."""
    prepare(find_paths())
    database = await Database.open(find_paths().database)
    store = ConversationStore(database)
    rows = [(f"chat {number}", number, number) for number in range(chats)]
    sql = "INSERT INTO conversations (title, created, updated) VALUES (?, ?, ?)"
    await database.write(lambda connection: connection.executemany(sql, rows))
    chat, parent = (await store.create("A long one")).id, None
    for number in range(100):
        role = (Role.USER, Role.ASSISTANT)[number % 2]
        parent = (await store.add(chat, parent, role, f"Message **{number}** of a long chat. " * 20)).id
    await database.close()


async def measure(rooms: Rooms, beside: dict[str, Beside]) -> dict[str, Any]:
    """One answer in the long chat, with the stalls over all of it and by quarter."""
    chats = rooms.chat.listed.conversations
    rooms.chat.open(next(chat.id for chat in chats if chat.title == "A long one"))
    await asyncio.sleep(1)
    beat = Heartbeat()
    beat.start()
    idle, before = await beat.idle(3), whole_app.resident()
    with Collections() as collections:
        started, used = time.perf_counter(), time.process_time()
        await whole_app.ask(rooms, "Go on")
        streamed, used = time.perf_counter(), time.process_time() - used
        await asyncio.sleep(1.5)
        ended = time.perf_counter()
    await beat.stop()
    return {
        "idle": idle,
        "all": beat.between(started, ended),
        "quarters": beat.quarters(started, streamed),
        "longest": beat.longest(),
        "end": beat.between(streamed - 0.2, ended),
        "seconds": round(streamed - started, 1),
        "cpu_share": round(used / (streamed - started), 3),
        "tokens": rooms.chat.chat.messages[-1].reply.usage.output if rooms.chat.chat.messages[-1].reply.usage else 0,
        "characters": len(rooms.chat.chat.messages[-1].text),
        "gc": {"longest": collections.longest, "count": collections.count},
        "mib": [before, whole_app.resident()],
        "beside_cpu_seconds": {name: one.cpu_seconds() for name, one in beside.items()},
        "load": os.getloadavg()[0],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=20_000)
    parser.add_argument("--rate", type=int, default=1_000)
    parser.add_argument("--chats", type=int, default=10_000)
    parser.add_argument("--decode", action="store_true")
    parser.add_argument("--writer", action="store_true")
    options = parser.parse_args()
    asyncio.run(fill(options.chats))
    beside: dict[str, Beside] = {}
    with ExitStack() as stack:
        if options.decode:
            beside["decode"] = Beside(stack, "decode_beside.py")
        if options.writer:
            beside["writer"] = Beside(stack, "write_beside.py", "0.005")
        return whole_app.run(lambda rooms: measure(rooms, beside), options.tokens, options.rate)


if __name__ == "__main__":
    sys.exit(main())
