"""A project's own words in a text: in any case, and inside of identifiers, where code names live."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from aqe_desktop.core.findings import OWN_WORD, Finding

CHUNK = 1 << 16
"""Code points that one step reads: the expression engine holds the interpreter as long as a step takes."""
_OVERLAP = 1 << 10
_GAP = r"[\s_\-./]{0,3}"
_REASON = "One of the project's own words, which you called private."


def own_words(text: str, words: tuple[str, ...]) -> tuple[Finding, ...]:
    """Every place of any of the words. One of several parts is found in an identifier too, which joins them."""
    if not text or not words:
        return ()
    patterns = _patterns(words)
    places = range(0, len(text), CHUNK)
    found = {span for start in places for pattern in patterns for span in _spans(pattern, text, start)}
    return tuple(Finding(OWN_WORD, start, end, 1.0, True, _REASON) for start, end in sorted(found))


def _spans(pattern: re.Pattern[str], text: str, start: int) -> Iterator[tuple[int, int]]:
    for match in pattern.finditer(text, max(0, start - _OVERLAP), min(len(text), start + CHUNK + _OVERLAP)):
        if _is_edge(text, match.start()) and _is_edge(text, match.end()):
            yield match.span()


@lru_cache(64)
def _patterns(words: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """One each: where a long word is not itself, a short one that it begins with may be."""
    forms = sorted({form for word in words for form in _forms(word)})
    return tuple(re.compile(_GAP.join(map(re.escape, form.split())), re.IGNORECASE) for form in forms)


def _forms(word: str) -> Iterable[str]:
    """Accents in one character or two: a text may come either way."""
    return unicodedata.normalize("NFC", word), unicodedata.normalize("NFD", word)


def _is_edge(text: str, at: int) -> bool:
    """Whether one word ends here and another may begin; in an identifier a capital begins one."""
    if at in (0, len(text)):
        return True
    before, behind = text[at - 1], text[at]
    if not (_joins(before) and _joins(behind)):
        return True
    return behind.isupper() and (before.islower() or text[at + 1 : at + 2].islower())


def _joins(letter: str) -> bool:
    """Whether letters beside it make one word with it: not so in scripts without capitals, where words may touch."""
    return (letter.isalpha() and letter.lower() != letter.upper()) or unicodedata.combining(letter) > 0
