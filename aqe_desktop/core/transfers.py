"""The progress of something long: a download, a copy into an engine, a delete of many files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a transfer by its own name, such as a layer of a model: bytes done, bytes in all."""

    name: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """One look at it. `what` is a short participle; `done` and `total` are bytes (`total` 0 while not known), and
    `done` never falls; `share` is that as a part of all, 0 to 1, and does not fall either when more turns out to be
    due; `speed` is bytes a second and `left_s` seconds, None while not known."""

    what: str
    done: int = 0
    total: int = 0
    speed: float | None = None
    left_s: float | None = None
    parts: tuple[Part, ...] = ()
    share: float = 0.0
