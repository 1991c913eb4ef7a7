"""One connection on one thread: nothing acknowledged is lost, nobody waits on the loop, nobody else may read."""

from __future__ import annotations

import asyncio
import logging
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from aqe_desktop.core.chat import Role
from aqe_desktop.machine.paths import Paths
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from tests.store.conftest import Start


def insert(name: str, pause: float = 0) -> Callable[[apsw.Connection], None]:
    def work(connection: apsw.Connection) -> None:
        time.sleep(pause)
        connection.execute("INSERT INTO projects VALUES (?, '', 0)", (name,))

    return work


def names(connection: apsw.Connection) -> list[str]:
    return [str(name) for (name,) in connection.execute("SELECT path FROM projects ORDER BY path").fetchall()]


async def test_a_write_whose_caller_is_cancelled_is_still_done(database: Database) -> None:
    slow = asyncio.create_task(database.write(insert("slow", 0.1)))
    waiting = asyncio.create_task(database.write(insert("waiting")))
    await asyncio.sleep(0.02)
    for task in (slow, waiting):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await database.read(names) == ["slow", "waiting"]


async def test_a_write_that_fails_after_its_caller_has_gone_is_logged(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(connection: apsw.Connection) -> None:
        time.sleep(0.1)
        raise ValueError("secret text")

    task = asyncio.create_task(database.write(fail))
    await asyncio.sleep(0.02)
    task.cancel()
    with caplog.at_level(logging.ERROR), pytest.raises(asyncio.CancelledError):
        await task
    assert await database.read(names) == []
    await asyncio.sleep(0)
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


async def test_the_loop_goes_on_while_the_database_works(database: Database) -> None:
    steps = 0
    work = asyncio.create_task(database.write(insert("slow", 0.2)))
    while not work.done():
        steps += 1
        await asyncio.sleep(0.005)
    assert steps > 5


async def test_a_failing_write_leaves_nothing(database: Database) -> None:
    def half(connection: apsw.Connection) -> None:
        connection.execute("INSERT INTO projects VALUES ('half', '', 0)")
        raise KeyError("no")

    with pytest.raises(KeyError):
        await database.write(half)
    assert await database.read(names) == []


async def test_all_work_runs_on_one_other_thread(database: Database) -> None:
    seen = {await database.read(lambda c: threading.get_ident()) for _ in range(5)}
    assert len(seen) == 1
    assert threading.get_ident() not in seen


async def test_nobody_else_may_read_the_files(paths: Paths, store: ConversationStore) -> None:
    await store.create("private")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in paths.home.glob("history.db*")}
    assert modes == dict.fromkeys(("history.db", "history.db-wal", "history.db-shm", "history.db.lock"), 0o600)


async def test_a_file_that_others_could_read_is_closed_to_them(paths: Paths) -> None:
    await (await Database.open(paths.database)).close()
    paths.database.chmod(0o644)
    await (await Database.open(paths.database)).close()
    assert stat.S_IMODE(paths.database.stat().st_mode) == 0o600


def everything(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


async def test_a_temporary_chat_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = everything(tmp_path)
    database = await Database.open(":memory:")
    store = ConversationStore(database)
    conversation = await store.create("temporary")
    await store.add(conversation.id, None, Role.USER, "never stored")
    assert [found.id for found in await store.list("never")] == [conversation.id]
    assert everything(tmp_path) == before
    await database.close()


async def test_what_another_process_wrote_changes_the_data_version(
    store: ConversationStore, paths: Paths, start: Start
) -> None:
    before = await store.data_version()
    await store.create("our own")
    assert await store.data_version() == before
    assert start("add_many", paths.home, "other", 1).wait(30) == 0
    assert await store.data_version() != before
    assert {found.title for found in await store.list()} == {"our own", "other 0"}


async def test_a_write_waits_for_another_process_that_writes(
    store: ConversationStore, paths: Paths, start: Start
) -> None:
    other = start("hold", paths.home, "locked")
    assert other.stdout is not None
    assert await asyncio.to_thread(other.stdout.readline) == "open\n"
    await store.create("after the other")
    assert [found.title for found in await store.list()] == ["after the other"]


async def test_window_and_command_line_write_at_once_and_lose_nothing(
    store: ConversationStore, paths: Paths, start: Start
) -> None:
    others = [start("add_many", paths.home, name, 40) for name in ("first", "second")]
    for number in range(40):
        conversation = await store.create(f"window {number}")
        await store.add(conversation.id, None, Role.USER, f"question {number}")
    for other in others:
        assert await asyncio.to_thread(other.wait, 60) == 0
    titles = {found.title for found in await store.list()}
    assert titles == {f"{name} {number}" for name in ("first", "second", "window") for number in range(40)}


async def test_closing_finishes_what_was_handed_over_and_can_be_repeated(paths: Paths) -> None:
    database = await Database.open(paths.database)
    late = asyncio.create_task(database.write(insert("late", 0.1)))
    await asyncio.sleep(0.02)
    await database.close()
    await late
    again = await Database.open(paths.database)
    assert await again.read(names) == ["late"]
    await again.close()


async def test_our_own_mistakes_are_not_dressed_up_as_the_users(database: Database) -> None:
    with pytest.raises(apsw.SQLError):
        await database.read(lambda c: c.execute("SELECT * FROM nowhere"))
