"""Patterns for paths, matched in bounded time: they come with a cloned repository, which may mean harm."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

_ANYWHERE = "**"


@dataclass(frozen=True, slots=True, order=True)
class Glob:
    """A pattern and the folder that it is relative to, an absolute path with `/` between its parts.

    `*` and `?` stay within a name, `**` stands for any number of folders. A pattern without a slash names a file or
    folder at any depth, and one that names a folder names all that is in it, as in `.gitignore`."""

    pattern: str
    base: str

    def __str__(self) -> str:
        return self.pattern

    def matches(self, path: str, *, any_case: bool = False) -> bool:
        """Whether it names this absolute path or a folder above it. `any_case`: `.ENV` is `.env` on many disks."""
        below = self._below(path, any_case)
        return bool(below) and _fits(below, _parsed(_normal(self.pattern, any_case)))

    def reaches(self, path: str) -> bool:
        """Whether this absolute path lies in its folder."""
        return bool(self._below(path, any_case=False))

    def _below(self, path: str, any_case: bool) -> tuple[str, ...]:
        base, names = _names(self.base, any_case), _names(path, any_case)
        return names[len(base) :] if names[: len(base)] == base else ()


def _normal(text: str, any_case: bool) -> str:
    text = unicodedata.normalize("NFC", text)
    return text.casefold() if any_case else text


@lru_cache(4096)
def _names(path: str, any_case: bool) -> tuple[str, ...]:
    return tuple(name for name in _normal(path, any_case).split("/") if name)


@lru_cache(4096)
def _parsed(pattern: str) -> tuple[re.Pattern[str] | None, ...]:
    """One expression for each name, None for `**`, and one more `**` for what lies in a folder of that name.

    The standard library's translation does not backtrack."""
    names = pattern.strip("/").split("/")
    anywhere = [] if "/" in pattern.rstrip("/") else [_ANYWHERE]
    return tuple(None if name == _ANYWHERE else re.compile(translate(name)) for name in (*anywhere, *names, _ANYWHERE))


def _fits(names: tuple[str, ...], pattern: tuple[re.Pattern[str] | None, ...]) -> bool:
    """Goes back to the last `**` only, which is enough: at most names x pattern steps."""
    at = place = 0
    back: tuple[int, int] | None = None
    while at < len(names):
        step = pattern[place] if place < len(pattern) else _END
        if step is None:
            back = (at, place)
            place += 1
        elif step.match(names[at]):
            at, place = at + 1, place + 1
        elif back is not None:
            back = (back[0] + 1, back[1])
            at, place = back[0], back[1] + 1
        else:
            return False
    return all(step is None for step in pattern[place:])


_END = re.compile(r"(?!)")
