"""The files of a project as the policy sees them: which there are, which are private, and why."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Walk:
    """Files below a folder; `more`: there are others that were not looked at.

    `made`: for a file in a folder that says itself that it can be made again, the mark by which it says so; `cut`: the
    marks of folders that hold more files than were looked at."""

    files: tuple[Path, ...]
    more: bool = False
    made: Mapping[Path, Path] = field(default_factory=dict)
    cut: frozenset[Path] = frozenset()


@dataclass(frozen=True, slots=True)
class Ignored:
    """What git said. `unknown`: for a path why git could not say; `no_git`: there is no git here to ask."""

    paths: frozenset[Path] = frozenset()
    unknown: tuple[tuple[Path, str], ...] = ()
    no_git: bool = False


@dataclass(frozen=True, slots=True)
class Stamp:
    """By which a file is known to be as it was: its last change in nanoseconds, and its size in bytes."""

    changed: int
    size: int


@dataclass(frozen=True, slots=True)
class Fingerprinted:
    """The fingerprints of a file's text, 64 bits each, and the stamp of the file when they were taken."""

    stamp: Stamp
    prints: array[int]


class Cause(StrEnum):
    """Why a path is private: a policy's rule, git keeps it out, or nobody could find out."""

    RULE = "rule"
    IGNORED = "ignored"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PathReason:
    """Why a path is private, as one plain sentence; `source` is the policy file, or "" where it is not one."""

    cause: Cause
    sentence: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class PrivateFiles:
    """Which files of a project are private. `looked_at`: how many were; `more`: there are others, not looked at.

    `notes`: what could not be found out, one sentence each."""

    private: Mapping[Path, PathReason]
    looked_at: int
    more: bool = False
    notes: tuple[str, ...] = ()
