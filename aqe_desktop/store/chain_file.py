"""Is the ledger's file the one that was opened, and built as we build it: else what it keeps and tells is not ours."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from aqe_desktop.core.errors import StorageFailed
from aqe_desktop.store.rows import select

if TYPE_CHECKING:
    import apsw

    from aqe_desktop.store.migrate import Migration

Part = tuple[str, str, str, str | None]  # type, name, table and SQL of one entry of the schema
Mark = tuple[int, int]  # device and number


def mark(path: Path) -> Mark | None:
    """None where there is no file: a path that was emptied and filled again leads to another."""
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    return facts.st_dev, facts.st_ino


def refuse_exchanged(path: Path, known: Mark | None) -> None:
    """Raises StorageFailed: a row would go to a file that nobody finds any more, and be acknowledged."""
    if known is None or mark(path) != known:
        raise StorageFailed(
            f"The ledger {path} was taken away or exchanged while it was open.",
            "Nothing more is sent. Put it back where you can, close AQE Desktop, and start it again.",
        )


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
