"""An earlier copy can be brought back, and that too can be undone."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from aqe_desktop.core.errors import DatabaseTooNew, StorageFailed, UsageError
from aqe_desktop.machine.paths import Paths
from aqe_desktop.store.backups import list_backups
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.store.restore import restore_backup
from tests.store.conftest import Start
from tests.store.test_migrate import later


async def titles(paths: Paths) -> list[str]:
    database = await Database.open(paths.database, backups=paths.backups)
    found = [conversation.title for conversation in await ConversationStore(database).list()]
    await database.close()
    return found


async def write(paths: Paths, title: str) -> None:
    database = await Database.open(paths.database, backups=paths.backups)
    await ConversationStore(database).create(title)
    await database.close()


async def a_copy(paths: Paths) -> str:
    """A history with one chat is copied, then has two; the name of the copy."""
    await write(paths, "before")
    steps = later("SELECT 1")
    await (await Database.open(paths.database, backups=paths.backups, migrations=steps)).close()
    (copy,) = list_backups(paths)
    restore_backup(paths, copy.name)
    await write(paths, "after")
    return copy.name


async def test_a_copy_is_brought_back_and_the_replaced_one_is_a_copy_too(paths: Paths) -> None:
    name = await a_copy(paths)
    assert await titles(paths) == ["after", "before"]
    kept = restore_backup(paths, name)
    assert await titles(paths) == ["before"]
    assert stat.S_IMODE(paths.database.stat().st_mode) == 0o600
    assert kept is not None
    assert kept.name == list_backups(paths)[0].name
    restore_backup(paths, kept.name)
    assert await titles(paths) == ["after", "before"]


def a_copy_of_another_time(paths: Paths, name: str, stamp: str) -> str:
    twin = f"history-{stamp}-before-restore.db"
    shutil.copy(paths.backups / name, paths.backups / twin)
    return twin


async def test_under_a_clock_set_back_neither_the_kept_nor_the_restored_copy_goes(paths: Paths) -> None:
    name = await a_copy(paths)
    for year in ("2097", "2098", "2099", "9999"):
        a_copy_of_another_time(paths, name, f"{year}1231T235959999999Z")
    old = a_copy_of_another_time(paths, name, "20200101T000000000000Z")
    kept = restore_backup(paths, old)
    assert kept is not None
    assert (kept.is_file(), (paths.backups / old).is_file()) == (True, True)
    restore_backup(paths, kept.name)
    assert await titles(paths) == ["after", "before"]


async def test_a_new_copy_comes_after_those_there_are_whatever_the_clock_says(paths: Paths) -> None:
    name = await a_copy(paths)
    a_copy_of_another_time(paths, name, "20990101T000000000000Z")
    kept = restore_backup(paths, name)
    assert kept is not None
    assert list_backups(paths)[0].name == kept.name


async def test_a_damaged_database_is_set_aside_whole(paths: Paths) -> None:
    name = await a_copy(paths)
    paths.database.write_bytes(b"rubbish")
    kept = restore_backup(paths, name)
    assert await titles(paths) == ["before"]
    assert kept is not None
    assert kept.read_bytes() == b"rubbish"
    assert kept.name.startswith("history.db.damaged-")


async def test_a_lost_database_is_replaced(paths: Paths) -> None:
    name = await a_copy(paths)
    paths.database.unlink()
    assert restore_backup(paths, name) is None
    assert await titles(paths) == ["before"]


async def test_nothing_is_replaced_while_a_process_has_it_open(paths: Paths, start: Start) -> None:
    name = await a_copy(paths)
    other = start("hold", paths.home, "open")
    assert other.stdout is not None
    await asyncio.to_thread(other.stdout.readline)
    with pytest.raises(StorageFailed, match="running"):
        restore_backup(paths, name)
    await asyncio.to_thread(other.communicate)
    restore_backup(paths, name)


def cut_off(copy: Path) -> None:
    with copy.open("r+b") as file:
        file.truncate(copy.stat().st_size - 5000)


def lose_an_index(copy: Path) -> None:
    """Readable from end to end, but an index points at rows that are not there."""
    raw = sqlite3.connect(copy)
    raw.execute("PRAGMA writable_schema = ON")
    raw.execute("DELETE FROM sqlite_schema WHERE name = 'conversations_deleted'")
    raw.commit()
    raw.close()


def of_another_program(copy: Path) -> None:
    with sqlite3.connect(copy) as raw:
        raw.execute("PRAGMA application_id = 7")
    raw.close()


@pytest.mark.parametrize("damage", [cut_off, lose_an_index, of_another_program])
async def test_an_unsound_copy_changes_nothing(paths: Paths, damage: Callable[[Path], None]) -> None:
    name = await a_copy(paths)
    damage(paths.backups / name)
    with pytest.raises(StorageFailed, match="damaged"):
        restore_backup(paths, name)
    assert await titles(paths) == ["after", "before"]


async def test_a_copy_of_a_newer_version_changes_nothing(paths: Paths) -> None:
    name = await a_copy(paths)
    with sqlite3.connect(paths.backups / name) as raw:
        raw.execute("PRAGMA user_version = 999")
    raw.close()
    with pytest.raises(DatabaseTooNew):
        restore_backup(paths, name)
    assert await titles(paths) == ["after", "before"]


@pytest.mark.parametrize("name", ["nothing.db", "../history.db", "", "."])
async def test_only_a_copy_of_the_folder_is_taken(paths: Paths, name: str) -> None:
    await write(paths, "kept")
    with pytest.raises(UsageError, match="no copy"):
        restore_backup(paths, name)
    assert await titles(paths) == ["kept"]
