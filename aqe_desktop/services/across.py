"""What two messages hold together: a secret in two halves, or its name in one and its value in the next."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from aqe_desktop.core.chat import Message

WINDOW = 300
"""Code points of the end of one message, and of the beginning of the other."""
_ENDS = " \t\r\n\"'`*….,"
_LABEL = 60
_LEAD = re.compile(r"[^\n:=]{1,40}[:=]\s*")
_FIRST = re.compile(r"\s*[\"'`*]{0,3}(\S{4,200})")


@dataclass(frozen=True, slots=True)
class Joint:
    """`text` holds the beginning of the later message from `seam` on, which is that message's code point `at`.

    `inside`: what is found in that part alone counts too, as its name stands before the seam."""

    text: str
    seam: int
    at: int
    inside: bool = False

    def place(self, start: int, end: int) -> tuple[int, int] | None:
        """The span in the later message, of what begins in the one before."""
        if end <= self.seam or (start >= self.seam and not self.inside):
            return None
        return self.at + max(0, start - self.seam), self.at + end - self.seam


@dataclass(frozen=True, slots=True)
class Pair:
    """A joint of the messages number `earlier` and `later`; `first`: the code point of the earlier at its begin."""

    earlier: int
    later: int
    first: int
    joint: Joint


def across(messages: Sequence[Message]) -> Iterator[Pair]:
    """Of each message and the one before it, and the one before of who wrote it."""
    last: dict[str, int] = {}
    for later, message in enumerate(messages):
        for earlier in sorted({later - 1, last.get(message.role, -1)} - {-1}):
            text = messages[earlier].text
            for joint in _joints(text[-WINDOW:], message.text[:WINDOW]):
                yield Pair(earlier, later, max(0, len(text) - WINDOW), joint)
        last[message.role] = later


@lru_cache(1 << 12)
def _joints(tail: str, head: str) -> tuple[Joint, ...]:
    if not tail.strip() or not head.strip():
        return ()
    return tuple(dict.fromkeys([*_named(tail, head), *_glued(tail, head)]))


def _glued(tail: str, head: str) -> Iterator[Joint]:
    """As if nothing stood between them, or one line ended."""
    end = tail.rstrip(_ENDS)
    lead = _LEAD.match(head)
    for at in dict.fromkeys((0, lead.end() if lead else 0)):
        start = at + len(head[at:]) - len(head[at:].lstrip(_ENDS))
        yield Joint(end + head[start:], len(end), start)
    between = " " if end[-1:].isdigit() and head[:1].isdigit() else "\n"
    yield Joint(tail.rstrip() + between + head, len(tail.rstrip()) + 1, 0)


def _named(tail: str, head: str) -> Iterator[Joint]:
    """The last line names what the first word of the next message is."""
    line = tail.rstrip().rpartition("\n")[2]
    value = _FIRST.match(head)
    if value is None or len(line) > _LABEL:
        return
    alone = not head[value.end() :].partition("\n")[0].strip()
    if alone or line.endswith((":", "=")):
        label = line.rstrip(_ENDS + ":=?") + ": "
        yield Joint(label + value[1], len(label), value.start(1), inside=True)
