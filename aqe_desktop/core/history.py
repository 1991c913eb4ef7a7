"""Conversations as they are kept: a tree of messages, so that an edit or a new answer never destroys an old one."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from aqe_desktop.core.chat import Attachment, Message, Parameters, Role, State
from aqe_desktop.core.models import ModelRef, Proof, Zone
from aqe_desktop.core.money import Cost
from aqe_desktop.core.usage import Timing, Usage


class Head(Enum):
    """A place that is looked up when it is used: two processes that read it first would both write below it."""

    HEAD = "head"


HEAD = Head.HEAD


@dataclass(frozen=True, slots=True)
class Conversation:
    """One row of the list. Times are milliseconds since the epoch (UTC); `zone` is the farthest a message of it went.

    `head` is the last message of the branch on show, None while the conversation is empty. `bound`: something private
    stands in that branch, or in what it was made with, and is not dismissed; only a list knows it."""

    id: int
    title: str
    created: int
    updated: int
    pinned: bool = False
    project: str | None = None
    model: ModelRef | None = None
    zone: Zone | None = None
    head: int | None = None
    parameters: Parameters = field(default_factory=Parameters)
    draft: str = ""
    snippet: str = ""
    bound: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What is known of an answer beside its text; every part may be missing in an old or cut one.

    `received` is the sampling the engine reported; `error` is `AqeError.as_json()` of a failure."""

    model: ModelRef | None = None
    zone: Zone | None = None
    proof: Proof | None = None
    usage: Usage | None = None
    timing: Timing | None = None
    cost: Cost | None = None
    received: dict[str, Any] = field(default_factory=dict)
    finish: str = ""
    error: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message on disk. `versions`: the ids of it and its siblings (edits, new answers), oldest first.

    `kept` is False of an answer that has ended while the disk refuses to hold it."""

    id: int
    conversation: int
    parent: int | None
    role: Role
    text: str
    state: State
    created: int
    reasoning: str = ""
    attachments: tuple[Attachment, ...] = ()
    reply: Reply = field(default_factory=Reply)
    versions: tuple[int, ...] = ()
    kept: bool = True

    def as_sent(self) -> Message:
        """The message in the form a model gets it."""
        return Message(self.role, self.text, self.attachments)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is written and attached but not sent."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Project:
    """A folder the user works in; `opened` in milliseconds since the epoch."""

    path: str
    name: str
    opened: int
