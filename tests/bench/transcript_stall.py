"""How long the loop stands still while a long answer streams into the transcript alone, without the app around it.

    python tests/bench/transcript_stall.py [--tokens 20000] [--rate 1000] [--code]

Needs a display (Xvfb will do). Prints one JSON object; times in milliseconds."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.beat import Heartbeat
from tests.bench.transcript_answer import answer, one_file


async def _feed(view: Any, tokens: list[str], rate: int) -> None:
    """Hand over what is due, as a server's bursts do; never faster than `rate` a second."""
    started, sent = time.perf_counter(), 0
    while sent < len(tokens):
        due = min(len(tokens), int((time.perf_counter() - started) * rate))
        for token in tokens[sent:due]:
            view.stream(2, token)
        sent = due
        await asyncio.sleep(0.001)


async def measure(content: list[str], rate: int) -> dict[str, Any]:
    """Stream an answer into a real window and report the stalls, over all and by quarter."""
    from aqe_desktop.ui.widgets.transcript import Transcript, TranscriptMessage, ZoneChip

    view = Transcript()
    view.resize(1000, 860)
    chip = ZoneChip("device", "This device", "bench")
    view.set_messages(
        [TranscriptMessage(1, "user", "Go on"), TranscriptMessage(2, "assistant", state="streaming", chip=chip)]
    )
    view.show()
    await asyncio.sleep(0.5)
    beat = Heartbeat()
    beat.start()
    idle = await beat.idle()
    started = time.perf_counter()
    await _feed(view, content, rate)
    view.finish(2, meta=f"{len(content)} tokens")
    await asyncio.sleep(1.5)
    ended = time.perf_counter()
    await beat.stop()
    view.close()
    return {
        "tokens": len(content),
        "rate": rate,
        "seconds": round(ended - started, 1),
        "idle": idle,
        "all": beat.between(started, ended),
        "quarters": beat.quarters(started, ended),
        "longest": beat.longest(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=20_000)
    parser.add_argument("--rate", type=int, default=1_000)
    parser.add_argument("--code", action="store_true", help="one block of 4,000 lines instead of mixed markdown")
    options = parser.parse_args()
    from PySide6.QtWidgets import QApplication
    from qasync import QEventLoop  # type: ignore[import-untyped]

    application = QApplication([])
    with asyncio.Runner(loop_factory=lambda: QEventLoop(application)) as runner:
        result = runner.run(measure(one_file(4_000) if options.code else answer(options.tokens), options.rate))
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
