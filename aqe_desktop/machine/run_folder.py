"""The run folder of a profile: one for all its processes, for who finds no socket in it starts a second engine.

The surroundings name different runtime folders to a desktop, a job of cron and a shell under sudo, so the folder in use
is noted in the data folder; the note counts as long as that folder is there."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from aqe_desktop.core.errors import StorageFailed

APP = "aqe-desktop"
NOTE = "run-folder"
_HINT = "Remove it, or set XDG_RUNTIME_DIR to a folder of your own."
_LONGEST = 60  # bytes of the folder above; Unix socket paths end at 107
_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def run_folder(home: Path) -> Path:
    """The one in use, or the one to use; creates nothing. The profile is named by a short hash of its data folder."""
    profile = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]
    noted = _noted(home, profile)
    if noted is not None:
        return noted
    for base in _runtime_folders():
        if _is_ours(base) and os.access(base, os.W_OK) and len(os.fsencode(base)) < _LONGEST:
            return base / APP / profile
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir() if os.name == "nt" else "/tmp") / f"{APP}-{user}" / profile  # noqa: S108 - checked by make_run_folder


def make_run_folder(folder: Path, home: Path) -> None:
    """Make and note it. Raises StorageFailed for one that another user prepared: sockets in it carry prompts."""
    try:
        for part in (folder.parent, folder):
            _make_private(part)
    except FileExistsError as error:
        raise StorageFailed(f"{error.filename} is in the way: it is not a folder.", _HINT) from error
    except OSError as error:
        raise StorageFailed(f"The run folder {folder} cannot be made: {error.strerror}.", _HINT) from error
    _note(home, folder)


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = folder.lstat()
    if stat.S_ISLNK(facts.st_mode) or (hasattr(os, "getuid") and facts.st_uid != os.getuid()):
        raise StorageFailed(f"{folder} belongs to someone else.", _HINT)
    if os.name != "nt" and stat.S_IMODE(facts.st_mode) & 0o077:
        folder.chmod(0o700)


def _runtime_folders() -> list[Path]:
    """The named one, where it is absolute; else where the system usually has it: cron and others name none."""
    named = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    if named.is_absolute():
        return [named]
    return [Path(f"/run/user/{os.getuid()}")] if hasattr(os, "getuid") else []


def _is_ours(folder: Path) -> bool:
    """Whether it is a folder, and this user's."""
    with suppress(OSError):
        facts = folder.stat()
        return stat.S_ISDIR(facts.st_mode) and (not hasattr(os, "getuid") or facts.st_uid == os.getuid())
    return False


def _noted(home: Path, profile: str) -> Path | None:
    """A copied data folder holds the note of another profile, and after a restart of the machine the folder is gone."""
    try:
        with os.fdopen(os.open(home / NOTE, _READING), "rb") as file:
            folder = Path(os.fsdecode(file.read(4096)))
    except (OSError, ValueError):
        return None
    known = folder.is_absolute() and folder.name == profile and folder.parent.name.startswith(APP)
    return folder if known and "\0" not in str(folder) and _is_ours(folder) and not folder.is_symlink() else None


def _note(home: Path, folder: Path) -> None:
    """Left out where it cannot be written: then the surroundings decide, as they did for this process."""
    wanted = os.fsencode(folder)
    note = home / NOTE
    with suppress(OSError):
        if note.is_file() and note.read_bytes() == wanted:
            return
        draft = note.with_name(f"{NOTE}.{os.getpid()}.part")
        try:
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600))
            draft.write_bytes(wanted)
            draft.replace(note)
        finally:
            draft.unlink(missing_ok=True)
