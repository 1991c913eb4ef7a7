"""A crash costs at most what was not yet acknowledged, and the answer it cut off is known as cut."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import apsw
import pytest

from aqe_desktop.core.chat import Role, State
from aqe_desktop.machine.paths import Paths
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.store.writers import Writer
from tests.store.conftest import Start


def kill_after(process: subprocess.Popen[str], seconds: float) -> tuple[int, int]:
    """The answer's id and the last word that was acknowledged when the process was killed at a random moment."""
    assert process.stdout is not None
    answer = int(process.stdout.readline().split()[1])
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    lines = [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    process.wait(10)
    return answer, int(lines[-1].split()[1]) if lines else 0


async def after_a_crash(paths: Paths, answer: int, acknowledged: int) -> None:
    database = await Database.open(paths.database)
    writer = Writer.claim(paths.home / "writers")
    store = await ConversationStore.open(database, writer)
    (cut,) = await store.recover()
    assert (cut.id, cut.state) == (answer, State.CUT)
    words = cut.text.split()
    assert words == [str(number + 1) for number in range(len(words))]
    assert acknowledged <= len(words) <= acknowledged + 1
    assert await store.recover() == []
    assert await database.read(lambda c: c.execute("PRAGMA integrity_check").fetchall()) == [("ok",)]
    await database.write(lambda c: c.execute("INSERT INTO messages_fts (messages_fts) VALUES ('integrity-check')"))
    await database.close()
    writer.release()


async def test_a_partial_answer_survives_kill_minus_9(paths: Paths, start: Start) -> None:
    for seconds in (0.0, 0.1, 0.3):
        process = start("stream", paths.home, 0.001)
        answer, acknowledged = await asyncio.to_thread(kill_after, process, seconds)
        await after_a_crash(paths, answer, acknowledged)


@pytest.mark.long
async def test_kill_minus_9_at_fifty_random_moments_loses_nothing_acknowledged(paths: Paths, start: Start) -> None:
    moments = random.Random(20261124)
    for _ in range(50):
        process = start("stream", paths.home, moments.choice([0, 0.001, 0.01]))
        answer, acknowledged = await asyncio.to_thread(kill_after, process, moments.uniform(0, 0.6))
        await after_a_crash(paths, answer, acknowledged)


async def test_an_answer_of_a_living_process_is_left_alone(
    store: ConversationStore, paths: Paths, start: Start
) -> None:
    process = start("stream", paths.home, 0.01)
    assert process.stdout is not None
    answer = int((await asyncio.to_thread(process.stdout.readline)).split()[1])
    assert await store.recover() == []
    process.kill()
    await asyncio.to_thread(process.communicate)
    assert [message.id for message in await store.recover()] == [answer]


async def test_our_own_answer_under_way_is_left_alone(store: ConversationStore) -> None:
    chat = (await store.create("t")).id
    answer = await store.add(chat, None, Role.ASSISTANT, "", state=State.STREAMING)
    assert await store.recover() == []
    assert (await store.message(answer.id)).state is State.STREAMING


async def test_of_two_that_recover_at_once_each_answer_goes_to_one(
    database: Database, paths: Paths, start: Start
) -> None:
    process = start("stream", paths.home, 0.001)
    answer, _ = await asyncio.to_thread(kill_after, process, 0.05)
    writers = [Writer.claim(paths.home / "writers") for _ in range(2)]
    other = await Database.open(paths.database)
    stores = [ConversationStore(database, writers[0]), ConversationStore(other, writers[1])]
    found = await asyncio.gather(*(store.recover() for store in stores))
    assert sorted(message.id for messages in found for message in messages) == [answer]
    await other.close()
    for writer in writers:
        writer.release()


async def test_a_cut_answer_is_found_by_its_words(store: ConversationStore, database: Database) -> None:
    chat = (await store.create("t")).id
    answer = await store.add(chat, None, Role.ASSISTANT, "", state=State.STREAMING)
    await store.keep(answer.id, "needle")
    await database.write(lambda c: c.execute("UPDATE messages SET writer = ?", ("0" * 32,)))
    assert [message.text for message in await store.recover()] == ["needle"]
    assert len(await store.list("needle")) == 1


async def test_a_temporary_chat_has_nothing_to_recover() -> None:
    database = await Database.open(":memory:")
    store = ConversationStore(database)
    chat = (await store.create("t")).id
    await store.add(chat, None, Role.ASSISTANT, "", state=State.STREAMING)
    assert await store.recover() == []
    await database.close()


def test_a_writer_is_alive_until_it_is_released(tmp_path: Path) -> None:
    one, other = Writer.claim(tmp_path), Writer.claim(tmp_path)
    assert other.alive(one.id)
    assert one.alive(one.id)
    one.release()
    assert not other.alive(one.id)
    other.release()
    assert list(tmp_path.glob("*.lock")) == []


@pytest.mark.parametrize("identity", [None, "", "../../etc/passwd", "0" * 32, "x" * 32])
def test_an_unknown_writer_is_not_alive(tmp_path: Path, identity: str | None) -> None:
    writer = Writer.claim(tmp_path)
    assert not writer.alive(identity)
    writer.release()


def test_a_writer_whose_folder_is_gone_leaves_in_peace(tmp_path: Path) -> None:
    folder = tmp_path / "writers"
    writer = Writer.claim(folder)
    (folder / f"{writer.id}.lock").unlink()
    folder.rmdir()
    folder.touch()
    writer.release()


def test_files_of_crashed_writers_are_swept(tmp_path: Path) -> None:
    stale, fresh = tmp_path / f"{'0' * 32}.lock", tmp_path / f"{'1' * 32}.lock"
    for file in (stale, fresh):
        file.touch()
    living = Writer.claim(tmp_path)
    an_hour_ago = time.time() - 3600
    for file in (stale, tmp_path / f"{living.id}.lock"):
        os.utime(file, (an_hour_ago, an_hour_ago))
    Writer.claim(tmp_path).release()
    assert {file.name for file in tmp_path.glob("*.lock")} == {fresh.name, f"{living.id}.lock"}
    living.release()


def test_the_driver_keeps_acknowledged_writes_through_power_loss(tmp_path: Path) -> None:
    """What a test can see of it: every commit is flushed (synchronous FULL), as the log's header promises."""
    from aqe_desktop.store.migrate import shipped
    from aqe_desktop.store.opening import open_file

    connection, lock = open_file(tmp_path / "history.db", None, shipped())
    assert isinstance(connection, apsw.Connection)
    wanted = {"synchronous": 2, "journal_mode": "wal", "secure_delete": 1, "foreign_keys": 1, "temp_store": 2}
    assert {name: connection.pragma(name) for name in wanted} == wanted
    connection.close()
    lock.release()
