"""Which way a text reads, and which stretches of it must not be drawn into the direction of the words around them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from aqe_desktop.ui.widgets.transcript.pieces import Look, Run

ISOLATE, END = "\u2066", "\u2069"  # left-to-right isolate, and the end of it
_SEEN = 400  # characters in which a direction shows
_TICKED = re.compile(r"(`[^`]+`)")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")


def reads_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction goes from right to left."""
    return _direction(text) == "R"


def runs_read_right_to_left(runs: Sequence[Run]) -> bool:
    """The same of a paragraph: its words decide, code among them only where there are no words."""
    words = "".join(_TICKED.sub("", run.text) for run in runs if not run.look & Look.CODE)
    return (_direction(words) or _direction("".join(run.text for run in runs))) == "R"


def table_reads_right_to_left(rows: Sequence[Sequence[Sequence[Run]]]) -> bool:
    """Most cells of the head decide; where it has no letters, most of the whole table."""
    for cells in (rows[:1], rows):
        found = [_direction("".join(run.text for run in cell)) for row in cells for cell in row]
        right, left = found.count("R"), found.count("L")
        if right or left:
            return right > left
    return False


def mixes_directions(runs: Sequence[Run]) -> bool:
    return any(not run.text.isascii() and _RIGHT_TO_LEFT.search(run.text) for run in runs)


def stretches(run: Run, style: str) -> Iterator[tuple[str, bool]]:
    """A run's text in parts, each with whether it stands by itself: code and addresses read from the left."""
    text = run.text
    if run.look & Look.CODE or (run.href and text == run.href):
        yield text, True
    elif run.href and run.look & Look.FAINT and text.startswith(" (") and text.endswith(")"):
        yield from ((" (", False), (text[2:-1], True), (")", False))
    elif style == "plain" and "`" in text:
        yield from ((part, part.startswith("`")) for part in _TICKED.split(text) if part)
    else:
        yield text, False


def _direction(text: str) -> str:
    """R, L or, without a letter that has one, nothing."""
    for char in text[:_SEEN]:
        kind = unicodedata.bidirectional(char)
        if kind in ("R", "AL", "L"):
            return "L" if kind == "L" else "R"
    return ""
