"""How a large history feels: 100,000 messages, 10,000 conversations; figures are printed, nothing is judged."""

from __future__ import annotations

import itertools
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from aqe_desktop.core.chat import Role, State
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database

pytestmark = pytest.mark.bench

_CHATS, _MESSAGES = 10_000, 100_000
_WORDS = [f"{stem}{ending}" for stem in ("test", "cover", "fix", "mock", "assert", "load", "queue") for ending in
          ("", "s", "ed", "ing", "er", "able", "ment", "ness")]  # fmt: skip


def fill(connection: apsw.Connection) -> None:
    dice = random.Random(1)
    chats = [(number, f"chat {number}", number, number, number % 50 == 0) for number in range(1, _CHATS + 1)]
    connection.executemany(
        "INSERT INTO conversations (id, title, created, updated, pinned) VALUES (?, ?, ?, ?, ?)", chats
    )
    rows = []
    for number in range(_MESSAGES):
        words = dice.choices(_WORDS, k=60)
        if number % 20_000 == 7:
            words[30] = "needle"
        rows.append((1 + number // (_MESSAGES // _CHATS), ("user", "assistant")[number % 2], number, " ".join(words)))
    sql = "INSERT INTO messages (conversation, role, state, created, text) VALUES (?, ?, 'complete', ?, ?)"
    connection.executemany(sql, rows)


async def median_ms(work: Callable[[], Awaitable[Any]], times: int = 9) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        await work()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


async def test_a_large_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = await Database.open(tmp_path / "history.db")
    await database.write(fill)
    store = ConversationStore(database)
    assert len(await store.list("needle")) == 5
    figures = {
        "one row by its key": await median_ms(lambda: store.get(5000)),
        "list, first 500 of 10,000": await median_ms(store.list),
        "list, 500 at offset 9,000": await median_ms(lambda: store.list(offset=9000)),
        "latest": await median_ms(store.latest),
        "search, rare word": await median_ms(lambda: store.list("needle")),
        "search, rare beginning": await median_ms(lambda: store.list("need")),
        "search, two common words, 50": await median_ms(lambda: store.list("tests covering", limit=50)),
        "search, one letter, 50": await median_ms(lambda: store.list("t", limit=50)),
        "search, a sign that is nowhere": await median_ms(lambda: store.list("🎉")),
        "input history": await median_ms(store.questions),
    }
    size = (tmp_path / "history.db").stat().st_size / 1e6
    await database.close()
    base = figures["one row by its key"]
    with capsys.disabled():
        print(f"\n100,000 messages, 10,000 conversations, {size:.0f} MB; median ms, and times one row by its key")
        for name, figure in figures.items():
            print(f"  {name:32} {figure:8.2f} {figure / base:8.0f}x")


async def test_writing_an_answer_and_a_long_chat(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = await Database.open(tmp_path / "history.db")
    store = ConversationStore(database)
    chat = (await store.create("long")).id
    parent = None
    for number in range(2000):
        parent = (await store.add(chat, parent, Role.USER, f"message {number} " * 50)).id
    answer = await store.add(chat, parent, Role.ASSISTANT, "", state=State.STREAMING)
    text = "word " * 20_000
    fresh = itertools.count()  # an unchanged page is not written at all
    figures = {
        "keep 10 bytes": await median_ms(lambda: store.keep(answer.id, f"word {next(fresh)}")),
        "keep 100 KB": await median_ms(lambda: store.keep(answer.id, f"{next(fresh)} {text}")),
        "finish 100 KB (indexed)": await median_ms(lambda: store.finish(answer.id, State.COMPLETE, text)),
        "branch of 2,000 messages": await median_ms(lambda: store.branch(chat)),
        "add to it": await median_ms(lambda: store.add(chat, parent, Role.USER, "one more")),
    }
    await database.close()
    with capsys.disabled():
        print("\na chat of 2,000 messages; median ms, every write flushed to the disk")
        for name, figure in figures.items():
            print(f"  {name:32} {figure:8.2f}")
