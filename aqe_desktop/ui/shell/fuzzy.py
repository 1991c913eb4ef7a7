"""Finding a command by a few of its letters: pure, so that the order is a fact and not a feeling."""

from __future__ import annotations


def score(needle: str, text: str) -> int | None:
    """How well the letters of `needle` are found in `text` in their order; higher is better, None is not at all.

    Letters that follow each other count most, then the start of a word, then a short name."""
    if not needle:
        return 0
    sought, hay = needle.casefold().replace(" ", ""), text.casefold()
    total, at, last = 0, 0, -2
    for letter in sought:
        found = _next(hay, letter, at, last)
        if found < 0:
            return None
        total += 10 if _starts_word(hay, found) else 0
        total += 12 if found == last + 1 else 0
        last, at = found, found + 1
    return total * 100 - len(text)


def _next(hay: str, letter: str, at: int, last: int) -> int:
    """The next place of the letter: right after the last one, else at the start of a word, else anywhere."""
    if at < len(hay) and at == last + 1 and hay[at] == letter:
        return at
    places = [place for place in range(at, len(hay)) if hay[place] == letter]
    return next((place for place in places if _starts_word(hay, place)), places[0] if places else -1)


def _starts_word(hay: str, place: int) -> bool:
    return place == 0 or not hay[place - 1].isalnum()
