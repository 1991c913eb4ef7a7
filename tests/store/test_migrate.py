"""A migration is whole or not at all, an automatic copy comes first, and old versions are not surprised."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import stat
from pathlib import Path

import apsw
import pytest

from aqe_desktop.core.errors import StorageFailed
from aqe_desktop.machine.paths import Paths
from aqe_desktop.store import opening
from aqe_desktop.store.backups import list_backups
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.store.migrate import FOLDER, Migration, newest, shipped
from tests.store.conftest import Start

NEXT = newest(shipped()) + 1


def later(*sql: str) -> tuple[Migration, ...]:
    """The migrations of a later version of the program."""
    return (*shipped(), *(Migration(NEXT + place, "later", step) for place, step in enumerate(sql)))


async def a_history(paths: Paths) -> None:
    database = await Database.open(paths.database, backups=paths.backups)
    await ConversationStore(database).create("kept")
    await database.close()


def facts(file: Path) -> tuple[int, list[str]]:
    connection = sqlite3.connect(file)
    titles = [title for (title,) in connection.execute("SELECT title FROM conversations")]
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    return version, titles


def test_migrations_are_numbered_without_a_gap_from_one() -> None:
    assert [step.number for step in shipped()] == list(range(1, newest(shipped()) + 1))
    assert all(re.fullmatch(r"\d{4}_[a-z_]+\.sql", file.name) for file in FOLDER.iterdir())


async def test_a_new_database_needs_no_copy(paths: Paths) -> None:
    await a_history(paths)
    assert facts(paths.database) == (NEXT - 1, ["kept"])
    assert list_backups(paths) == []


async def test_a_private_copy_is_made_before_a_migration(paths: Paths) -> None:
    await a_history(paths)
    steps = later("UPDATE conversations SET title = 'migrated'")
    await (await Database.open(paths.database, backups=paths.backups, migrations=steps)).close()
    assert facts(paths.database) == (NEXT, ["migrated"])
    (copy,) = list_backups(paths)
    file = paths.backups / copy.name
    assert facts(file) == (NEXT - 1, ["kept"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert copy.reason == "before-migration"
    assert copy.size == file.stat().st_size


async def test_the_copy_holds_what_is_still_in_the_log(paths: Paths) -> None:
    await a_history(paths)
    connection = apsw.Connection(str(paths.database))  # as after a crash: the log is full and its writer is gone
    connection.execute("INSERT INTO conversations (title, created, updated) VALUES ('in the log', 0, 0)")
    steps = later("UPDATE conversations SET title = 'migrated'")
    await (await Database.open(paths.database, backups=paths.backups, migrations=steps)).close()
    connection.close()
    (copy,) = list_backups(paths)
    assert facts(paths.backups / copy.name)[1] == ["kept", "in the log"]


async def test_the_last_three_copies_are_kept(paths: Paths) -> None:
    await a_history(paths)
    for count in range(1, 6):
        steps = later(*["UPDATE conversations SET title = title || '+'"] * count)
        await (await Database.open(paths.database, backups=paths.backups, migrations=steps)).close()
    assert facts(paths.database)[1] == ["kept+++++"]
    copies = list_backups(paths)
    assert [facts(paths.backups / copy.name)[1] for copy in copies] == [["kept++++"], ["kept+++"], ["kept++"]]


@pytest.mark.parametrize(
    "broken",
    [
        "UPDATE conversations SET title = 'half'; SELECT * FROM nowhere",
        "UPDATE conversations SET title = 'half';"
        "INSERT INTO attachments (message, position, name, text) VALUES (777, 0, '', '')",
    ],
)
async def test_a_failing_migration_leaves_the_old_database(paths: Paths, broken: str) -> None:
    await a_history(paths)
    steps = later("ALTER TABLE conversations ADD COLUMN mood TEXT", broken)
    with pytest.raises((apsw.SQLError, RuntimeError)):
        await Database.open(paths.database, backups=paths.backups, migrations=steps)
    assert facts(paths.database) == (NEXT - 1, ["kept"])
    database = await Database.open(paths.database, backups=paths.backups)
    assert [found.title for found in await ConversationStore(database).list()] == ["kept"]
    await database.close()


async def test_no_space_for_the_copy_stops_the_migration(paths: Paths) -> None:
    await a_history(paths)
    paths.backups.rmdir()
    paths.backups.write_text("in the way")
    with pytest.raises(StorageFailed):
        await Database.open(paths.database, backups=paths.backups, migrations=later("SELECT 1"))
    assert facts(paths.database) == (NEXT - 1, ["kept"])


async def test_a_running_older_version_is_not_migrated_under_its_feet(
    paths: Paths, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "PATIENCE", 0.3)
    await a_history(paths)
    older = start("hold", paths.home, "open")
    assert older.stdout is not None
    await asyncio.to_thread(older.stdout.readline)
    with pytest.raises(StorageFailed, match="older version"):
        await Database.open(paths.database, migrations=later("SELECT 1"))
    assert facts(paths.database)[0] == NEXT - 1
    await asyncio.to_thread(older.communicate)
    await (await Database.open(paths.database, migrations=later("SELECT 1"))).close()
    assert facts(paths.database)[0] == NEXT


async def test_a_first_start_of_many_at_once_makes_one_database(paths: Paths, start: Start) -> None:
    starts = [start("add_many", paths.home, f"process{number}", 2) for number in range(4)]
    for process in starts:
        assert await asyncio.to_thread(process.wait, 60) == 0
    database = await Database.open(paths.database)
    assert len(await ConversationStore(database).list()) == 8
    await database.close()
