"""How fast a text is scanned, every stage on: megabytes a second, a prompt, and what a large text costs others.

SCAN_SOURCES names a folder whose files are read as one text; without it the installed packages are."""

from __future__ import annotations

import os
import statistics
import sysconfig
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aqe_desktop.privacy.scanner import Scanner
from aqe_desktop.upkeep import open_scanner

pytestmark = pytest.mark.bench

_MOST = 100_000_000
_ROUNDS = 5


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    scanner = open_scanner()
    begin = time.process_time()
    stored = scanner.compile()
    print(f"\n{len(scanner.rules)} rules compiled in {time.process_time() - begin:.1f} s, {len(stored) / 1e6:.1f} MB")
    begin = time.process_time()
    assert open_scanner().load(stored)
    print(f"rules read and compiled ones loaded in {time.process_time() - begin:.3f} s")
    return scanner


def _texts() -> Iterator[str]:
    folder = Path(os.environ.get("SCAN_SOURCES") or sysconfig.get_paths()["purelib"])
    size = 0
    for path in sorted(folder.rglob("*")):
        if path.is_file() and size < _MOST:
            data = path.read_bytes()
            if b"\0" not in data[:4096]:
                size += len(data)
                yield data.decode("utf-8", "replace")


@pytest.fixture(scope="module")
def source() -> str:
    return "\n".join(_texts())


def test_sources_per_second(scanner: Scanner, source: str) -> None:
    size = len(source.encode()) / 1e6
    begin = time.process_time()
    found = scanner.scan(source)
    took = time.process_time() - begin
    print(f"\n{size:.0f} MB of sources: {size / took:.1f} MB/s of CPU, {len(found)} findings")


def test_a_prompt_of_50_kilobytes(scanner: Scanner, source: str) -> None:
    took = []
    for number in range(200):
        prompt = source[number * 50_000 : (number + 1) * 50_000] or source[:50_000]
        begin = time.process_time()
        scanner.scan(prompt)
        took.append((time.process_time() - begin) * 1000)
    took.sort()
    print(f"\n50 KB: median {statistics.median(took):.2f} ms, p95 {took[190]:.2f} ms, longest {took[-1]:.2f} ms")


def test_what_others_wait_for_while_50_megabytes_are_scanned(scanner: Scanner, source: str) -> None:
    text = (source * (50_000_000 // len(source) + 1))[:50_000_000]
    gaps: list[float] = []
    done = threading.Event()

    def beat() -> None:
        last = time.perf_counter()
        while not done.is_set():
            time.sleep(0.001)
            now = time.perf_counter()
            gaps.append((now - last) * 1000)
            last = now

    thread = threading.Thread(target=beat)
    thread.start()
    begin = time.process_time()
    scanner.scan(text)
    took = time.process_time() - begin
    done.set()
    thread.join()
    gaps.sort()
    late = gaps[int(len(gaps) * 0.99)]
    print(
        f"\n50 MB in {took:.1f} s of CPU; another thread's beat of 1 ms: p99 {late:.1f} ms, longest {gaps[-1]:.1f} ms"
    )
