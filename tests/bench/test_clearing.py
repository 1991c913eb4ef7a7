"""What clearing adds to a question: the look at policies, words and dismissals, beside the scan itself.

And what a large attachment costs the loop while it is read in a thread."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aqe_desktop.core.chat import Attachment, Message, Role
from aqe_desktop.services.clearing import Clearing, Request
from aqe_desktop.services.models import ModelService
from aqe_desktop.store.database import Database
from tests.services.conftest import no_preference
from tests.services.engine_of_lines import MODEL, Lines
from tests.services.privately import Privately, privately

pytestmark = pytest.mark.bench
CHAT = tuple(Message(Role.USER, f"Question {number}. " + "words and code = more(words) " * 60) for number in range(200))


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Privately]:
    database = await Database.open(tmp_path / "history.db")
    joined = privately(database)
    await joined.scanning.wait()
    yield joined
    await joined.privacy.aclose()
    await joined.ledger.aclose()
    await database.close()


@pytest.fixture
def project(tmp_path: Path) -> str:
    """With a rule, a private file and, once a test has added it, a word of its own."""
    folder = tmp_path / "project"
    (folder / ".aqe").mkdir(parents=True)
    (folder / ".aqe" / "policy.toml").write_text('private_paths = ["core.py"]')
    (folder / "core.py").write_text(Path(__file__).read_text())
    return str(folder)


async def test_clearing_a_long_chat_again(parts: Privately, project: str) -> None:
    models = ModelService((Lines(),), no_preference)
    clearing = Clearing(models, parts.policies, parts.privacy)
    for name in ("", project):
        request = Request(CHAT, name, model=MODEL)
        times = []
        for _ in range(201):
            began = time.perf_counter()
            await clearing.clear(request)
            times.append((time.perf_counter() - began) * 1e3)
        where = "a project" if name else "no project"
        print(f"\n200 messages, {where}: first {times[0]:.1f} ms, then median {statistics.median(times[1:]):.2f} ms")


async def test_the_loop_while_a_large_file_is_read(parts: Privately, project: str) -> None:
    """By rules, for the project's own words and for what stands in its private files."""
    await parts.policies.add_word(project, "heron")
    await parts.privacy.scan((Message(Role.USER, "Hello."),), project, final=True)
    text = "".join(f"value_{n} = compute(first, second, third)  # nothing private here\n" for n in range(750_000))
    gaps: list[float] = []

    async def beat() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            gaps.append((time.perf_counter() - began) * 1e3)

    beating = asyncio.create_task(beat())
    began = time.perf_counter()
    await parts.privacy.scan((Message(Role.USER, "Look.", (Attachment("big.py", text),)),), project)
    took = time.perf_counter() - began
    beating.cancel()
    gaps.sort()
    worst, usual = gaps[-1], gaps[len(gaps) * 99 // 100]
    print(
        f"\n{len(text) / 1e6:.0f} MB read in {took:.1f} s; the loop waited at most {worst:.0f} ms, p99 {usual:.0f} ms"
    )
