"""Whether a text holds a part of a private file: by fingerprints of its words, which no change of layout alters.

Winnowing (Schleimer, Wilkerson, Aiken: Winnowing, SIGMOD 2003): of the hashes of WORDS words in a row, the smallest in
each window of WINDOW is kept; so a stretch of WORDS + WINDOW - 1 words that two texts share has one they share."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from zlib import crc32

from aqe_desktop.core.findings import PRIVATE_FILE, Finding
from aqe_desktop.privacy.normal import normal
from aqe_desktop.privacy.reading import Reading

WORDS = 6
WINDOW = 4
LEAST = 12
"""Words that a shared stretch has at least: about three lines of code."""
COMMON = 4
"""What stands in more than so many private files is nobody's secret."""
_BASE, _PRIME = 1_000_003, (1 << 61) - 1
_POWER = pow(_BASE, WORDS - 1, _PRIME)
_WORD = re.compile(r"\w{2,}")
_LINE = re.compile(r"[^\n]*\n?")
_IMPORT = re.compile(r"\s*(?:import|from|#\s*include|using|require|package|use|export \*|@import)\b")
_COMMENT = re.compile(r"\s*(?:#|//|/\*|\*|--|;|%|\"\"\"|''')")
_LICENCE = re.compile(
    r"copyright|licen[cs]e|permission is hereby granted|without warranty|merchantab|redistribution and use|"
    r"all rights reserved|spdx-|as is\b",
    re.IGNORECASE,
)
_LONGEST_LICENCE = 1 << 13
_LONGEST_LINE = 400
_CODE = "=(){};<>[]"
Span = tuple[int, int]


def fingerprints(text: str) -> array[int]:
    """Those of a file, for `Known`. What is published anyway, imports and licences, has none."""
    kept = _kept(text)
    meant = normal(text)
    if meant is not None:
        kept.extend(_kept(meant.text))
    return kept


def _kept(text: str) -> array[int]:
    kept: array[int] = array("Q")
    window: deque[int] = deque(maxlen=WINDOW)
    last = -1
    for value in _hashes(value for value, _, _ in _words(text)):
        window.append(value)
        if len(window) == WINDOW and (least := min(window)) != last:
            kept.append(least)
            last = least
    return kept


