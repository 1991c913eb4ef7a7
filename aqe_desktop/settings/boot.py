"""The few settings that the first paint needs, read with the standard library only: pydantic costs 0.1 s."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from aqe_desktop.settings.reading import read_settings

T = TypeVar("T")
THEMES = ("system", "light", "dark")
SEND_KEYS = ("enter", "ctrl_enter")
FONT_SIZES = (11, 20)  # pixels, both included
FONT_SIZE = 13


@dataclass(frozen=True, slots=True)
class Window:
    """Where the window was, in device-independent pixels; x and y None let the system place it.

    `layout` is the shell's own record of its panes, text without meaning here."""

    width: int = 1280
    height: int = 800
    x: int | None = None
    y: int | None = None
    maximized: bool = False
    layout: str = ""


@dataclass(frozen=True, slots=True)
class Boot:
    """What the first paint looks like. `font_size` in pixels; `reduced_motion` stops every animation.

    `send_key` is of the composer in it, which takes keys from the first moment."""

    theme: str = "system"
    font_size: int = FONT_SIZE
    reduced_motion: bool = False
    window: Window = field(default_factory=Window)
    send_key: str = "enter"

    @property
    def font_scale(self) -> float:
        """What every font size is multiplied with."""
        return self.font_size / FONT_SIZE


_PLACE = Window()


def read_boot(path: Path) -> Boot:
    """Never raises: what is missing, broken or out of bounds has its default, and `settings.file` reports it later."""
    stored = _parsed(path)
    look, window = _table(stored, "appearance"), _table(stored, "window")
    return Boot(
        _valid(look, "theme", lambda value: value in THEMES, "system"),
        _valid(look, "font_size", _between(*FONT_SIZES), FONT_SIZE),
        _valid(look, "reduced_motion", _is_switch, False),
        Window(
            _valid(window, "width", _between(320, 16384), _PLACE.width),
            _valid(window, "height", _between(240, 16384), _PLACE.height),
            _valid(window, "x", _between(-32768, 32767), None),
            _valid(window, "y", _between(-32768, 32767), None),
            _valid(window, "maximized", _is_switch, False),
            _valid(window, "layout", lambda value: isinstance(value, str), ""),
        ),
        _valid(_table(stored, "chat"), "send_key", lambda value: value in SEND_KEYS, "enter"),
    )


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_settings(path))
    except (OSError, ValueError, RecursionError):
        return {}


def _table(stored: dict[str, Any], name: str) -> dict[str, Any]:
    found = stored.get(name)
    return found if isinstance(found, dict) else {}


def _valid(table: dict[str, Any], name: str, test: Callable[[Any], bool], default: T) -> T:
    value: T = table.get(name, default)
    return value if test(value) else default


def _between(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool)
