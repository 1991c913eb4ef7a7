"""Menus, dialogs and drags stay open while 1,000 tokens/s stream, and no task is stranded by them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

SCENES = ["streaming", "menu", "message", "files", "folder", "save_over", "cancelled", "dropped_generator"]


@pytest.mark.parametrize("scene", SCENES)
def test_tokens_and_timers_go_on_while_it_is_open(tiny: Callable[..., Any], scene: str) -> None:
    app = tiny(scene, "--leave")
    status, told, errors = app.end()
    assert (status, errors, told["played"]) == (0, "", True)
    assert app.kept() == told["received"]


@pytest.mark.window
def test_tokens_and_timers_go_on_during_a_real_drag(tiny: Callable[..., Any]) -> None:
    app = tiny("drag", "--leave")
    _at, x, y = app.line().split()
    drag_from(int(x), int(y))
    app.wait_until_ready()
    pointer("mouseup", "1")
    status, told, errors = app.end()
    assert (status, errors, told["played"]) == (0, "", True)
    assert app.kept() == told["received"]


@pytest.mark.window
@pytest.mark.parametrize("way", ["SIGTERM", "exit"])
def test_leaving_in_the_middle_of_a_drag_closes_in_order(tiny: Callable[..., Any], way: str) -> None:
    """The drag's own loop is left first; then the closing runs as ever."""
    app = tiny("drag", "--quit", way)
    _at, x, y = app.line().split()
    drag_from(int(x), int(y))
    app.wait_until_ready()
    app.leave(way)
    status, told, errors = app.end()
    pointer("mouseup", "1")
    assert (status, errors) == (0, "")
    assert app.kept() == told["received"] > 0


def drag_from(x: int, y: int) -> None:
    pointer("mousemove", str(x), str(y), "mousedown", "1")
    for step in (15, 30, 60):
        pointer("mousemove", str(x + step), str(y + step), "sleep", "0.1")


def pointer(*words: str) -> None:
    subprocess.run(["xdotool", *words], check=True, timeout=20)
