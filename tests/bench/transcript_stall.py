"""How long the window's loop stands still while a long answer streams into the transcript.

    python tests/bench/transcript_stall.py [--tokens 20000] [--rate 1000] [--code] [--decode MODEL.gguf] [--writer]

Needs a display (Xvfb will do). A heartbeat sleeps one millisecond at a time; what it wakes up late is the stall.
`--decode` lets a niced child decode with a real model on two threads, `--writer` another process write to SQLite.
Prints one JSON object; times in milliseconds."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.transcript_answer import answer, one_file

_DECODE = """
import os, sys
os.nice(10)
import json
import xllamacpp as xlc
p = xlc.CommonParams()
p.model.path = sys.argv[1]
p.n_ctx, p.n_parallel, p.cpuparams.n_threads, p.cpuparams_batch.n_threads = 2048, 1, 2, 2
s = xlc.Server(p)
print("ready", flush=True)
while True:
    s.handle_completions({"prompt": "Once upon a time", "max_tokens": 400, "stream": False})
"""
_WRITE = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1])
db.execute("PRAGMA journal_mode=WAL"); db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)")
print("ready", flush=True)
while True:
    db.execute("INSERT INTO t (x) VALUES (?)", ("x" * 2000,)); db.commit(); time.sleep(0.005)
"""


async def _heartbeat(late: list[tuple[float, float]]) -> None:
    while True:
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        late.append((now, (now - before) * 1000 - 1))


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
    late: list[tuple[float, float]] = []
    beat = asyncio.create_task(_heartbeat(late))
    idle = await _idle(late)
    started = time.perf_counter()
    await _feed(view, content, rate)
    view.finish(2, meta=f"{len(content)} tokens")
    await asyncio.sleep(1.5)
    ended = time.perf_counter()
    beat.cancel()
    quarters = [_quarter(late, started, ended, number) for number in range(4)]
    view.close()
    return {
        "tokens": len(content),
        "rate": rate,
        "seconds": round(ended - started, 1),
        "idle": idle,
        "all": _figures([x for _, x in late]),
        "quarters": quarters,
    }


async def _idle(late: list[tuple[float, float]]) -> dict[str, float]:
    await asyncio.sleep(1.0)
    figures = _figures([value for _, value in late])
    late.clear()
    return figures


def _quarter(late: list[tuple[float, float]], started: float, ended: float, number: int) -> dict[str, float]:
    length = (ended - started) / 4
    low = started + number * length
    return _figures([value for at, value in late if low <= at < low + length])


def _figures(values: list[float]) -> dict[str, float]:
    ordered = sorted(values) or [0.0]

    def pick(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2)

    return {
        "p50": pick(0.5),
        "p95": pick(0.95),
        "p99": pick(0.99),
        "longest": round(ordered[-1], 2),
        "beats": len(ordered),
    }


def _load(stack: ExitStack, code: str, argument: str) -> subprocess.Popen[bytes]:
    child = subprocess.Popen([sys.executable, "-c", code, argument], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    stack.callback(child.wait)
    stack.callback(child.kill)
    assert child.stdout is not None
    assert child.stdout.readline().strip() == b"ready"
    return child


def _cpu_seconds(child: subprocess.Popen[bytes]) -> float:
    """What a load has really used so far; it must still be running."""
    assert child.poll() is None, "a load ended before the measurement did"
    fields = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
    return round((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=20_000)
    parser.add_argument("--rate", type=int, default=1_000)
    parser.add_argument("--code", action="store_true", help="one block of 4,000 lines instead of mixed markdown")
    parser.add_argument("--decode", default="")
    parser.add_argument("--writer", action="store_true")
    options = parser.parse_args()
    from PySide6.QtWidgets import QApplication
    from qasync import QEventLoop  # type: ignore[import-untyped]

    application = QApplication([])
    loads: dict[str, subprocess.Popen[bytes]] = {}
    with ExitStack() as stack:
        if options.decode:
            loads["decode"] = _load(stack, _DECODE, options.decode)
        if options.writer:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            loads["writer"] = _load(stack, _WRITE, str(Path(folder) / "other.sqlite"))
        with asyncio.Runner(loop_factory=lambda: QEventLoop(application)) as runner:
            result = runner.run(measure(one_file(4_000) if options.code else answer(options.tokens), options.rate))
        result["load_cpu_seconds"] = {name: _cpu_seconds(child) for name, child in loads.items()}
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
