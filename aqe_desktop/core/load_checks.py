"""Whether a load setting makes sense: one answer for the form, the command line and what was stored."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.loading import SETTINGS, Explained, LoadSettings

KNOWN: Mapping[str, Explained] = {each.name: each for each in SETTINGS}
SWITCHES = frozenset({"flash_attention", "mmap", "mlock"})
FRACTIONS = frozenset({"rope_base", "rope_scale"})
FILES = frozenset({"lora", "draft"})
_WHOLE_CACHE = frozenset({"f32", "f16", "bf16"})
_MOST_FILES, _MOST_GPUS = 64, 64


def checked(name: str, value: Any) -> Any:
    """The value as LoadSettings holds it; None, "" and () leave it to the engine. UsageError says what to give."""
    if name not in KNOWN:
        raise UsageError(f"“{name}” is no load setting.", f"There are {', '.join(KNOWN)}.")
    if value is None or value in ("", (), []):
        return default(name)
    good = tuple(value) if isinstance(value, list) else value
    if not _is_good(KNOWN[name], good):
        raise UsageError(f"{KNOWN[name].label} cannot be {_shown(good)}.", f"Give {expected(KNOWN[name])}.")
    return good


def require(settings: LoadSettings) -> None:
    """Raises UsageError for the first setting that makes no sense, by itself or beside another."""
    for name in KNOWN:
        checked(name, getattr(settings, name))
    if settings.flash_attention is False and settings.kv_type not in ("", *_WHOLE_CACHE):
        raise UsageError(f"A cache of type {settings.kv_type} needs flash attention.", "Switch that on, or choose f16.")


def expected(setting: Explained) -> str:
    """What may be given, as the end of a sentence."""
    if setting.choices:
        return f"one of {', '.join(setting.choices)}"
    if setting.name in SWITCHES:
        return "yes or no"
    if setting.name in FILES:
        return "the path of a file"
    if setting.low is not None and setting.high is not None:
        return f"a number from {setting.low:.10g} to {setting.high:.10g}"
    return "numbers with commas between them, 0 or more, and one of them above 0"


def default(name: str) -> Any:
    return getattr(LoadSettings(), name)


def chosen(settings: LoadSettings) -> dict[str, Any]:
    """What differs from the defaults, by name."""
    given = {field.name: getattr(settings, field.name) for field in fields(LoadSettings)}
    return {name: value for name, value in given.items() if value != default(name)}


def _is_good(setting: Explained, value: Any) -> bool:
    if setting.name in SWITCHES:
        return isinstance(value, bool)
    if setting.name == "tensor_split":
        return isinstance(value, tuple) and len(value) <= _MOST_GPUS and _are_shares(value)
    if setting.name == "lora":
        return isinstance(value, tuple) and len(value) <= _MOST_FILES and all(_is_text(each) for each in value)
    if setting.choices:
        return value in setting.choices
    if setting.name == "draft":
        return _is_text(value)
    return _is_number(value, float if setting.name in FRACTIONS else int) and (setting.low or 0) <= value <= (
        setting.high or 0
    )


def _are_shares(value: tuple[Any, ...]) -> bool:
    return all(_is_number(each) and each >= 0 for each in value) and sum(value) > 0


def _is_number(value: Any, kind: type[int] | type[float] = float) -> bool:
    """A whole number is a fraction too; a switch is none."""
    if isinstance(value, bool) or not isinstance(value, (int, kind)):
        return False
    return math.isfinite(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\0" not in value


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
