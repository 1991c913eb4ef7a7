"""The fast engine: every cue of a lane at once, in linear time, over bytes. It says where a cue ends, and no more.

A cue with a word that must be there costs next to nothing. One without is an automaton over every byte, unless it can
skip to the few letters that it begins with, and what is compiled together skips only where all of it can: so cues are
compiled by lanes, each into an automaton of its own, that were found by measuring."""

from __future__ import annotations

import hashlib
import platform
import struct
import threading
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from aqe_desktop.core.errors import RulesBroken

if TYPE_CHECKING:
    from hyperscan import Database, Scratch

Hit = tuple[int, int]
"""Which cue, by its position in the list, and the offset behind its last byte."""
_LENGTH = struct.Struct("<Q")


class Cue(NamedTuple):
    """An expression under the name of who asks for it, and the lane that it is compiled in."""

    name: str
    expression: bytes
    lane: str = ""


class CueDatabase:
    """The compiled cues. Threads may scan at once: each has a scratch of its own, as the engine demands."""

    def __init__(self, lanes: Sequence[Database]) -> None:
        self._lanes = tuple(lanes)
        self._own = threading.local()

    def hits(self, data: bytes) -> list[Hit]:
        """Where each cue ends in `data`, by offset, then by cue. The interpreter is free while the engine reads."""
        found: list[Hit] = []
        add = found.append

        def note(cue: int, _start: int, end: int, _flags: int, _context: object) -> None:
            add((cue, end))

        for lane, scratch in zip(self._lanes, self._scratches(), strict=True):
            lane.scan(data, note, scratch=scratch)
        found.sort(key=itemgetter(1, 0))
        return found

    def _scratches(self) -> tuple[Scratch, ...]:
        scratches: tuple[Scratch, ...] | None = getattr(self._own, "scratches", None)
        if scratches is None:
            from hyperscan import Scratch

            scratches = self._own.scratches = tuple(Scratch(lane) for lane in self._lanes)
        return scratches


def compile_cues(cues: Sequence[Cue]) -> bytes:
    """The serialised databases, lane by lane; takes seconds. Raises RulesBroken, which names the worst."""
    import hyperscan

    numbered = list(enumerate(cues))
    lanes = dict.fromkeys(cue.lane for cue in cues)
    try:
        stored = [hyperscan.dumpb(_compiled([each for each in numbered if each[1].lane == lane])) for lane in lanes]
    except hyperscan.error as error:
        raise RulesBroken(
            f"The privacy rule “{_broken(numbered)}” has a pattern that the fast engine refuses."
        ) from error
    return b"".join(_LENGTH.pack(len(each)) + each for each in stored)


def load_cues(stored: bytes) -> CueDatabase | None:
    """None where the bytes are damaged or from another machine or version: they are made anew then."""
    import hyperscan

    try:
        lanes = [hyperscan.loadb(each, hyperscan.HS_MODE_BLOCK) for each in _parted(stored)]
        for lane in lanes:
            lane.scratch = hyperscan.Scratch(lane)
    except (hyperscan.error, struct.error, TypeError, ValueError):
        return None
    return CueDatabase(lanes) if lanes else None


def _parted(stored: bytes) -> Iterable[bytes]:
    at = 0
    while at < len(stored):
        (size,) = _LENGTH.unpack_from(stored, at)
        at += _LENGTH.size + size
        if at > len(stored):
            raise ValueError("A lane is cut off.")
        yield stored[at - size : at]


def cache_key(cues: Sequence[Cue]) -> str:
    """A name for the compiled bytes that changes with the engine and with every cue."""
    from hyperscan._version import __version__ as engine

    told = hashlib.sha256(f"{engine} {platform.machine()} lanes".encode())
    for cue in cues:
        told.update(cue.name.encode() + b"\0" + cue.expression + b"\0" + cue.lane.encode() + b"\0")
    return told.hexdigest()[:32]


_Numbered = Sequence[tuple[int, Cue]]


def _compiled(cues: _Numbered) -> Database:
    import hyperscan

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[cue.expression for _, cue in cues],
        ids=[number for number, _ in cues],
        elements=len(cues),
        flags=hyperscan.HS_FLAG_MULTILINE,
    )
    return database


def _broken(cues: _Numbered) -> str:
    """The engine refuses all for one and does not say which: halve until one is left."""
    while len(cues) > 1:
        middle = len(cues) // 2
        cues = cues[:middle] if not _compiles(cues[:middle]) else cues[middle:]
    return cues[0][1].name


def _compiles(cues: _Numbered) -> bool:
    import hyperscan

    try:
        _compiled(cues)
    except hyperscan.error:
        return False
    return True
