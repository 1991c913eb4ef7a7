"""What the app holds after many replies: the growth of its memory over two hundred answers of a thousand tokens.

    AQE_HOME=EMPTY_FOLDER python tests/bench/app_memory.py [--replies 200] [--tokens 1000] [--rate 20000] [--many]

Needs a display. All in one chat, or with `--many` each in a chat of its own. Prints one JSON object; memory in MiB,
once before, after each tenth of the replies, and after leaving for an empty chat at the end."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from aqe_desktop.ui.rooms import Rooms
from tests.bench import whole_app


async def measure(rooms: Rooms, replies: int, *, many: bool) -> dict[str, Any]:
    held, began = [whole_app.resident()], time.perf_counter()
    for number in range(replies):
        if many and number:
            rooms.chat.new_chat()
        await whole_app.ask(rooms, f"Question {number}")
        if (number + 1) % max(1, replies // 10) == 0:
            held.append(whole_app.resident())
    seconds = time.perf_counter() - began
    rooms.chat.new_chat()
    await asyncio.sleep(2)
    gc.collect()
    return {
        "replies": replies,
        "chats": replies if many else 1,
        "seconds": round(seconds, 1),
        "held": held,
        "left": whole_app.resident(),
        "objects": len(gc.get_objects()),
        "load": round(os.getloadavg()[0], 2),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replies", type=int, default=200)
    parser.add_argument("--tokens", type=int, default=1_000)
    parser.add_argument("--rate", type=int, default=20_000)
    parser.add_argument("--many", action="store_true")
    options = parser.parse_args()
    return whole_app.run(lambda rooms: measure(rooms, options.replies, many=options.many), options.tokens, options.rate)


if __name__ == "__main__":
    sys.exit(main())
