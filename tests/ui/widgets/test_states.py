"""Messages, progress, emptiness and figures."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from aqe_desktop.core.figures import grouped, size_text
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.widgets.banner import Banner
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.empty import EmptyState, Skeleton
from aqe_desktop.ui.widgets.figures import done_text, share_text, time_text
from aqe_desktop.ui.widgets.key_hint import KeyHint
from aqe_desktop.ui.widgets.meter import ContextBar, MeterBar
from aqe_desktop.ui.widgets.progress import Progress
from tests.ui.clipping import clipped
from tests.ui.conftest import Look, Stage


def _tall(holder: QWidget, width: int) -> int:
    layout = holder.layout()
    assert layout is not None
    return layout.totalHeightForWidth(width)


@pytest.mark.parametrize("width", [300, 700])
@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_a_banner_shows_message_hint_and_one_action_at_any_width(
    look: Look, stage: Stage, qtbot: QtBot, width: int, scale: float
) -> None:
    look("light", scale)
    banner = Banner("failed", "The engine stopped during the answer", "It ended.", "Retry.", "Retry", closable=True)
    holder = stage(banner, width=width)
    assert banner.message.width() > banner.width() * 0.6
    banner.show_error("What had arrived is kept in this chat.", "Start the engine again and retry.", "Start again")
    for _ in range(2):
        holder.resize(width, _tall(holder, width))
    assert clipped(holder) == []
    with qtbot.waitSignal(banner.acted):
        QTest.mouseClick(banner.action, Qt.MouseButton.LeftButton)


def test_parts_of_a_banner_that_say_nothing_take_no_room(look: Look, stage: Stage) -> None:
    banner = Banner("info", message="1 answer was recovered.")
    stage(banner)
    assert not banner.title.isVisible()
    assert not banner.action.isVisible()
    assert banner.accessibleName() == "1 answer was recovered."


@pytest.mark.parametrize("width", [320, 900])
def test_progress_says_done_total_speed_and_time_left(look: Look, stage: Stage, width: int) -> None:
    progress = Progress("qwen2.5-coder:14b", "from Ollama's library")
    holder = stage(progress, width=width)
    progress.show_progress(6.1e9, 9.0e9, "B", 38e6, 76)
    holder.resize(width, _tall(holder, width))
    assert progress.figures.text() == "6.1 of 9.0 GB · 38 MB/s · 1 min 16 s left"
    assert progress.bar.accessibleDescription() == "68\u2009%"
    assert clipped(holder) == []


def test_progress_without_a_total_says_what_is_done_and_can_be_cancelled(
    look: Look, stage: Stage, qtbot: QtBot
) -> None:
    progress = Progress("SmolLM2-135M")
    stage(progress)
    progress.show_busy("Loading the model")
    assert progress.figures.text() == "Loading the model"
    with qtbot.waitSignal(progress.cancelled):
        progress._cancel.click()


def test_the_seconds_of_a_busy_progress_run_only_while_it_is_seen(look: Look, stage: Stage) -> None:
    progress = Progress("SmolLM2-135M")
    stage(progress)
    progress.show_busy("Loading the model")
    assert progress._clock.isActive()
    progress.hide()
    assert not progress._clock.isActive()
    progress.show()
    assert progress._clock.isActive()
    progress.show_progress(1, 2, "files")
    assert not progress._clock.isActive()


def test_bars_say_their_share_and_are_red_only_when_full(look: Look, stage: Stage) -> None:
    bar = ContextBar("Context")
    bar.set_parts([6000, 6000], 8192)
    assert bar.accessibleDescription() == "146\u2009%"
    colour = theme().color("danger")
    assert bar.grab().toImage().pixelColor(10, 4) != colour
    bar.set_full(True)
    assert bar.grab().toImage().pixelColor(10, 4) == colour
    bar.set_parts([1], 0)
    assert bar.accessibleDescription() == "0\u2009%"
    assert share_text(0.004) == "<1\u2009%"
    assert share_text(0.996) == "99\u2009%"
    meter = MeterBar("November")
    meter.set_fraction(0.306)
    assert meter.accessibleDescription() == "31\u2009%"
    meter.set_fraction(None)
    assert meter.accessibleDescription() == ""


def test_an_empty_state_offers_its_one_step(look: Look, stage: Stage, qtbot: QtBot) -> None:
    empty = EmptyState("Ready on this device", "It answers without a network.", "Open folder", "chat", "How")
    holder = stage(empty, width=500)
    assert clipped(holder) == []
    buttons = empty.findChildren(Button)
    with qtbot.waitSignal(empty.acted):
        buttons[0].click()
    with qtbot.waitSignal(empty.second_acted):
        buttons[1].click()


def test_a_skeleton_and_a_key_have_words_for_a_screen_reader(look: Look, stage: Stage) -> None:
    assert Skeleton().accessibleName() == "Loading"
    assert KeyHint("Ctrl+K").accessibleName() == "Ctrl+K"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (grouped(8192), "8\u2009192"),
        (size_text(98_362_432), "98 MB"),
        (size_text(13.3e9), "13.3 GB"),
        (size_text(512), "512 B"),
        (done_text(6.1e9, 9e9, "B"), "6.1 of 9.0 GB"),
        (done_text(412, 2048, "tokens"), "412 of 2\u2009048 tokens"),
        (done_text(3, 4, ""), "3 of 4"),
        (time_text(8.4), "8 s"),
        (time_text(76), "1 min 16 s"),
        (time_text(7500), "2 h 5 min"),
    ],
)
def test_figures_are_written_as_they_are_read(said: str, text: str) -> None:
    assert said == text
