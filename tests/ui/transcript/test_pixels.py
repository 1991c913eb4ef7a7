"""Pixels that are moved instead of painted: the window must show what a full painting shows."""

from __future__ import annotations

import random

from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from aqe_desktop.ui.widgets.transcript import Transcript
from tests.bench.transcript_answer import answer
from tests.ui.transcript.conftest import Show


def on_screen(view: Transcript) -> QImage:
    image = view.screen().grabWindow(view.winId()).toImage()
    assert not image.isNull()
    return image.convertToFormat(QImage.Format.Format_RGB32)


def different_rows(one: QImage, other: QImage) -> list[int]:
    """Rows with a visible difference; the rounding of a smooth corner depends on where the painting began."""
    if one == other:
        return []
    width = one.width()
    return [y for y in range(one.height()) if any(_far(one.pixel(x, y), other.pixel(x, y)) for x in range(width))]


def _far(one: int, other: int) -> bool:
    return one != other and any(abs((one >> bits & 255) - (other >> bits & 255)) > 4 for bits in (0, 8, 16))


def check(qtbot: QtBot, view: Transcript) -> None:
    view._to_end.hide()
    # Colours and reading ahead come when they come, and may not come between two pictures.
    view._idle.stop()
    view._reader.stop()
    qtbot.wait(20)
    seen = on_screen(view)
    view.viewport().repaint()
    qtbot.wait(20)
    assert different_rows(seen, on_screen(view)) == []


def test_scrolling_by_steps_and_jumps_shows_what_painting_shows(qtbot: QtBot, show: Show) -> None:
    view = show(*["".join(answer(200, number)) for number in range(40)])
    bar, chance = view.verticalScrollBar(), random.Random(3)
    check(qtbot, view)
    for _ in range(25):
        for _ in range(4):
            bar.setValue(bar.value() + chance.choice((-40, -120, -333, 55, -7)))
        check(qtbot, view)
        if chance.random() < 0.2:
            bar.setValue(chance.randrange(bar.maximum()))
            check(qtbot, view)


def test_streaming_at_the_end_shows_what_painting_shows(qtbot: QtBot, show: Show) -> None:
    view = show("Go", "", streaming=True)
    tokens = answer(1_500, 5)
    for start in range(0, len(tokens), 60):
        for token in tokens[start : start + 60]:
            view.stream(1, token)
        qtbot.waitUntil(lambda: not view._pending and not view._timer.isActive())
        check(qtbot, view)
    view.finish(1, meta="done")
    check(qtbot, view)
