"""Bring a database to the schema of this version: numbered SQL files, all pending ones in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import apsw

FOLDER = Path(__file__).with_name("migrations")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step; `number` becomes PRAGMA user_version."""

    number: int
    name: str
    sql: str


def shipped(folder: Path = FOLDER) -> tuple[Migration, ...]:
    """The migrations of this version, `NNNN_name.sql`, in order."""
    steps = []
    for file in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql")):
        number, _, name = file.stem.partition("_")
        steps.append(Migration(int(number), name, file.read_text(encoding="utf-8")))
    return tuple(steps)


def newest(steps: tuple[Migration, ...]) -> int:
    """The schema version this program knows."""
    return steps[-1].number


def version_of(connection: apsw.Connection) -> int:
    """The schema version of a database; 0 is a fresh one."""
    version = connection.pragma("user_version")
    assert isinstance(version, int)
    return version


def migrate(connection: apsw.Connection, steps: tuple[Migration, ...], application: int) -> None:
    """Apply what is pending. A step that fails leaves the database as it was."""
    connection.execute("PRAGMA foreign_keys = OFF")  # so that a step may rebuild a table; checked before the commit
    connection.execute("BEGIN IMMEDIATE")
    try:
        _apply(connection, steps)
        connection.execute(f"PRAGMA application_id = {application}")
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"migration leaves {len(broken)} rows without their parents")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _apply(connection: apsw.Connection, steps: tuple[Migration, ...]) -> None:
    done = version_of(connection)
    for step in steps:
        if step.number > done:
            connection.execute(step.sql)
            connection.execute(f"PRAGMA user_version = {step.number}")
