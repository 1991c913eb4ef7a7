"""Findings in words: what they are, how many, and where, short enough for the line above the composer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from aqe_desktop.core.chat import Attachment
from aqe_desktop.core.figures import grouped
from aqe_desktop.core.findings import IMAGE, UNREAD, Found, PartKind
from aqe_desktop.ui.kinds import noun

PROMPT, EARLIER = "prompt", "earlier in this chat"
_HEAD, _TAIL = 28, 12  # characters of a long value that tell it from others
_LOOKED_AT = 200  # characters at each end; a value may be a whole file
_MANY = 20_000
"""Findings of a text behind which the scanner looks no further."""


def amount(found: Sequence[Found]) -> str:
    """ "2 secrets, 1 e-mail address, 1 hint": what decides first, then what only asks.

    Nobody counts on behind the scanner's limit; there a number says only that there are so many and more."""
    nouns = Counter(noun(each.finding.kind) for each in _each_once(found) if each.binds)
    hints = sum(each.hints for each in found)
    counted = [*nouns.items(), *([("hint", hints)] if hints else [])]
    return ", ".join(_at_least(number, word, len(found) > _MANY) for word, number in counted)


def summary(found: Sequence[Found], files: Sequence[Attachment], earlier: Sequence[Found] = ()) -> str:
    """ "3 secrets, prompt and config.py": of what stands in the composer, else of the chat before it."""
    told = [each for each in found if each.binds or each.hints]
    if told:
        return f"{amount(told)}, {_joined(dict.fromkeys(place(each, files) for each in told))}"
    before = [each for each in earlier if each.binds]
    return f"{amount(before)} {EARLIER}" if before else ""


def place(found: Found, files: Sequence[Attachment]) -> str:
    """Which text of the message it is in."""
    if found.part.kind is PartKind.TEXT or found.part.file >= len(files):
        return PROMPT
    return files[found.part.file].name


def exact_place(found: Found, text: str, files: Sequence[Attachment]) -> str:
    """ "config.py, line 3", "prompt, line 1", "name of config.py"."""
    where = place(found, files)
    if found.part.kind is PartKind.NAME:
        return f"name of {where}"
    if found.finding.kind == IMAGE:
        return where
    within = text if where == PROMPT and found.part.kind is PartKind.TEXT else files[found.part.file].text
    return f"{where}, line {within.count(chr(10), 0, found.finding.start) + 1}"


def value_in_words(found: Found) -> str:
    """The value on one line, by which one row is told from another; a long one by its beginning and end.

    An image is told by its name: the digest that stands for it says nothing to a reader."""
    if found.finding.kind == IMAGE:
        return ""
    text = _printable(found.value[:_LOOKED_AT])
    if len(found.value) <= _LOOKED_AT and len(text) <= _HEAD + _TAIL + 1:
        return text
    return f"{text[:_HEAD]}…{_printable(found.value[-_LOOKED_AT:])[-_TAIL:]}"


def _printable(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _each_once(found: Iterable[Found]) -> Iterator[Found]:
    """A file that nobody has read yet is one text, though its name is not read either."""
    unread = set()
    for each in found:
        where = each.part.message, each.part.kind is PartKind.TEXT, each.part.file
        if each.finding.kind != UNREAD or where not in unread:
            yield each
        if each.finding.kind == UNREAD:
            unread.add(where)


def _joined(places: Iterable[str]) -> str:
    named = list(places)
    shown = [*named[:2], f"{len(named) - 2} more"] if len(named) > 3 else named
    return " and ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)


def _at_least(number: int, word: str, cut: bool) -> str:
    if number > _MANY:
        return f"more than {_counted(_MANY, word)}"
    return f"at least {_counted(number, word)}" if cut else _counted(number, word)


def _counted(number: int, word: str) -> str:
    many = {"e-mail address": "e-mail addresses", "private address": "private addresses"}
    many |= {"postal address": "postal addresses", "part of a private file": "parts of private files"}
    return f"{grouped(number)} {word if number == 1 else many.get(word, f'{word}s')}"
