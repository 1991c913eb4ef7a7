"""The files that make up a database, and the mark by which we know our own."""

from __future__ import annotations

from pathlib import Path

APPLICATION = 0x41514531  # "AQE1" as PRAGMA application_id
LEDGER = 0x41514C31  # "AQL1": the ledger's, so that neither file is taken for the other


def companions(path: Path) -> tuple[Path, Path]:
    """SQLite's write-ahead log and shared index beside a database."""
    return path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")


def lock_file(path: Path) -> Path:
    """Held shared by everyone who has the database open, alone by who migrates or restores it."""
    return path.with_name(path.name + ".lock")
