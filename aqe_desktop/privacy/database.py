"""The fast engine: every cue at once, in linear time, over bytes. It says where a cue ends, and no more."""

from __future__ import annotations

import hashlib
import platform
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from aqe_desktop.core.errors import RulesBroken

if TYPE_CHECKING:
    from hyperscan import Database, Scratch

Hit = tuple[int, int]
"""Which cue, by its position in the list, and the offset behind its last byte."""


class CueDatabase:
    """The compiled cues. Threads may scan at once: each has a scratch of its own, as the engine demands."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._own = threading.local()

    def hits(self, data: bytes) -> list[Hit]:
        """Where each cue ends in `data`, in order of the offset. The interpreter is free while the engine reads."""
        found: list[Hit] = []
        add = found.append

        def note(cue: int, _start: int, end: int, _flags: int, _context: object) -> None:
            add((cue, end))

        self._database.scan(data, note, scratch=self._scratch())
        return found

    def _scratch(self) -> Scratch:
        scratch: Scratch | None = getattr(self._own, "scratch", None)
        if scratch is None:
            from hyperscan import Scratch

            scratch = self._own.scratch = Scratch(self._database)
        return scratch


def compile_cues(cues: Sequence[tuple[str, bytes]]) -> bytes:
    """The serialised database of (name, expression) pairs; takes seconds. Raises RulesBroken, which names the worst."""
    import hyperscan

    try:
        return hyperscan.dumpb(_compiled(cues))
    except hyperscan.error as error:
        raise RulesBroken(f"The privacy rule “{_broken(cues)}” has a pattern that the fast engine refuses.") from error


def load_cues(stored: bytes) -> CueDatabase | None:
    """None where the bytes are damaged or from another machine or version: they are made anew then."""
    import hyperscan

    try:
        database = hyperscan.loadb(stored, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
    except (hyperscan.error, TypeError, ValueError):
        return None
    return CueDatabase(database)


def cache_key(cues: Sequence[tuple[str, bytes]]) -> str:
    """A name for the compiled bytes that changes with the engine and with every cue."""
    from hyperscan._version import __version__ as engine

    told = hashlib.sha256(f"{engine} {platform.machine()}".encode())
    for name, expression in cues:
        told.update(name.encode() + b"\0" + expression + b"\0")
    return told.hexdigest()[:32]


def _compiled(cues: Sequence[tuple[str, bytes]]) -> Database:
    import hyperscan

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    expressions = [expression for _, expression in cues]
    database.compile(
        expressions=expressions, ids=list(range(len(cues))), elements=len(cues), flags=hyperscan.HS_FLAG_MULTILINE
    )
    return database


def _broken(cues: Sequence[tuple[str, bytes]]) -> str:
    """The engine refuses all for one and does not say which: halve until one is left."""
    while len(cues) > 1:
        middle = len(cues) // 2
        cues = cues[:middle] if not _compiles(cues[:middle]) else cues[middle:]
    return cues[0][0]


def _compiles(cues: Sequence[tuple[str, bytes]]) -> bool:
    import hyperscan

    try:
        _compiled(cues)
    except hyperscan.error:
        return False
    return True
