"""Which project a folder belongs to: the nearest parent that says so itself."""

from __future__ import annotations

from pathlib import Path

from aqe_desktop.core.errors import UsageError

_MARKS = (".aqe", ".git")


def project_of(folder: Path) -> Path | None:
    """The nearest folder from here upwards that holds `.aqe` or `.git`."""
    return next((at for at in (folder, *folder.parents) if any((at / mark).exists() for mark in _MARKS)), None)


def named_project(folder: Path) -> Path:
    """The folder a user named as a project. Raises UsageError where there is none."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.", "Name the project's folder.")
    return folder.resolve()
