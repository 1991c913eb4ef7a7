"""What may be private in a text, as values: who scans makes them, who routes reads them, who draws shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Finding:
    """A span that may be private. `start` and `end` are code points of the text it was found in; `confidence` is 0..1.

    A `binding` one decides where the text may go, a hint asks before it leaves. `reason` is one plain sentence that
    never quotes the value. `also`: what else binds at the very same place, which this one does not speak for."""

    kind: str
    start: int
    end: int
    confidence: float
    binding: bool
    reason: str
    also: tuple[Finding, ...] = ()


class PartKind(StrEnum):
    """Which text of a message: what was written, a file's content, or a file's name."""

    TEXT = "text"
    FILE = "file"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a conversation as it is sent: the `message`'s position in it, and the attachment's position."""

    message: int
    kind: PartKind
    file: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with the text it is in. `value` is the found text itself: for the screen and for the keyed hash of a
    dismissal, never for a log. `dismissed`: the user said that it is not private, in this project.

    `mark`: the keyed hash, where the text that held the value is gone and what was made with it is not: then there is
    no value, and no place but the conversation."""

    part: Part
    finding: Finding
    value: str
    dismissed: bool = False
    mark: str = ""

    @property
    def binds(self) -> bool:
        """Whether it decides the route."""
        return self.finding.binding and not self.dismissed

    @property
    def hints(self) -> bool:
        """Whether it asks before it leaves."""
        return not self.finding.binding and not self.dismissed


UNREAD = "unread"
OWN_WORD = "own-word"
PRIVATE_PATH = "private-path"
PRIVATE_FILE = "private-file"
IMAGE = "image"
"""Kinds that are no rule's: a text nobody could read yet, the project's own words, its private files, their text, and
an image, in which nobody can read; its value is the SHA-256 of its bytes."""


@dataclass(frozen=True, slots=True)
class Dismissal:
    """What the user called not private in a project ("" for no project). `mark` is the keyed hash of the value, `made`
    in milliseconds since the epoch. The value itself is kept nowhere."""

    project: str
    kind: str
    mark: str
    made: int = 0


@dataclass(frozen=True, slots=True)
class Taint:
    """A binding finding that a message was made with. `mark` as of a dismissal, which lifts it; "" is never lifted."""

    kind: str
    mark: str


def is_sensitive(found: Iterable[Found]) -> bool:
    """A text is sensitive when it holds a binding finding that is not dismissed."""
    return any(each.binds for each in found)
