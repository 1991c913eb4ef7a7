"""One SQLite connection on one thread: nothing waits for the disk on the loop, and writes keep their order."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from aqe_desktop.store.layout import APPLICATION

if TYPE_CHECKING:
    import apsw

    from aqe_desktop.locks import FileLock
    from aqe_desktop.store.migrate import Migration

T = TypeVar("T")
MEMORY = ":memory:"
BUSY = 10.0  # seconds to try again for, after SQLite's own patience
_log = logging.getLogger(__name__)


class Database:
    """An open database. Work once handed over is done to its end, also when the task that waits for it is cancelled.

    An acknowledged write is on disk (WAL, synchronous FULL). Every method may raise StorageFailed or a kind of it."""

    def __init__(self, path: Path | None, backups: Path | None, application: int = APPLICATION) -> None:
        self.path = path
        self._application = application
        self._backups = backups
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="aqe-database")
        self._connection: apsw.Connection | None = None
        self._lock: FileLock | None = None

    @classmethod
    async def open(
        cls,
        path: Path | str,
        *,
        backups: Path | None = None,
        migrations: tuple[Migration, ...] | None = None,
        application: int = APPLICATION,
    ) -> Database:
        """Open or create `path`; ":memory:" is never stored. `backups` is the folder for a copy before a migration.

        A file that carries another mark than `application` is another program's, or another of our files."""
        database = cls(None if str(path) == MEMORY else Path(path), backups, application)
        try:
            await database._call(lambda: database._open(migrations))
        except BaseException:
            await database.close()
            raise
        return database

    async def read(self, work: Callable[[apsw.Connection], T]) -> T:
        """Run `work` on the database's thread, over one unchanging view of the data."""
        return await self._call(lambda: self._transact("BEGIN", work))

    async def write(self, work: Callable[[apsw.Connection], T]) -> T:
        """Run `work` in a transaction that is committed when this returns, or not at all when it raises."""
        return await self._call(lambda: self._transact("BEGIN IMMEDIATE", work))

    async def outside(self, work: Callable[[], T]) -> T:
        """Run `work` on the database's thread, in no transaction, after what was handed over before."""
        return await self._call(work)

    async def data_version(self) -> int:
        """A number that differs after another process has written; the driver's own method counts our writes too."""
        return await self._call(lambda: _number(self._connected().pragma("data_version")))

    async def shrink_log(self) -> None:
        """Fold the write-ahead log into the database, so that deleted text is gone from it too."""
        await self._call(lambda: self._connected().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())

    async def close(self) -> None:
        """Finish what was handed over, then close. A second call does nothing."""
        try:
            await self._call(self._close)
        finally:
            self._thread.shutdown(wait=False)

    async def _call(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[T] = loop.create_future()
        job = self._thread.submit(self._explained, work)
        job.add_done_callback(lambda done: _report(loop, waiting, done))
        return await waiting

    def _explained(self, work: Callable[[], T]) -> T:
        from aqe_desktop.store.failures import explained

        with explained(self.path, self._backups, self._connection):
            return work()

    def _open(self, migrations: tuple[Migration, ...] | None) -> None:
        from aqe_desktop.store.migrate import shipped
        from aqe_desktop.store.opening import open_file, open_memory

        steps = shipped() if migrations is None else migrations
        if self.path is None:
            self._connection = open_memory(steps)
        else:
            self._connection, self._lock = open_file(self.path, self._backups, steps, self._application)

    def _connected(self) -> apsw.Connection:
        assert self._connection is not None, "the database is closed"
        return self._connection

    def _transact(self, begin: str, work: Callable[[apsw.Connection], T]) -> T:
        connection = self._connected()
        _begin(connection, begin)
        try:
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return result

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()


def _number(value: object) -> int:
    assert isinstance(value, int)
    return value


def _begin(connection: apsw.Connection, begin: str) -> None:
    """SQLite's busy handler is not asked in every case (a log that another process recovers), so we try again too."""
    import apsw

    deadline = time.monotonic() + BUSY
    while True:
        try:
            connection.execute(begin)
        except apsw.BusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _report(loop: asyncio.AbstractEventLoop, waiting: asyncio.Future[T], done: Future[T]) -> None:
    """Called on the database's thread; the loop may be gone, then nobody waits any more."""
    try:
        loop.call_soon_threadsafe(_settle, waiting, done)
    except RuntimeError:
        _settle_unheard(done)


def _settle(waiting: asyncio.Future[T], done: Future[T]) -> None:
    if waiting.done():
        _settle_unheard(done)
        return
    error = done.exception()
    if error is None:
        waiting.set_result(done.result())
    else:
        waiting.set_exception(error)


def _settle_unheard(done: Future[T]) -> None:
    error = done.exception()
    if error is not None:
        _log.error("work on the database failed after its caller had gone: %s", type(error).__name__)
