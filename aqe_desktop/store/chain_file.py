"""Is the ledger's file the one that was opened, and built as we build it: else what it keeps and tells is not ours."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from aqe_desktop.core.errors import StorageFailed
from aqe_desktop.store.layout import companions
from aqe_desktop.store.rows import select

if TYPE_CHECKING:
    import apsw

    from aqe_desktop.store.migrate import Migration

Part = tuple[str, str, str, str | None]  # type, name, table and SQL of one entry of the schema
Mark = tuple[int, int]  # device and number
_HEAD, _SALT, _MAGIC = 32, slice(16, 24), b"\x37\x7f\x06"  # https://www.sqlite.org/fileformat2.html#the_wal_file
_READING = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
    _READING |= getattr(os, _flag, 0)


@dataclass(frozen=True, slots=True)
class Look:
    """The marks of the file, its write-ahead log and its index; the log's salt and its size in bytes."""

    marks: tuple[Mark | None, Mark | None, Mark | None]
    salt: bytes
    size: int


def look(path: Path) -> Look:
    """The file, its log and its index as they are now."""
    log, index = companions(Path(os.path.realpath(path)))  # SQLite follows a link to the file, and puts them there
    salt, size = _beginning(log)
    return Look((_mark(path), _mark(log), _mark(index)), salt, size)


def refuse_exchanged(path: Path, known: Look | None, *, written: bool = False) -> Look:
    """Raises StorageFailed: a row would go where nobody finds it any more, and be acknowledged. Returns the new look.

    `written`: a row has just been written, so the log begins as a log does. SQLite keeps what was deleted open, and
    writes behind the end of what was emptied, without a word."""
    now = look(path)
    whole = now.salt != b"" or (now.size == 0 and not written)
    if known is None or now.marks != known.marks or None in now.marks or _is_cut(now, known) or not whole:
        raise StorageFailed(
            f"The ledger {path} was taken away or exchanged while it was open.",
            "Nothing more is sent. Put it back where you can, close AQE Desktop, and start it again.",
        )
    return now


def _is_cut(now: Look, known: Look) -> bool:
    """A log is written from its beginning again only after it got another salt."""
    return now.salt == known.salt and now.size < known.size


def _mark(path: Path) -> Mark | None:
    """None where there is no file: a path that was emptied and filled again leads to another."""
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    return facts.st_dev, facts.st_ino


def _beginning(log: Path) -> tuple[bytes, int]:
    """The log's salt, empty where it has none yet, and its size. SQLite holds no lock on this file, which closing it
    would drop."""
    try:
        with os.fdopen(os.open(log, _READING), "rb") as file:
            head = file.read(_HEAD) or b""  # None of a pipe
            size = os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        return b"", 0
    return (head[_SALT] if head[:3] == _MAGIC else b""), size


def refuse_rebuilt(connection: apsw.Connection, path: Path, steps: tuple[Migration, ...]) -> None:
    """Raises StorageFailed: a trigger may drop a row that is acknowledged, a view may show what no row says."""
    odd = sorted({name for _, name, _, _ in _parts(connection) ^ _shipped_parts(steps)})
    if odd:
        raise rebuilt(path, ", ".join(odd))


def rebuilt(path: Path, what: str) -> StorageFailed:
    """`what` names the parts that differ."""
    return StorageFailed(
        f"The ledger {path} is not built as this app builds it: {what}.",
        "Keep a copy of it as evidence, then move it away; a new one begins by itself.",
    )


def _parts(connection: apsw.Connection) -> frozenset[Part]:
    return frozenset(select(connection, "SELECT type, name, tbl_name, sql FROM sqlite_schema"))


@lru_cache(1)
def _shipped_parts(steps: tuple[Migration, ...]) -> frozenset[Part]:
    """As the migrations build them."""
    import apsw

    connection = apsw.Connection(":memory:")
    try:
        for step in steps:
            connection.execute(step.sql)
        return _parts(connection)
    finally:
        connection.close()
