"""Copies of the database by SQLite's own backup, made before every step that could spoil it."""

from __future__ import annotations

import glob
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw

from aqe_desktop.machine.paths import Paths

KEPT = 3
RESTORING = ".restoring"  # the end of the name under which a copy waits to take the database's place
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


def copy_database(source: apsw.Connection, folder: Path, reason: str, spare: Path | None = None) -> Path:
    """A sound single file of mode 0600 with everything committed, also what is still in the log.

    Of the copies with one reason the last three stay, and in any case this one and `spare`. Raises apsw.Error or
    OSError, and leaves no part of a copy."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy = folder / f"history-{_next_stamp(folder)}-{reason}.db"
    write_copy(source, copy)
    others = sorted({*folder.glob(f"history-*-{reason}.db")} - {copy})
    for old in others[: 1 - KEPT]:
        if old != spare:
            old.unlink()
    return copy


def _next_stamp(folder: Path) -> str:
    """Later than every copy there is, whatever the clock says: by their names they are listed and let go."""
    moments = [datetime.now(UTC)]
    for file in folder.glob("history-*.db"):
        with suppress(ValueError, OverflowError):  # a name of another kind; the last moment that can be written
            moments.append(_moment(file) + timedelta(microseconds=1))
    return max(moments).strftime(_STAMP)


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


def sweep_parts(database: Path, folder: Path | None) -> None:
    """Remove what a killed copy left. The caller holds the database's lock, so that nobody makes one now."""
    parts = [*database.parent.glob(f"{glob.escape(database.name)}{RESTORING}*")]
    if folder is not None:
        parts += folder.glob("history-*.db.part*")
    for part in parts:
        with suppress(OSError):
            part.unlink()


def _fill(source: apsw.Connection, part: Path) -> None:
    target = apsw.Connection(str(part))
    try:
        with target.backup("main", source, "main") as backup:
            backup.step(-1)
        target.execute("PRAGMA journal_mode = DELETE")  # one file, no log beside it
    finally:
        target.close()


def _described(file: Path) -> Backup:
    facts = file.stat()
    try:
        made = _moment(file).timestamp()
    except ValueError:
        made = facts.st_mtime
    return Backup(file.name, round(made * 1000), facts.st_size, _parts(file)[1])


def _moment(file: Path) -> datetime:
    """Raises ValueError where the name holds none."""
    return datetime.strptime(_parts(file)[0], _STAMP).replace(tzinfo=UTC)


def _parts(file: Path) -> tuple[str, str]:
    stamp, _, reason = file.stem.removeprefix("history-").partition("-")
    return stamp, reason
