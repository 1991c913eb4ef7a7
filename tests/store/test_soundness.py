"""The doctor's look at the database: all of it, changing nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from aqe_desktop.core.chat import Role
from aqe_desktop.core.errors import DatabaseTooNew, StorageFailed
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.store.soundness import check_database


async def filled(path: Path) -> None:
    database = await Database.open(path)
    store = ConversationStore(database)
    chat = await store.create("Many words")
    for number in range(50):
        await store.add(chat.id, None, Role.USER, f"question {number} " + "word " * 200)
    await database.close()


async def test_a_sound_database_is_described_also_while_it_is_in_use(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    assert "no database yet" in check_database(path, tmp_path)
    await filled(path)
    database = await Database.open(path)
    assert "sound" in check_database(path, tmp_path)
    await database.close()


async def test_damage_deep_in_the_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    await filled(path)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 8192] = b"\xff" * 8192
    path.write_bytes(content)
    with pytest.raises(StorageFailed, match="damaged"):
        check_database(path, tmp_path)
    assert path.read_bytes() == bytes(content)


async def test_a_newer_one_is_named_as_newer(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    await filled(path)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(DatabaseTooNew):
        check_database(path, tmp_path)


@pytest.mark.parametrize("application", [0, 7])
def test_a_database_of_another_program_is_named_as_that(tmp_path: Path, application: int) -> None:
    path = tmp_path / "history.db"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA application_id = {application}")
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(StorageFailed, match="another program"):
        check_database(path, tmp_path)
