"""What a long conversation costs: opening it, scrolling through it, finding in it, and the memory it holds.

    python tests/bench/transcript_scroll.py [--messages 2000] [--file-lines 4000]

Needs a display. Each scroll step moves 120 pixels or jumps anywhere, and is measured with its painting.
Prints one JSON object; times in milliseconds, memory in MiB."""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.transcript_answer import answer


def conversation(messages: int) -> list[Any]:
    """Questions and answers of realistic length: about 150 tokens a message."""
    from aqe_desktop.ui.widgets.transcript import TranscriptMessage, ZoneChip

    chip = ZoneChip("device", "This device", "bench")
    made = []
    for number in range(messages):
        own = number % 2 == 0
        text = "".join(answer(40 if own else 260, number))
        made.append(TranscriptMessage(number, "user" if own else "assistant", text, chip=None if own else chip))
    return made


def resident() -> float:
    """MiB that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


def figures(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "p50": round(statistics.median(ordered), 1),
        "p99": round(ordered[int(len(ordered) * 0.99)], 1),
        "longest": round(ordered[-1], 1),
    }


def scroll_times(application: Any, bar: Any) -> tuple[list[float], list[float]]:
    """Milliseconds of each of 400 steps upwards, and of each of 60 jumps anywhere."""

    def scrolling(value: int) -> Callable[[], None]:
        def scroll() -> None:
            bar.setValue(value)
            application.processEvents()

        return scroll

    chance = random.Random(1)
    steps = [timed(scrolling(bar.value() - 120)) for _ in range(400)]
    return steps, [timed(scrolling(chance.randrange(bar.maximum()))) for _ in range(60)]


def measure(application: Any, messages: int, lines: int) -> dict[str, Any]:
    """Open, scroll by steps and by jumps, find, and open one message with a long file."""
    from PySide6.QtTest import QTest

    from aqe_desktop.ui.widgets.transcript import Transcript, TranscriptMessage

    view = Transcript()
    view.resize(1000, 860)
    view.show()
    QTest.qWaitForWindowExposed(view)
    view.set_messages(conversation(2))
    application.processEvents()
    content, before = conversation(messages), resident()

    def opening() -> None:
        view.set_messages(content)
        application.processEvents()

    opened = timed(opening)
    view._reader.stop()
    memory = resident() - before
    steps, jumps = scroll_times(application, view.verticalScrollBar())
    cold = timed(lambda: view.find_text("gateway"))
    warm = timed(lambda: view.find_text("transient"))
    found = view.finder.count
    everything = resident() - before
    code = "```python\n" + "".join(f"value_{n} = compute({n}, 'text')\n" for n in range(lines)) + "```"
    content = [TranscriptMessage(1, "assistant", code)]
    long_file = timed(opening)
    view.close()
    return {
        "messages": messages,
        "open": round(opened, 1),
        "open_mib": round(memory, 1),
        "scroll": figures(steps),
        "jump": figures(jumps),
        "find_first": round(cold, 1),
        "find_again": round(warm, 1),
        "found": found,
        "all_read_mib": round(everything, 1),
        f"open_{lines}_lines_of_code": round(long_file, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--file-lines", type=int, default=4_000)
    options = parser.parse_args()
    from PySide6.QtWidgets import QApplication

    application = QApplication([])
    sys.stdout.write(json.dumps(measure(application, options.messages, options.file_lines)) + "\n")


if __name__ == "__main__":
    main()
