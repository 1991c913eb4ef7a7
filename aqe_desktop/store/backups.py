"""Copies of the database by SQLite's own backup, made before every step that could spoil it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import apsw

from aqe_desktop.machine.paths import Paths

KEPT = 3
_STAMP = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy in the backups folder. `made` in milliseconds since the epoch, `size` in bytes, `reason` in words."""

    name: str
    made: int
    size: int
    reason: str


def list_backups(paths: Paths) -> list[Backup]:
    """The copies there are, newest first."""
    return [_described(file) for file in sorted(paths.backups.glob("history-*.db"), reverse=True)]


def copy_database(source: apsw.Connection, folder: Path, reason: str) -> Path:
    """A sound single file of mode 0600 with everything committed, also what is still in the log.

    Of the copies with one reason the last three stay. Raises apsw.Error or OSError, and leaves no part of a copy."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy = folder / f"history-{datetime.now(UTC).strftime(_STAMP)}-{reason}.db"
    write_copy(source, copy)
    for old in sorted(folder.glob(f"history-*-{reason}.db"))[:-KEPT]:
        old.unlink()
    return copy


def write_copy(source: apsw.Connection, target: Path) -> None:
    """Copy a database to a file that appears only when it is whole."""
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        _fill(source, part)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _fill(source: apsw.Connection, part: Path) -> None:
    target = apsw.Connection(str(part))
    try:
        with target.backup("main", source, "main") as backup:
            backup.step(-1)
        target.execute("PRAGMA journal_mode = DELETE")  # one file, no log beside it
    finally:
        target.close()


def _described(file: Path) -> Backup:
    stamp, _, reason = file.stem.removeprefix("history-").partition("-")
    facts = file.stat()
    try:
        made = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC).timestamp()
    except ValueError:
        made = facts.st_mtime
    return Backup(file.name, round(made * 1000), facts.st_size, reason)
