"""Lists of words are written as running text: a list of a hundred quoted words is no easier to read."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text, each once."""
    return frozenset(text.split())
