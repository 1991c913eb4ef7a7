"""The way back to an earlier copy, which itself can be undone: what was there is copied or kept first."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import apsw

from aqe_desktop.core.errors import DatabaseTooNew, StorageFailed, UsageError
from aqe_desktop.locks import FileLock
from aqe_desktop.machine.paths import Paths
from aqe_desktop.store.backups import RESTORING, copy_database, write_copy
from aqe_desktop.store.failures import explained
from aqe_desktop.store.layout import APPLICATION, companions, lock_file
from aqe_desktop.store.migrate import newest, shipped, version_of


def restore_backup(paths: Paths, name: str) -> Path | None:
    """Put a copy in the database's place. Returns where the replaced one is kept, None if there was none.

    Raises UsageError for an unknown name; StorageFailed for an unsound copy, and while the database is in use."""
    copy = paths.backups / name
    if copy.parent != paths.backups or not copy.is_file():
        raise UsageError(f"There is no copy named {name}.", "`aqe restore --list` names those there are.")
    with explained(paths.database, paths.backups):
        lock = FileLock(lock_file(paths.database))
        try:
            if not lock.try_exclusive():
                raise StorageFailed("AQE Desktop is running.", "Close its windows and `aqe` commands, then try again.")
            return _restore(paths, copy)
        finally:
            lock.release()


def _restore(paths: Paths, copy: Path) -> Path | None:
    """The new file is whole before the old one is touched, and the exchange is one rename."""
    _check(copy)
    ready = paths.database.with_name(paths.database.name + RESTORING)
    source = _read_only(copy)
    try:
        write_copy(source, ready)
    finally:
        source.close()
    kept = _keep_present(paths, copy)
    for file in companions(paths.database):
        file.unlink(missing_ok=True)
    ready.replace(paths.database)
    return kept


def _check(copy: Path) -> None:
    try:
        connection = _read_only(copy)
        try:
            sound = connection.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]
            application, version = connection.pragma("application_id"), version_of(connection)
        finally:
            connection.close()
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise _unsound(copy) from error
    if not sound or application != APPLICATION:
        raise _unsound(copy)
    if version > newest(shipped()):
        raise DatabaseTooNew(f"The copy {copy.name} was written by a newer version.")


def _unsound(copy: Path) -> StorageFailed:
    return StorageFailed(f"The copy {copy.name} is damaged; nothing was changed.", "Choose another copy.")


def _read_only(copy: Path) -> apsw.Connection:
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    return apsw.Connection(f"{copy.resolve().as_uri()}?immutable=1", flags=flags)


def _keep_present(paths: Paths, restored: Path) -> Path | None:
    """A copy among the others if the present database is sound, else its files as they are, beside it."""
    if not paths.database.exists():
        return None
    try:
        return _copied(paths, restored)
    except (apsw.CorruptError, apsw.NotADBError):
        return _set_aside(paths.database)


def _copied(paths: Paths, restored: Path) -> Path:
    present = apsw.Connection(str(paths.database))
    try:
        return copy_database(present, paths.backups, "before-restore", spare=restored)
    finally:
        present.close()


def _set_aside(database: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    kept = database.with_name(f"{database.name}.damaged-{stamp}")
    for file in (database, *companions(database)):
        if file.exists():
            shutil.copy2(file, file.with_name(file.name.replace(database.name, kept.name, 1)))
    return kept
