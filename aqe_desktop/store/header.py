"""What a database file says of itself before SQLite touches it: a file that is not ours to open stays byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

APPLICATION = 0x41514531  # "AQE1" as PRAGMA application_id
_MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of https://www.sqlite.org/fileformat.html section 1.3 that decide whether we may open it."""

    sound: bool
    version: int = 0
    application: int = 0


def read_header(path: Path) -> Header | None:
    """None for a missing or empty file; a write-ahead log may hold newer values. Raises OSError."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        head = file.read(100)
    if not head:
        return None
    if len(head) < 100 or not head.startswith(_MAGIC):
        return Header(sound=False)
    return Header(True, int.from_bytes(head[60:64]), int.from_bytes(head[68:72]))


def companions(path: Path) -> tuple[Path, Path]:
    """SQLite's write-ahead log and shared index beside a database."""
    return path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")


def lock_file(path: Path) -> Path:
    """Held shared by everyone who has the database open, alone by who migrates or restores it."""
    return path.with_name(path.name + ".lock")
