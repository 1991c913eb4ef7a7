"""`--set KEY=VALUE`: load settings as they are typed, and how they came out."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.load_checks import FILES, FRACTIONS, KNOWN, SWITCHES, checked, chosen, default, expected
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.shown import shown

_YES, _NO = ("yes", "true", "on"), ("no", "false", "off")


def add_set(parser: argparse.ArgumentParser, does: str) -> None:
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="changes",
        help=f"{does}, an empty value for the engine's own choice: {', '.join(KNOWN)}",
    )


def changes_of(words: Sequence[str]) -> dict[str, Any]:
    """The fields of LoadSettings that were named. Raises UsageError."""
    changes: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if name not in KNOWN or not equals:
            raise UsageError(f"“{shown(word)}” is no load setting.", f"Write KEY=VALUE with one of {', '.join(KNOWN)}.")
        changes[name] = _value(name, text.strip())
    return changes


def lines_of(settings: LoadSettings, confirmed: Mapping[str, Any]) -> list[str]:
    """Each setting that was chosen, and what the running engine says of it."""
    return [f"  {name}: {_came_out(name, value, confirmed)}" for name, value in chosen(settings).items()]


def as_json(settings: LoadSettings) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in chosen(settings).items()}


def _came_out(name: str, value: Any, confirmed: Mapping[str, Any]) -> str:
    if name not in confirmed:
        return f"{_text(value)} (unconfirmed: the engine does not say)"
    if is_as_asked(value, confirmed[name]):
        return f"{_text(value)} (confirmed)"
    return f"{_text(confirmed[name])}, not {_text(value)} as asked"


def is_as_asked(asked: Any, really: Any) -> bool:
    """Engines reckon with fewer digits."""
    if isinstance(asked, float) and isinstance(really, (int, float)):
        return abs(asked - really) <= abs(asked) * 1e-4
    return bool(asked == really)


def _value(name: str, text: str) -> Any:
    if not text:
        return default(name)
    try:
        return checked(name, _read(name, text))
    except ValueError:
        raise UsageError(f"“{shown(text)}” cannot be {name}.", f"Give {expected(KNOWN[name])}.") from None


def _read(name: str, text: str) -> Any:
    if name in SWITCHES:
        if text.lower() not in (*_YES, *_NO):
            raise ValueError(text)
        return text.lower() in _YES
    if name == "tensor_split":
        return tuple(float(each) for each in text.split(","))
    if name == "lora":
        return tuple(text.split(","))
    if name in FILES or KNOWN[name].choices:
        return text
    return float(text) if name in FRACTIONS else int(text)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return shown(", ".join(map(str, value)) if isinstance(value, tuple) else str(value), 200)
