"""A project's own words in a text: in any case, inside of identifiers, where code names live, and however written.

Prose inflects them, markup and ends of lines cut them, and a decoded text holds them like any other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from aqe_desktop.core.findings import OWN_WORD, Finding
from aqe_desktop.privacy.reading import Reading, Span

CHUNK = 1 << 16
"""Code points that one step reads: the expression engine holds the interpreter as long as a step takes."""
_OVERLAP = 1 << 10
_DASHES = "\\-\u00ad\u2010-\u2015\u2043\u2212"
_TURN = r"[ \t]{0,8}\r?\n[ \t]{0,40}(?:(?:[>#*;%|!+]|//|--|<!--|/\*|\bREM\b)[ \t]{0,8}){0,6}"
_TAG = r"</?[a-zA-Z]{1,10}>"
_GAP = rf"(?:[\s_./\\:+|*~`'\"&,;{_DASHES}]{{0,3}}|(?:[\s_*~`{_DASHES}]|{_TAG}){{1,6}}|{_TURN})"
"""What may stand between the words of a phrase: also the end of a line in a quoted mail or a comment."""
_CUT = rf"(?:[*~`]{{1,3}}|__|{_TAG}|[-\u2010]\r?\n[ \t]{{0,40}})?"
"""What markup and the end of a line put into a word."""
_LONG = 5
"""Letters from which on a word is itself though something cuts it; of a short one that would find formulas."""
_MORE = re.compile(
    "(?:e?s|'s|api|app|apis|apps|bot|cli|client|clients|cloud|code|config|core|data|db|dev|engine|gmbh|inc|kunde|lib|"
    "library|model|plattform|platform|plugin|portal|prod|project|projekt|release|repo|sdk|server|servers|service|"
    "services|staging|system|team|test|tests|ui|version|web)(?![^\\W\\d_])",
    re.IGNORECASE,
)
"""What a word may be lengthened by and still be itself: a plural, and the nouns of software behind a code name."""
_REASON = "One of the project's own words, which you called private."


def own_words(text: str, words: tuple[str, ...], readings: Iterable[Reading] = ()) -> tuple[Finding, ...]:
    """Every place of any of the words. One of several parts is found in an identifier too, which joins them.

    `readings`: how else the text can be read, as the scanner says."""
    if not text or not words:
        return ()
    found = set(_all_spans(text, words))
    for reading in readings:
        found |= {span for start, end in _all_spans(reading.text, words) if (span := reading.place(start, end))}
    return tuple(Finding(OWN_WORD, start, end, 1.0, True, _REASON) for start, end in sorted(found))


def _all_spans(text: str, words: tuple[str, ...]) -> Iterator[Span]:
    for start in range(0, len(text), CHUNK):
        for pattern in _patterns(words):
            yield from _spans(pattern, text, start)


def _spans(pattern: re.Pattern[str], text: str, start: int) -> Iterator[Span]:
    for match in pattern.finditer(text, max(0, start - _OVERLAP), min(len(text), start + CHUNK + _OVERLAP)):
        if _is_edge(text, match.start()) and (_is_edge(text, match.end()) or _is_longer(text, match)):
            yield match.span()


def _is_longer(text: str, match: re.Match[str]) -> bool:
    return match.end() - match.start() >= _LONG - 1 and _MORE.match(text, match.end()) is not None


@lru_cache(64)
def _patterns(words: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """One each: where a long word is not itself, a short one that it begins with may be."""
    forms = sorted({form for word in words for form in _forms(word)})
    return tuple(re.compile(_GAP.join(map(_pattern, form.split())), re.IGNORECASE) for form in forms)


def _pattern(word: str) -> str:
    """Nothing cuts between a letter and its accent."""
    if len(word) < _LONG:
        return re.escape(word)
    return "".join(
        (_CUT if at and not unicodedata.combining(each) else "") + re.escape(each) for at, each in enumerate(word)
    )


def _forms(word: str) -> Iterable[str]:
    """Accents in one character or two, and what one letter becomes in capitals: a text may come either way."""
    return {unicodedata.normalize(form, each) for form in ("NFC", "NFD") for each in (word, word.casefold())}


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
