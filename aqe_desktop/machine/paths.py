"""Where this installation keeps its things; AQE_HOME moves all of them, so a test or second profile touches nothing."""

from __future__ import annotations

import os
import shlex
import stat
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from aqe_desktop.core.errors import ReadOnlyData, StorageFailed, UsageError
from aqe_desktop.machine.run_folder import APP, make_run_folder, run_folder

# What a user may put into a new data folder before the first start.
_PUT_THERE = {"backups", "history.db", "models", "settings.toml"}


@dataclass(frozen=True, slots=True)
class Paths:
    """Folders and files of one profile. `run` holds sockets and locks: short path, private, gone after a reboot."""

    home: Path
    run: Path

    @property
    def database(self) -> Path:
        return self.home / "history.db"

    @property
    def ledger(self) -> Path:
        return self.home / "ledger.db"

    @property
    def settings(self) -> Path:
        return self.home / "settings.toml"

    @property
    def backups(self) -> Path:
        return self.home / "backups"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def models(self) -> Path:
        return self.home / "models"


def find_paths() -> Paths:
    """The profile's paths by AQE_HOME or the platform's rules; creates nothing. Raises UsageError for no path."""
    named = os.environ.get("AQE_HOME")
    try:
        home = Path(named).expanduser().absolute() if named else Path(platformdirs.user_data_dir(APP, appauthor=False))
        return Paths(home, run_folder(home))
    except (OSError, RuntimeError) as error:  # a user that does not exist, a loop of links, a folder that is gone
        where = f"AQE_HOME “{named}”" if named else "The data folder"
        why = str(error.strerror if isinstance(error, OSError) else error).rstrip(".")
        raise UsageError(f"{where} cannot be found: {why}.", "Set AQE_HOME to a folder of your own.") from error


def prepare(paths: Paths) -> None:
    """Create the private folders. Raises ReadOnlyData when the home folder cannot be made or written.

    Raises StorageFailed for a home folder that others can enter and that is not ours alone: it is not changed."""
    try:
        paths.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name != "nt" and stat.S_IMODE(paths.home.stat().st_mode) & 0o077:
            _make_private(paths)
        for folder in (paths.backups, paths.logs, paths.models):
            folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ReadOnlyData(f"The data folder {paths.home} cannot be written: {error.strerror}.") from error
    if not os.access(paths.home, os.W_OK | os.X_OK):
        raise ReadOnlyData(f"The data folder {paths.home} cannot be written.")
    make_run_folder(paths.run, paths.home)


def _make_private(paths: Paths) -> None:
    """Only what is certainly our own data folder, or nothing yet: others may rely on any other folder's rights."""
    home, facts = paths.home, paths.home.stat()
    if facts.st_uid != os.getuid() or facts.st_mode & stat.S_ISVTX:
        raise StorageFailed(
            f"{home} is not a private folder of your own.",
            "Point AQE_HOME at a new folder, or at none to use the usual one.",
        )
    in_use = paths.database.exists() and paths.database.with_name(paths.database.name + ".lock").exists()
    if not in_use and not {each.name for each in home.iterdir()} <= _PUT_THERE:
        raise StorageFailed(
            f"{home} is not a private folder, and holds other things.",
            f"Point AQE_HOME at a new folder, or keep others out of this one: chmod 700 {shlex.quote(str(home))}",
        )
    home.chmod(0o700)
