"""Which project a folder belongs to: the nearest parent that says so itself."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from aqe_desktop.core.errors import UsageError

_MARKS = (".aqe", ".git")


def project_of(folder: Path) -> Path | None:
    """The nearest folder from here upwards that holds `.aqe` or `.git`; what may not be looked into holds none."""
    return next((at for at in (folder, *folder.parents) if _is_marked(at)), None)


def named_project(folder: Path) -> Path:
    """The folder a user named as a project. Raises UsageError where there is none."""
    try:
        if folder.is_dir():
            return folder.resolve()
    except OSError as error:
        raise UsageError(f"{folder} cannot be looked at: {error.strerror}.", "Name the project's folder.") from error
    raise UsageError(f"{folder} is not a folder.", "Name the project's folder.")


def _is_marked(folder: Path) -> bool:
    with suppress(OSError):
        return any((folder / mark).exists() for mark in _MARKS)
    return False
