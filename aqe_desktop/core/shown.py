"""Words of another program as a person may see them: on one line, of bounded length, with nothing that moves a cursor
or turns a text around."""

from __future__ import annotations

import unicodedata

MOST = 120


def shown(text: str, most: int = MOST) -> str:
    """Never for a name that is to be found again: what cannot be seen is gone from it, and so is what is too long."""
    plain = "".join(_visible(each) for each in text[: 8 * most])
    words = " ".join(plain.split())
    return words if len(words) <= most and len(text) <= 8 * most else f"{words[: most - 1]}…"


def _visible(character: str) -> str:
    """Control and format characters, halves of surrogate pairs and what Unicode has not given out are left out; a line
    end becomes a space."""
    if character.isspace():
        return " "
    return "" if unicodedata.category(character)[0] == "C" else character
