"""The way to an open connection: who else is there, is the file ours, is its schema this version's."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import apsw

from aqe_desktop.core.errors import DatabaseTooNew, StorageFailed
from aqe_desktop.locks import FileLock, wait_for
from aqe_desktop.store.backups import copy_database, sweep_parts
from aqe_desktop.store.failures import busy, explained, require_writable
from aqe_desktop.store.layout import APPLICATION, companions, lock_file
from aqe_desktop.store.migrate import Migration, migrate, newest, version_of

PATIENCE = 15.0  # seconds to wait for another process, before saying so
_NO_CHECKPOINT = apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE


def open_memory(steps: tuple[Migration, ...]) -> apsw.Connection:
    """A database that never reaches a disk."""
    connection = apsw.Connection(":memory:")
    migrate(connection, steps, APPLICATION)
    _tune(connection)
    return connection


def open_file(
    path: Path, backups: Path | None, steps: tuple[Migration, ...], application: int = APPLICATION
) -> tuple[apsw.Connection, FileLock]:
    """The connection, and the lock that tells others somebody has it open. Raises apsw.Error, OSError, AqeError."""
    require_writable(path.parent, lock_file(path))
    lock = FileLock(lock_file(path))
    try:
        _enter(lock, path)
        sweep_parts(path, backups)
        connection = _connect(path, steps, application)
        try:
            with explained(path, backups, connection):
                if version_of(connection) < newest(steps):
                    _bring_up(connection, path, backups, steps, application, lock)
                connection.execute("PRAGMA journal_mode = WAL").fetchall()
                _tune(connection)
        except BaseException:
            connection.close()
            raise
        if not wait_for(lock.try_shared, PATIENCE):
            raise busy(path)
        return connection, lock
    except BaseException:
        lock.release()
        raise


def _enter(lock: FileLock, path: Path) -> None:
    """Hold the lock: alone where nobody else is there, else beside the others, once nobody migrates or restores."""
    if not wait_for(lambda: lock.try_exclusive() or lock.try_shared(), PATIENCE):
        raise busy(path)


def _connect(path: Path, steps: tuple[Migration, ...], application: int) -> apsw.Connection:
    _make_private(path)
    require_writable(path, *companions(path))
    connection = apsw.Connection(str(path))
    try:
        connection.config(_NO_CHECKPOINT, 1)  # closing must not change a file that turns out not to be ours to open
        connection.set_busy_timeout(round(PATIENCE * 1000))
        refuse_foreign(connection, path, steps, application)
        connection.config(_NO_CHECKPOINT, 0)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_private(path: Path) -> None:
    """SQLite gives -wal and -shm the mode of the database, so that is set before it is opened.

    An existing file is never opened by us: closing it again would drop the locks SQLite holds on it in this process."""
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    elif os.name != "nt" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        path.chmod(0o600)


def refuse_foreign(
    connection: apsw.Connection, path: Path, steps: tuple[Migration, ...], application: int = APPLICATION
) -> None:
    """Raises StorageFailed for a database of another program, DatabaseTooNew for one of a later version of ours."""
    version = version_of(connection)
    found = connection.pragma("application_id")
    if found not in (0, application) or (found == 0 and _has_tables(connection)):
        raise StorageFailed(
            f"{path} is a database of another program.", "Move it away, or point AQE_HOME at another folder."
        )
    if version > newest(steps):
        raise DatabaseTooNew(
            f"The database {path} was written by a newer version (schema {version}, this one knows {newest(steps)})."
        )


def _has_tables(connection: apsw.Connection) -> bool:
    return bool(connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall())


def _bring_up(
    connection: apsw.Connection,
    path: Path,
    backups: Path | None,
    steps: tuple[Migration, ...],
    application: int,
    lock: FileLock,
) -> None:
    """Migrate alone: a process of an older version must not find its tables changed under it."""
    if not wait_for(lock.try_exclusive, PATIENCE):
        raise StorageFailed(f"An older version of AQE Desktop has {path} open.", "Close it, then start this one again.")
    version = version_of(connection)  # read again: another process may have done it while we waited
    if version == newest(steps):
        return
    connection.execute("PRAGMA journal_mode = WAL").fetchall()
    if version and backups is not None:
        copy_database(connection, backups, "before-migration")
    migrate(connection, steps, application)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _tune(connection: apsw.Connection) -> None:
    """FULL: what is acknowledged survives kill -9, and power loss as far as the drive keeps its word on flushes.

    Deleted text is overwritten, temporary tables stay in memory, and the log shrinks after a burst."""
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON").fetchall()
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA journal_size_limit = 16777216").fetchall()
    connection.execute("PRAGMA trusted_schema = OFF")
