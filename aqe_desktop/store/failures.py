"""SQLite's and the system's failures in the words of the error tree, each with the one next step."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from aqe_desktop.core.errors import AqeError, DiskFull, ReadOnlyData, StorageFailed
from aqe_desktop.store.layout import companions

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_LITTLE = 256 * 1024  # bytes; the log and its index want some of them at once
_NO_WRITING = {errno.EROFS, errno.EACCES, errno.EPERM}


@contextmanager
def explained(
    path: Path | None, backups: Path | None = None, connection: apsw.Connection | None = None
) -> Iterator[None]:
    """Turn what the environment did to `path` into an AqeError; our own mistakes (SQL, constraints) pass as they are.

    `path` None is a database in memory; `connection` is asked for the system's reason."""
    try:
        yield
    except apsw.Error as error:
        known = _of_sqlite(error, path, backups, connection)
        if known is None:
            raise
        raise known from error
    except OSError as error:
        raise of_system(error, path) from error


def of_system(error: OSError, path: Path | None) -> AqeError:
    """What a failed file operation means for the user."""
    place = path or "the data folder"
    if error.errno in _NO_SPACE:
        return DiskFull(f"There is no space left to write {place}.")
    if error.errno in _NO_WRITING:
        return ReadOnlyData(f"{place} cannot be written: {error.strerror}.")
    return StorageFailed(f"{place} cannot be used: {error.strerror}.", "Check the disk and the folder, then try again.")


def damaged(path: Path | None, backups: Path | None) -> StorageFailed:
    """The file is not a sound database; it is left as it is."""
    if backups is not None and any(backups.glob("*.db")):
        hint = f"Earlier copies are in {backups}; bring one back with `aqe restore COPY`. The damaged file is kept."
    else:
        hint = f"There is no earlier copy. Move {path} to another folder to start afresh; nothing is deleted."
    return StorageFailed(f"The database {path} is damaged and was left as it is.", hint)


def busy(path: Path | None) -> StorageFailed:
    """Another process kept the database to itself for longer than we wait."""
    return StorageFailed(
        f"The database {path} is in use by another program.", "Close the other program, then try again."
    )


def require_writable(*files: Path) -> None:
    """Raises ReadOnlyData naming the first that exists and may not be written; nothing is opened."""
    for file in files:
        if file.exists() and not os.access(file, os.W_OK):
            raise ReadOnlyData(f"{file} cannot be written.")


def _of_sqlite(
    error: apsw.Error, path: Path | None, backups: Path | None, connection: apsw.Connection | None
) -> AqeError | None:
    if isinstance(error, (apsw.CorruptError, apsw.NotADBError)):
        return damaged(path, backups)
    if isinstance(error, apsw.FullError):
        return DiskFull(f"There is no space left to write {path or 'the temporary chat'}.")
    if isinstance(error, (apsw.ReadOnlyError, apsw.PermissionsError)):
        return ReadOnlyData(f"The database {path} cannot be written.")
    if isinstance(error, (apsw.BusyError, apsw.LockedError, apsw.ProtocolError)):
        return busy(path)
    if isinstance(error, (apsw.IOError, apsw.CantOpenError)):
        number = connection.system_errno if connection is not None else 0
        return _of_input_output(number or (_reason(path) if path else 0), path)
    return None


def _of_input_output(number: int, path: Path | None) -> AqeError:
    if number:
        return of_system(OSError(number, os.strerror(number)), path)
    return StorageFailed(f"The database {path} cannot be read or written.", "Check the disk, then try again.")


def _reason(path: Path) -> int:
    """Where SQLite names no reason: EACCES if something here may not be written, ENOSPC on a full disk, else 0."""
    try:
        require_writable(path.parent, path, *companions(path))
        return errno.ENOSPC if shutil.disk_usage(path.parent).free < _LITTLE else 0
    except ReadOnlyData:
        return errno.EACCES
    except OSError as error:
        return error.errno or 0
