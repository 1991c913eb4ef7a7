"""One start of an app in a process of its own: "seat" and then "raised" per knock, or "knocked" and the end."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from aqe_desktop.ui import instance


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def hold(seat: instance.Seat) -> None:
    await seat.serve(lambda: say("raised"))
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    seat.close()


def main() -> int:
    run, at, patience = Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    time.sleep(max(0.0, at - time.time()))
    try:
        seat = instance.claim(run, patience)
    except instance.WindowHangs as error:
        say(f"{error.message} {error.hint}")
        return error.exit_code
    if seat is None:
        say("knocked")
        return 0
    say("seat")
    asyncio.run(hold(seat))
    return 0


if __name__ == "__main__":
    sys.exit(main())
