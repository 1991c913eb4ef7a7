"""Findings in words: what they are, how many, and where, short enough for the line above the composer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from aqe_desktop.core.chat import Attachment
from aqe_desktop.core.findings import Found, PartKind
from aqe_desktop.ui.kinds import noun

PROMPT, EARLIER = "prompt", "earlier in this chat"


def amount(found: Sequence[Found]) -> str:
    """ "2 secrets, 1 e-mail address, 1 hint": what decides first, then what only asks."""
    nouns = Counter(noun(each.finding.kind) for each in found if each.binds)
    hints = sum(each.hints for each in found)
    return ", ".join(_counted(number, word) for word, number in [*nouns.items(), *([("hint", hints)] if hints else [])])


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
    within = text if where == PROMPT and found.part.kind is PartKind.TEXT else files[found.part.file].text
    return f"{where}, line {within.count(chr(10), 0, found.finding.start) + 1}"


def _joined(places: Iterable[str]) -> str:
    named = list(places)
    shown = [*named[:2], f"{len(named) - 2} more"] if len(named) > 3 else named
    return " and ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)


def _counted(number: int, word: str) -> str:
    many = {"e-mail address": "e-mail addresses", "private address": "private addresses"}
    many |= {"postal address": "postal addresses", "part of a private file": "parts of private files"}
    return f"{number} {word if number == 1 else many.get(word, f'{word}s')}"
