"""settings.toml: read with an explanation of what is wrong, written so that nobody's change or comment is lost."""

from __future__ import annotations

import asyncio
import errno
import glob
import os
import re
import shutil
import stat
import time
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aqe_desktop.core.errors import AqeError, DiskFull, ReadOnlyData, SettingsBroken, StorageFailed, UsageError
from aqe_desktop.locks import FileLock, wait_for
from aqe_desktop.settings.lines import changed, line_of
from aqe_desktop.settings.mistyped import near_miss
from aqe_desktop.settings.reading import read_settings

if TYPE_CHECKING:
    from pydantic import ValidationError

    from aqe_desktop.settings.schema import Settings

_STALE = 60  # seconds; no save takes so long
_SHOWN = 80  # characters of a name that nobody knows
PATIENCE = 10.0  # seconds to wait for another process that is saving
_LINE = re.compile(r"at line (\d+)")
# What takes the place of a text that cannot be read: it may have said this, and what counted so far goes on counting.
_IN_DOUBT = "[network]\noffline = true\n"
_COUNTS = "Until then nothing leaves this device."


class SettingsFile:
    """The settings of one profile. Several processes may have it: each writes only what it changed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> Settings:
        """Raises SettingsBroken, naming file, line and next step; a missing file is all defaults."""
        settings, problem = self.load_or_default()
        if problem is not None:
            raise problem
        return settings

    def load_or_default(self) -> tuple[Settings, SettingsBroken | None]:
        """What can be used, and what is wrong with the rest: a wrong value costs that value, broken text costs all."""
        from aqe_desktop.settings.schema import Settings

        try:
            text = self._text()
            stored = tomllib.loads(text)
        except (OSError, ValueError, RecursionError) as error:
            return Settings(), self._unreadable(error)
        return self._validated(text, stored)

    async def change(self, changes: Mapping[str, Any]) -> Settings:
        """Save `{"section.key": value}`, None back to the default, and return the settings as they are now.

        An act of the user's: text that cannot be read is kept under another name, and gives way to a file that says
        offline. Raises UsageError for a value out of bounds, DiskFull, ReadOnlyData or StorageFailed; then nothing
        changed."""
        return await asyncio.to_thread(self.change_now, changes)

    async def note(self, changes: Mapping[str, Any]) -> None:
        """Save what the window keeps for itself, as `change` does. Text that cannot be read is left alone: nobody
        asked for another one, so nothing is saved."""
        await asyncio.to_thread(self.note_now, changes)

    async def add_server(self, server: str, url: str, zone: str = "", name: str = "", program: str = "") -> None:
        """A server of the user's own. Raises UsageError for values not valid or an id that is there, or as `change`."""
        values = {"id": server, "url": url, "zone": zone, "name": name, "program": program}
        await asyncio.to_thread(self._edit_servers, "with_row", values)

    async def set_server(self, server: str, changes: Mapping[str, str | int]) -> None:
        """Change url, zone, name, program or patience of one. Raises as `add_server` does."""
        await asyncio.to_thread(self._edit_servers, "with_changes", server, changes)

    async def remove_server(self, server: str) -> None:
        """Raises UsageError for an unknown one, or as `change` does."""
        await asyncio.to_thread(self._edit_servers, "without_row", server)

    def change_now(self, changes: Mapping[str, Any]) -> Settings:
        """`change` for a caller that may block."""
        self._save(changes, self._text_to_keep)
        return self.load_or_default()[0]

    def note_now(self, changes: Mapping[str, Any]) -> None:
        """`note` for a caller that may block."""
        self._save(changes, self._text_if_sound)

    def _save(self, changes: Mapping[str, Any], text: Callable[[], str | None]) -> None:
        parts = {_address(name): value for name, value in changes.items()}
        _check(parts)
        self._rewrite(lambda before: changed(before, parts), text)

    def _edit_servers(self, edit: str, *values: Any) -> None:
        from aqe_desktop.settings import servers  # pydantic

        self._rewrite(lambda before: getattr(servers, edit)(before, *values), self._text_to_keep)

    def _rewrite(self, edit: Callable[[str], str], text: Callable[[], str | None]) -> None:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._merge(edit, text)
        except OSError as error:
            raise _explained(error, self.path) from error

    def _merge(self, edit: Callable[[str], str], text: Callable[[], str | None]) -> None:
        lock = FileLock(self.path.with_name(self.path.name + ".lock"))
        try:
            if not wait_for(lock.try_exclusive, PATIENCE):
                raise StorageFailed(f"{self.path} is being saved by another program.", "Try again in a moment.")
            _sweep(self.path)
            if (before := text()) is not None:
                _replace(self.path, edit(before))
        finally:
            lock.release()

    def _text(self) -> str:
        try:
            return read_settings(self.path)
        except FileNotFoundError:
            if self.path.is_symlink():  # what it leads to may say offline
                raise
            return ""

    def _text_to_keep(self) -> str:
        """A file that does not parse is kept under another name, and its place is taken by a new one."""
        try:
            text = self._text()
            tomllib.loads(text)
        except (ValueError, RecursionError):
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
            shutil.copy2(self.path, self.path.with_name(f"{self.path.name}.broken-{stamp}"))
            return _IN_DOUBT
        return text

    def _text_if_sound(self) -> str | None:
        try:
            text = self._text()
            tomllib.loads(text)
        except (ValueError, RecursionError):
            return None
        return text

    def _unreadable(self, error: Exception) -> SettingsBroken:
        match = _LINE.search(str(error))
        line = f", line {match[1]}" if match else ""
        return SettingsBroken(
            f"{self.path}{line} cannot be read: {_why(error)}. Default settings are used; the file was not changed.",
            f"Correct the line in a text editor, or change a setting: the file is then kept under another name, and "
            f"Offline stays on. {_COUNTS}",
        )

    def _validated(self, text: str, stored: dict[str, Any]) -> tuple[Settings, SettingsBroken | None]:
        from pydantic import ValidationError

        from aqe_desktop.settings.schema import Settings

        try:
            settings = Settings.model_validate(stored)
        except ValidationError as error:
            problem = _wrong_value(self.path, text, error)
            return _valid(_without(stored, error)), problem
        stray = near_miss(stored, Settings.model_fields)
        return settings, _mistyped(self.path, text, stray) if stray else None


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "its values are nested too deep"
    return str(error.strerror) if isinstance(error, OSError) else str(error).partition(" (at ")[0]


