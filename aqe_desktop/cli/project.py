"""Which project a command is about: the one that is named, or the one it was started in."""

from __future__ import annotations

import argparse
from pathlib import Path

from aqe_desktop.core.errors import UsageError
from aqe_desktop.machine.places import here
from aqe_desktop.machine.roots import named_project, project_of


def add_project(parser: argparse.ArgumentParser, *, nested: bool = False) -> None:
    """`nested`: the command above takes it too, and the default of this one must not overwrite what is given there."""
    does = "default: the nearest parent with .aqe or .git"
    default = argparse.SUPPRESS if nested else None
    parser.add_argument("--project", type=Path, metavar="DIR", default=default, help=does)


def chosen_project(named: Path | None) -> Path | None:
    """A folder that is gone or may not be looked into belongs to no project. Raises UsageError for a named one."""
    try:
        return project_of(here()) if named is None else named_project(named)
    except OSError as error:
        if named is None:
            return None
        raise UsageError(f"{named} cannot be opened: {error.strerror}.", "Name the project's folder.") from error
