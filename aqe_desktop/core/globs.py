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
        return bool(below) and _fits(below, _normal(self.pattern, any_case))

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


@dataclass(frozen=True, slots=True)
class _Steps:
    """A pattern as sets of its steps, one bit each: `names` are those that an expression fits, `anywhere` the `**`."""

    names: tuple[tuple[re.Pattern[str], int], ...]
    anywhere: int
    last: int


@lru_cache(4096)
def _parsed(pattern: str) -> _Steps:
    """One step for each name or `**`, and one more `**` for what lies in a folder of that name; of several `**` in a
    row one. The standard library's translation of a name does not backtrack."""
    names = pattern.strip("/").split("/")
    anywhere = [] if "/" in pattern.rstrip("/") else [_ANYWHERE]
    steps: list[str] = []
    bits: dict[str, int] = {}
    for name in (*anywhere, *names, _ANYWHERE):
        if not (name == _ANYWHERE and steps[-1:] == [_ANYWHERE]):
            bits[name] = bits.get(name, 0) | 1 << len(steps)
            steps.append(name)
    fixed = tuple((re.compile(translate(name)), bit) for name, bit in bits.items() if name != _ANYWHERE)
    return _Steps(fixed, bits[_ANYWHERE], 1 << len(steps) - 1)


@lru_cache(65536)
def _fitting(name: str, pattern: str) -> int:
    """The steps that this name fits."""
    return sum(bit for expression, bit in _parsed(pattern).names if expression.match(name))


def _fits(names: tuple[str, ...], pattern: str) -> bool:
    """All ways through the pattern at once: each name of the path costs a few operations on whole sets."""
    steps = _parsed(pattern)
    at = 1 | (1 & steps.anywhere) << 1
    for name in names:
        if at & steps.last or not at:
            break
        at = (at & _fitting(name, pattern)) << 1 | at & steps.anywhere
        at |= (at & steps.anywhere) << 1
    return bool(at & steps.last)
