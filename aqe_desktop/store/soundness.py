"""Is the database sound: the whole of it is read, which a start has no time for and `aqe doctor` has."""

from __future__ import annotations

from pathlib import Path

import apsw

from aqe_desktop.store.failures import damaged, explained
from aqe_desktop.store.layout import APPLICATION, LEDGER
from aqe_desktop.store.ledger import MIGRATIONS
from aqe_desktop.store.migrate import Migration, shipped, version_of
from aqe_desktop.store.opening import refuse_foreign


def check_database(path: Path, backups: Path) -> str:
    """One sentence about a sound database, or about there being none yet. Changes nothing; other processes go on.

    Raises StorageFailed or a kind of it, with what is wrong."""
    if not path.exists() or path.stat().st_size == 0:
        return "There is no database yet; the first chat makes it."
    return _looked(path, backups, shipped(), APPLICATION)


def check_ledger(path: Path) -> str:
    """The same of the ledger's file. Whether its rows are as they were written is what `aqe ledger verify` reads."""
    if not path.exists() or path.stat().st_size == 0:
        return "There is no ledger yet; the first start makes it."
    return _looked(path, None, shipped(MIGRATIONS), LEDGER)


def _looked(path: Path, backups: Path | None, steps: tuple[Migration, ...], application: int) -> str:
    with explained(path, backups):
        connection = apsw.Connection(f"{path.resolve().as_uri()}?mode=ro", flags=_FLAGS)
        try:
            refuse_foreign(connection, path, steps, application)
            return _check(connection, path, backups)
        finally:
            connection.close()


_FLAGS = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI


def _check(connection: apsw.Connection, path: Path, backups: Path | None) -> str:
    if connection.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
        raise damaged(path, backups)
    return f"{path}, schema {version_of(connection)}, {path.stat().st_size / 1e6:.1f} MB, sound"
