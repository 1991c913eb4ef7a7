"""Stop words in one line of text: separated by commas, with \\n, \\t and \\, for what cannot be typed."""

from __future__ import annotations

import re

_ESCAPES = {"n": "\n", "t": "\t", ",": ",", "\\": "\\"}
_TOKEN = re.compile(r"\\(.)|([^\\])", re.DOTALL)


def to_line(words: tuple[str, ...]) -> str:
    """The words as they are edited."""
    return ", ".join(_escaped(word) for word in words)


def from_line(line: str) -> tuple[str, ...]:
    """The words of an edited line, in order and without empty ones; spaces around a comma are no part of a word."""
    words, word = [], ""
    for escaped, plain in _TOKEN.findall(line + ","):
        if plain == ",":
            words.append(word.strip(" "))
            word = ""
        else:
            word += _ESCAPES.get(escaped, "\\" + escaped) if escaped else plain
    return tuple(word for word in words if word)


def _escaped(word: str) -> str:
    for raw, written in (("\\", "\\\\"), (",", "\\,"), ("\n", "\\n"), ("\t", "\\t")):
        word = word.replace(raw, written)
    return word