class Known:
    """The fingerprints of many files, to look texts up in. Never changed once made, so threads may share it."""

    def __init__(self, files: Mapping[str, Iterable[int]]) -> None:
        self.paths = tuple(files)
        pairs = sorted({(value, number) for number, prints in enumerate(files.values()) for value in prints})
        often = _often(pairs)
        self._values = array("Q", (value for value, _ in pairs if value not in often))
        self._files = array("L", (number for value, number in pairs if value not in often))

    def __len__(self) -> int:
        return len(self._values)

    def matches(self, text: str, readings: Iterable[Reading] = ()) -> tuple[Finding, ...]:
        """The stretches of `text` that stand in a file of these, in order; none overlap.

        `readings`: how else the text can be read, as the scanner says."""
        if not self._values:
            return ()
        found = list(self._in(text))
        for reading in readings:
            found += reading.placed(self._in(reading.text))
        return tuple(_first_of(found)) if readings else tuple(found)

    def _in(self, text: str) -> Iterator[Finding]:
        starts, ends = array("L"), array("L")

        def heard() -> Iterator[int]:
            for value, start, end in _words(text):
                starts.append(start)
                ends.append(end)
                yield value

        found = sorted(_stretches(self._hits(heard())), key=lambda each: (each.first, -each.last))
        for each in _apart(found):
            yield _finding(*_lines(text, starts[each.first], ends[each.last]), self.paths[each.file])

    def _hits(self, words: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Position in `words` and number of the file, for each fingerprint that is known."""
        values, files = self._values, self._files
        size = len(values)
        for at, value in enumerate(_hashes(words)):
            place = bisect_left(values, value)
            while place < size and values[place] == value:
                yield at, files[place]
                place += 1


@dataclass(slots=True)
class _Stretch:
    """Words `first` to `last`, the last included, that are in file number `file` too."""

    file: int
    first: int
    last: int


def _words(text: str) -> Iterator[tuple[int, int, int]]:
    """The hash of each word, and where it stands."""
    for start, end in _told(text):
        for match in _WORD.finditer(text, start, end):
            yield crc32(match[0].lower().encode("utf-8", "replace")) + 1, match.start(), match.end()


def _told(text: str) -> Iterator[Span]:
    """Lines that say something of their own: no imports, no comments and paragraphs about a licence."""
    block: list[Span] = []
    comment = False
    for match in _LINE.finditer(text):
        start, end = match.span()
        is_comment = _COMMENT.match(text, start, end) is not None
        blank = not text[start:end].strip()
        if block and (blank or is_comment is not comment):
            yield from _unless_licence(text, block)
            block = []
        comment = is_comment
        if not blank and not _IMPORT.match(text, start, end):
            block.append((start, end))
    yield from _unless_licence(text, block)


def _unless_licence(text: str, block: list[Span]) -> list[Span]:
    """Code that only speaks of a licence, say in a name, is told all the same, and so is what is too long for one."""
    if not block or block[-1][1] - block[0][0] > _LONGEST_LICENCE:
        return block
    told = text[block[0][0] : block[-1][1]]
    is_speech = _COMMENT.match(told) is not None or sum(map(told.count, _CODE)) * 50 < len(told)
    return [] if is_speech and _LICENCE.search(told) else block


def _hashes(words: Iterable[int]) -> Iterator[int]:
    """Of each WORDS words in a row, rolled along."""
    row: deque[int] = deque()
    value = 0
    for word in words:
        if len(row) == WORDS:
            value -= row.popleft() * _POWER
        row.append(word)
        value = (value * _BASE + word) % _PRIME
        if len(row) == WORDS:
            yield value


def _often(pairs: list[tuple[int, int]]) -> set[int]:
    count: dict[int, int] = {}
    for value, _ in pairs:
        count[value] = count.get(value, 0) + 1
    return {value for value, files in count.items() if files > COMMON}


def _stretches(hits: Iterable[tuple[int, int]]) -> Iterator[_Stretch]:
    """Hits in one file that touch or nearly do make one stretch; a short one may be chance."""
    open_: dict[int, _Stretch] = {}
    for at, file in hits:
        stretch = open_.get(file)
        if stretch is not None and at <= stretch.last + WINDOW:
            stretch.last = at + WORDS - 1
            continue
        if stretch is not None and _is_long(stretch):
            yield stretch
        open_[file] = _Stretch(file, at, at + WORDS - 1)
    yield from filter(_is_long, open_.values())


def _is_long(stretch: _Stretch) -> bool:
    return stretch.last - stretch.first + 1 >= LEAST


def _apart(stretches: Iterable[_Stretch]) -> Iterator[_Stretch]:
    last = -1
    for each in stretches:
        if each.first > last:
            yield each
            last = each.last


def _first_of(found: Iterable[Finding]) -> Iterator[Finding]:
    last = 0
    for each in sorted(found, key=lambda each: (each.start, -each.end)):
        if each.start >= last:
            yield each
            last = each.end


def _lines(text: str, start: int, end: int) -> Span:
    """The whole lines: fingerprints leave out some words at both ends. A line without an end is not all taken."""
    first = text.rfind("\n", max(0, start - _LONGEST_LINE), start) + 1
    last = text.find("\n", end, end + _LONGEST_LINE)
    return first or (start if start > _LONGEST_LINE else 0), end if last < 0 else last


def _finding(start: int, end: int, path: str) -> Finding:
    name = path.rpartition("/")[2]
    return Finding(PRIVATE_FILE, start, end, 0.9, True, f"This stands in {name} too, a private file of this project.")
