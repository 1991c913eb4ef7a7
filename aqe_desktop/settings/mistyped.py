"""A switch that was mistyped into a place where nobody looks for it must not stand for a switch that is off."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

_TABLE, _KEY = "network", "offline"
_NEAR = 2  # letters that are wrong in the table's name; the key is shorter and has neighbours, so one less


def near_miss(stored: dict[str, Any], known: Collection[str]) -> str:
    """The name, as it is written, that looks like a known table or like the switch and is neither; "" if there is none.

    `stored` is the parsed file, `known` are the names of its tables."""
    for name in stored:
        if name not in known and _like_a_table(name, known):
            return name
    return next((key for key in _strays(stored) if _distance(_plain(key), _KEY) < _NEAR), "")


def _like_a_table(name: str, known: Collection[str]) -> bool:
    plain = _plain(name)
    return plain in known or _distance(plain, _TABLE) <= _NEAR


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _strays(stored: dict[str, Any]) -> Iterator[str]:
    """Every key of every table, but for those right in the table of the switch: they are checked by its schema."""
    waiting: list[Any] = [{name: value for name, value in stored.items() if name != _TABLE}]
    network = stored.get(_TABLE)
    waiting.extend(network.values() if isinstance(network, dict) else ())
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield from each
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)


def _distance(one: str, other: str) -> int:
    """How many letters must be put in, left out or replaced; names that differ much in length are simply far apart."""
    if abs(len(one) - len(other)) > _NEAR:
        return _NEAR + 1
    row = list(range(len(other) + 1))
    for here, letter in enumerate(one, 1):
        above, row[0] = row[0], here
        for there, wanted in enumerate(other, 1):
            above, row[there] = row[there], min(row[there] + 1, row[there - 1] + 1, above + (letter != wanted))
    return row[-1]
