"""Where this installation keeps its things; AQE_HOME moves all of them, so a test or second profile touches nothing."""

from __future__ import annotations

import hashlib
import os
import shlex
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from aqe_desktop.core.errors import ReadOnlyData, StorageFailed, UsageError

APP = "aqe-desktop"


@dataclass(frozen=True, slots=True)
class Paths:
    """Folders and files of one profile. `run` holds sockets and locks: short path, private, gone after a reboot."""

    home: Path
    run: Path

    @property
    def database(self) -> Path:
        return self.home / "history.db"

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
        return Paths(home, _run_folder(home))
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
    _private_folder(paths.run)


def _make_private(paths: Paths) -> None:
    """Only what is certainly our own data folder, or nothing yet: others may rely on any other folder's rights."""
    home, facts = paths.home, paths.home.stat()
    if facts.st_uid != os.getuid() or facts.st_mode & stat.S_ISVTX:
        raise StorageFailed(
            f"{home} is not a private folder of your own.",
            "Point AQE_HOME at a new folder, or at none to use the usual one.",
        )
    ours = paths.database.exists() and paths.database.with_name(paths.database.name + ".lock").exists()
    if not ours and any(home.iterdir()):
        raise StorageFailed(
            f"{home} is not a private folder, and holds other things.",
            f"Point AQE_HOME at a new folder, or keep others out of this one: chmod 700 {shlex.quote(str(home))}",
        )
    home.chmod(0o700)


def _run_folder(home: Path) -> Path:
    """Unix socket paths end at 107 bytes, so the profile is named by a short hash below the system's runtime folder."""
    profile = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]
    base = os.environ.get("XDG_RUNTIME_DIR")
    if base and Path(base).is_dir() and os.access(base, os.W_OK) and len(os.fsencode(base)) < 60:
        return Path(base) / APP / profile
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir() if os.name == "nt" else "/tmp") / f"{APP}-{user}" / profile  # noqa: S108 - checked by _private_folder


def _private_folder(folder: Path) -> None:
    """Make the run folder and refuse one that another user prepared: sockets in it carry prompts."""
    for part in (folder.parent, folder):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = part.lstat()
        foreign = hasattr(os, "getuid") and facts.st_uid != os.getuid()
        if stat.S_ISLNK(facts.st_mode) or foreign:
            raise StorageFailed(
                f"{part} belongs to someone else.", "Remove it, or set XDG_RUNTIME_DIR to a folder of your own."
            )
        if os.name != "nt" and stat.S_IMODE(facts.st_mode) & 0o077:
            part.chmod(0o700)