def _wrong_value(path: Path, text: str, error: ValidationError) -> SettingsBroken:
    first = error.errors()[0]
    section, key = (*map(str, first["loc"]), "")[:2]
    line = line_of(text, section, key)
    name = ".".join(map(str, first["loc"]))
    where = f"{path}, line {line}" if line else str(path)
    return SettingsBroken(
        f"{where}: {name} is not valid: {_lower(first['msg'])}. Its default is used; the file was not changed.",
        f"Set it anew in the settings, or correct the line in a text editor. {_COUNTS}",
    )


def _mistyped(path: Path, text: str, name: str) -> SettingsBroken:
    found = re.search(rf"""^[^#\n]*?(?<![\w-])["']?{re.escape(name)}["']?(?![\w-])""", text, re.MULTILINE)
    where = f"{path}, line {text.count(chr(10), 0, found.end()) + 1}" if found else str(path)
    return SettingsBroken(
        f"{where}: {name[:_SHOWN]!a} is not known here, and may be meant as the offline switch or as a table.",
        f"Correct the line in a text editor: the switch is `offline` in the table [network]. {_COUNTS}",
    )


def _lower(words: str) -> str:
    words = words.removeprefix("Value error, ").rstrip(".")
    return words[:1].lower() + words[1:]


def _valid(stored: dict[str, Any]) -> Settings:
    """A rule over several values is only looked at once each of them is valid, so it may be the next to be broken."""
    from pydantic import ValidationError

    from aqe_desktop.settings.schema import Settings

    while True:
        try:
            return Settings.model_validate(stored)
        except ValidationError as error:
            stored = _without(stored, error)


def _without(stored: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    """The stored values but for those that pydantic objects to."""
    kept = {name: _copy(value) for name, value in stored.items()}
    for problem in error.errors():
        section, *rest = map(str, problem["loc"])
        table = kept.get(section)
        if rest and isinstance(table, dict):
            table.pop(rest[0], None)
        elif rest and isinstance(table, list):
            table[int(rest[0])] = None
        else:
            kept.pop(section, None)
    return {
        name: [row for row in value if row is not None] if isinstance(value, list) else value
        for name, value in kept.items()
    }


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return dict(value)
    return list(value) if isinstance(value, list) else value


def _address(name: str) -> tuple[str, str]:
    section, _, key = name.partition(".")
    return section, key


def _check(changes: Mapping[tuple[str, str], Any]) -> None:
    """A key that does not exist is our bug; a value out of bounds is the user's to correct."""
    from pydantic import ValidationError

    from aqe_desktop.settings.schema import Settings

    tables: dict[str, dict[str, Any]] = {}
    for (section, key), value in changes.items():
        annotation = Settings.model_fields[section].annotation
        assert annotation is not None
        assert key in annotation.model_fields, f"{section}.{key}"
        if value is not None:
            tables.setdefault(section, {})[key] = value
    try:
        Settings.model_validate(tables)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise UsageError(f"{name} cannot be set: {_lower(first['msg'])}.", "Choose another value.") from error


def _replace(path: Path, text: str) -> None:
    """A reader sees the old file or the new one, never a part; a link stays a link."""
    target = path.resolve()
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o600
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _flush_folder(target.parent)


def _sweep(path: Path) -> None:
    """Remove what a save left that was killed; a younger part may be another profile's that links to this file."""
    target = path.resolve()
    for part in target.parent.glob(f"{glob.escape(target.name)}.*.part"):
        if part.suffixes[-2][1:].isdigit() and abs(time.time() - part.stat().st_mtime) > _STALE:
            part.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    """The rename itself must survive a power loss; Windows has no such call for folders."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _explained(error: OSError, path: Path) -> AqeError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DiskFull(f"There is no space left to save {path}; the settings are as before.")
    return ReadOnlyData(f"{path} cannot be saved: {error.strerror}; the settings are as before.")
