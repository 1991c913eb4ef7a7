"""Folders of model files on this device: ours, those the user added, and those found that could be added."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class FolderKind(StrEnum):
    """Whose it is. The models of a FOUND one are not listed before the user has added it."""

    OURS = "ours"
    ADDED = "added"
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """`name` is the program whose folder it is, "" where that is not known; `models` and `bytes` are what it holds, a
    file counted once. `problem`: one sentence where it cannot be looked into."""

    path: Path
    kind: FolderKind
    name: str
    models: int
    bytes: int
    problem: str = ""
