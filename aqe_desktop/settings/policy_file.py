"""`.aqe/policy.toml` of every folder above a place: read anew when one changes, and closing everything when broken."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from aqe_desktop.core.effective import PolicyFile, broken
from aqe_desktop.settings.reading import as_text, read_regular

if TYPE_CHECKING:
    from pydantic import ValidationError

NAME = Path(".aqe") / "policy.toml"
_NO_MARK = (0, 0, 0, 0, 0)
_CLOSED = "Until it is corrected, the mode is local and every file of its folder is private."
_SHOWN = 80  # characters of a key that nobody knows
_LINE = re.compile(r"at line (\d+)")
_Mark = tuple[int, int, int, int, int]
_SPELLINGS = tuple(
    "." + "".join(letters) for letters in product(*((each, each.upper()) for each in NAME.parent.name[1:]))
)[1:]


class PolicyFiles:
    """The policy files of this machine. `home`: where the way up ends, for what lies below it; else at the root."""

    def __init__(self, home: Path | None = None) -> None:
        self._home = home or _home()
        self._read: dict[Path, tuple[_Mark, PolicyFile]] = {}
        self._other: dict[Path, tuple[_Mark, str, bool]] = {}

    def above(self, folder: Path) -> tuple[PolicyFile, ...]:
        """Those on the way up from this absolute path, nearest first; no link in it is followed. What cannot be read
        is a file with a `problem`. Blocks."""
        return tuple(file for each in _way_up(folder, self._home) if (file := self._file(each)) is not None)

    def _file(self, folder: Path) -> PolicyFile | None:
        path = folder / NAME
        try:
            facts = path.stat()
        except OSError as error:
            return _absent(path, error) or self._misnamed(folder)
        mark = _mark(facts)
        known = self._read.get(path)
        if known is None or known[0] != mark:
            known = self._read[path] = (mark, read_policy(path))
        return known[1]

    def _misnamed(self, folder: Path) -> PolicyFile | None:
        """What has the name but for its case was meant as a policy, and would close nothing. Looked for anew when the
        folder has changed."""
        mark = _mark(found) if (found := _facts(folder)) is not None else None
        known = self._other.get(folder)
        if mark is None or known is None or known[0] != mark:
            right = _facts(folder / NAME.parent)
            known = (mark or _NO_MARK, _spelled_otherwise(folder, right), right is not None)
            self._other[folder] = known
        name = known[1] or (_inside(folder / NAME.parent) if known[2] else "")
        if not name:
            return None
        why = f"{folder / name} is no {NAME.as_posix()}, and may be meant as one. {_CLOSED}"
        return broken(str(folder / name), _real(folder).as_posix(), why)


def read_policy(path: Path) -> PolicyFile:
    """The file as it is now; `path` is its place below the folder that it holds for. Never raises."""
    base, at = _real(path.parent.parent), _real(path)
    text = ""
    try:
        data = read_regular(path)
        text = as_text(data)
        return _parsed(text, at, base, hashlib.sha256(data).hexdigest())
    except (OSError, ValueError, RecursionError) as error:
        return broken(str(at), base.as_posix(), _problem(at, text, error))


def _parsed(text: str, at: Path, base: Path, digest: str) -> PolicyFile:
    from aqe_desktop.settings.policy_schema import PolicyTable

    table = PolicyTable.model_validate(tomllib.loads(text, parse_float=Decimal))
    given = tuple(key for key in PolicyTable.model_fields if key in table.model_fields_set)
    folder = base.as_posix()
    return PolicyFile(str(at), folder, digest, table.as_policy(folder), given, linked=at != base / NAME)


def _absent(path: Path, error: OSError) -> PolicyFile | None:
    """Nothing there is no policy. What is there and cannot be looked at, or a link into nowhere, was meant as one."""
    missing = isinstance(error, FileNotFoundError | NotADirectoryError)
    if missing and not (path.is_symlink() or path.parent.is_symlink()):
        return None
    return broken(str(path), path.parent.parent.as_posix(), _problem(path, "", error))


def _mark(facts: os.stat_result) -> _Mark:
    return facts.st_dev, facts.st_ino, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size


def _facts(path: Path) -> os.stat_result | None:
    with suppress(OSError, ValueError):
        return path.lstat()
    return None


def _spelled_otherwise(folder: Path, right: os.stat_result | None) -> str:
    """Where the disk tells case from case: on others each spelling is the same folder."""
    for name in _SPELLINGS:
        found = _facts(folder / name)
        if found is not None and (right is None or not os.path.samestat(found, right)):
            return name
    return ""


def _inside(place: Path) -> str:
    """The name below the folder above: of a file in the place of `.aqe`, or of one in it."""
    facts = _facts(place)
    if facts is None:
        return ""
    if not stat.S_ISDIR(facts.st_mode):
        return place.name
    with suppress(OSError):
        names = sorted(each for each in os.listdir(place) if each.casefold() == NAME.name)  # noqa: PTH208 - names
        return f"{place.name}/{names[0]}" if names else ""
    return ""


def _problem(path: Path, text: str, error: Exception) -> str:
    from pydantic import ValidationError

    if isinstance(error, ValidationError):
        return _wrong_value(path, text, error)
    match = _LINE.search(str(error))
    line = int(match[1]) if match else _broken_line(error)
    return f"{path}{f', line {line},' if line else ''} cannot be read: {_why(error)}. {_CLOSED}"


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "its values are nested too deep"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text"
    words = str(error.strerror) if isinstance(error, OSError) else str(error).partition(" (at ")[0]
    return words[:1].lower() + words[1:]


def _broken_line(error: Exception) -> int:
    return error.object.count(b"\n", 0, error.start) + 1 if isinstance(error, UnicodeDecodeError) else 0


def _wrong_value(path: Path, text: str, error: ValidationError) -> str:
    first = error.errors()[0]
    key, *rest = map(str, first["loc"])
    line = _line_of(text, key)
    where = f"{path}, line {line}" if line else str(path)
    if first["type"] == "extra_forbidden":
        return f"{where}: there is no key {key[:_SHOWN]!a}. {_CLOSED}"
    entry = f"[{rest[0]}]" if rest and rest[0].isdecimal() else ""
    words = first["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{where}: {key}{entry} is not valid: {words[:1].lower()}{words[1:]}. {_CLOSED}"


def _line_of(text: str, key: str) -> int:
    """The line, counted from 1, where the key or the table of that name begins; 0 if it is not found."""
    pattern = re.compile(rf"""\s*(?:\[+\s*)?["']?{re.escape(key)}["']?\s*[=.\]]""")
    return next((number for number, line in enumerate(text.splitlines(), 1) if pattern.match(line)), 0)


def _way_up(folder: Path, home: Path | None) -> Iterator[Path]:
    for each in (folder, *folder.parents):
        yield each
        if each == home:
            return


def _real(path: Path) -> Path:
    """As far as it can be followed: a loop of links ends where it begins."""
    return Path(os.path.realpath(path))


def _home() -> Path | None:
    try:
        return _real(Path.home())
    except (RuntimeError, OSError):
        return None
