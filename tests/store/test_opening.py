"""What cannot be opened is explained and left as it is, byte for byte."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from aqe_desktop.core.chat import Role
from aqe_desktop.core.errors import DatabaseTooNew, DiskFull, StorageFailed
from aqe_desktop.machine.paths import Paths
from aqe_desktop.store import opening
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from tests.store.conftest import Start


def hashes(folder: Path) -> dict[str, str]:
    """Of all that holds data: a look leaves an empty log behind."""
    files = [f for f in folder.glob("history.db*") if f.stat().st_size and not f.name.endswith((".lock", "-shm"))]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


async def a_database(paths: Paths) -> None:
    database = await Database.open(paths.database, backups=paths.backups)
    await ConversationStore(database).create("kept")
    await database.close()


async def test_a_database_of_a_newer_version_stays_byte_for_byte(paths: Paths) -> None:
    await a_database(paths)
    with sqlite3.connect(paths.database) as raw:
        raw.execute("PRAGMA user_version = 999")
    raw.close()
    before = hashes(paths.home)
    with pytest.raises(DatabaseTooNew, match="999") as caught:
        await Database.open(paths.database, backups=paths.backups)
    assert "Update" in caught.value.hint
    assert hashes(paths.home) == before


async def test_a_newer_version_that_only_the_log_knows_of_stays_byte_for_byte(paths: Paths, tmp_path: Path) -> None:
    await a_database(paths)
    newer = apsw.Connection(str(paths.database))
    newer.execute("PRAGMA user_version = 999")
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in ("history.db", "history.db-wal"):
        shutil.copy(paths.home / name, crashed / name)
    newer.close()
    before = hashes(crashed)
    assert len(before) == 2
    with pytest.raises(DatabaseTooNew):
        await Database.open(crashed / "history.db")
    assert hashes(crashed) == before


@pytest.mark.parametrize("content", [b"no database at all", b"SQLite format 3\0" + b"\xff" * 8000, b"SQLite"])
async def test_a_damaged_file_is_kept_and_the_way_out_is_named(paths: Paths, content: bytes) -> None:
    paths.database.write_bytes(content)
    with pytest.raises(StorageFailed, match="damaged") as caught:
        await Database.open(paths.database, backups=paths.backups)
    assert "no earlier copy" in caught.value.hint
    assert paths.database.read_bytes() == content


async def test_damage_in_the_middle_is_explained_with_the_copies_there_are(paths: Paths) -> None:
    await a_database(paths)
    (paths.backups / "history-20260101T000000000000Z-before-migration.db").write_bytes(b"")
    size = paths.database.stat().st_size
    with paths.database.open("r+b") as file:
        file.truncate(size // 2)
    before = hashes(paths.home)
    with pytest.raises(StorageFailed, match="damaged") as caught:
        await Database.open(paths.database, backups=paths.backups)
    assert str(paths.backups) in caught.value.hint
    assert hashes(paths.home) == before


async def test_damage_found_while_reading_is_explained(paths: Paths) -> None:
    database = await Database.open(paths.database)
    store = ConversationStore(database)
    conversation = await store.create("long")
    for _ in range(50):
        await store.add(conversation.id, None, Role.USER, "word " * 2000)
    await database.close()
    with paths.database.open("r+b") as file:
        file.seek(paths.database.stat().st_size // 2)
        file.write(b"\xa5" * (paths.database.stat().st_size // 2))
    with pytest.raises(StorageFailed, match="damaged"):
        await read_all(paths, conversation.id)


async def read_all(paths: Paths, conversation: int) -> None:
    database = await Database.open(paths.database)
    try:
        await ConversationStore(database).messages(conversation)
    finally:
        await database.close()


async def test_parts_of_copies_that_a_crash_left_are_swept(paths: Paths) -> None:
    whole = [paths.backups / "history-20260101T000000000000Z-before-migration.db", paths.home / "history.db.damaged-1"]
    parts = [paths.backups / f"{whole[0].name}.part", paths.backups / f"{whole[0].name}.part-journal"]
    parts += [paths.home / f"history.db.restoring{end}" for end in ("", ".part")]
    for file in (*whole, *parts):
        file.write_text("deleted words")
    await a_database(paths)
    assert [file.exists() for file in (*whole, *parts)] == [True] * 2 + [False] * 4


async def test_a_database_of_another_program_is_not_taken_over(paths: Paths) -> None:
    other = sqlite3.connect(paths.database)
    other.execute("CREATE TABLE theirs (x)")
    other.execute("PRAGMA application_id = 7")
    other.close()
    before = hashes(paths.home)
    with pytest.raises(StorageFailed, match="another program"):
        await Database.open(paths.database)
    assert hashes(paths.home) == before


async def test_a_full_disk_fails_one_write_and_keeps_the_rest(database: Database, store: ConversationStore) -> None:
    conversation = await store.create("a chat")
    await store.add(conversation.id, None, Role.USER, "kept")

    def fill(connection: apsw.Connection) -> None:
        pages = connection.pragma("page_count")
        connection.pragma("max_page_count", pages)

    await database.read(fill)
    with pytest.raises(DiskFull, match="space") as caught:
        await store.add(conversation.id, None, Role.USER, "word " * 100_000)
    assert "still there" in caught.value.hint
    assert [message.text for message in await store.messages(conversation.id)] == ["kept"]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that an ordinary user can reach: pytest's own belong to the user who runs the tests."""
    with tempfile.TemporaryDirectory(prefix="aqe-rights-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def outcome(start: Start, *arguments: object) -> dict[str, Any]:
    output, _ = start("without_rights", *arguments).communicate(timeout=60)
    answer: dict[str, Any] = json.loads(output)
    return answer


def give_to_nobody(*files: Path) -> None:
    if os.getuid() == 0:
        for file in files:
            os.chown(file, 65534, 65534)


def test_a_file_that_may_grow_no_further_is_a_full_disk(open_folder: Path, start: Start) -> None:
    answer = outcome(start, open_folder / "history.db", "self", 1_000_000)
    assert (answer["at"], answer["kind"]) == ("write", "disk_full")
    assert answer["kept"] > 1


def test_no_space_for_a_new_database_is_said_at_once(open_folder: Path, start: Start) -> None:
    answer = outcome(start, open_folder / "history.db", "self", 20_000)
    assert (answer["at"], answer["kind"]) == ("open", "disk_full")


async def test_an_open_that_fails_without_a_reason_on_a_full_disk_is_a_full_disk(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite names no reason where it cannot make its log or index."""
    await a_database(paths)

    def fail(*arguments: object) -> None:
        raise apsw.CantOpenError("unable to open database file")

    monkeypatch.setattr(opening, "_connect", fail)
    with pytest.raises(StorageFailed, match="cannot be read or written"):
        await Database.open(paths.database)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(9, 9, 0))
    with pytest.raises(DiskFull, match="no space left"):
        await Database.open(paths.database)


def test_a_read_only_folder_is_named(open_folder: Path, start: Start) -> None:
    open_folder.chmod(0o555)
    answer = outcome(start, open_folder / "history.db", "nobody")
    assert (answer["at"], answer["kind"]) == ("open", "read_only")
    assert str(open_folder) in answer["message"]
    assert "AQE_HOME" in answer["hint"]
    open_folder.chmod(0o755)


@pytest.mark.parametrize("locked", ["history.db", "history.db-wal", "history.db.lock"])
def test_a_read_only_file_is_named(open_folder: Path, start: Start, locked: str) -> None:
    assert outcome(start, open_folder / "history.db", "self")["at"] == "end"
    (open_folder / "history.db-wal").touch()
    give_to_nobody(open_folder, *open_folder.iterdir())
    (open_folder / locked).chmod(0o400)
    answer = outcome(start, open_folder / "history.db", "nobody")
    assert (answer["at"], answer["kind"]) == ("open", "read_only")
    assert locked in answer["message"]
