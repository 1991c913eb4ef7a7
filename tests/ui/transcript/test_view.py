"""Acts, keys, copy, extremes, and what must not be imported early."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.widgets.transcript import FileChip, Offer, Transcript, TranscriptMessage, ZoneChip
from aqe_desktop.ui.widgets.transcript.spots import Spot, name_place, spots
from tests.ui.transcript.conftest import Show

_LEFT, _NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def find_spot(view: Transcript, index: int, label: str) -> Spot:
    item = view.column.items[index]
    return next(spot for spot in spots(item, actions=True, top=0, bottom=1e9) if spot.label == label)


def click(view: Transcript, index: int, label: str) -> None:
    item = view.column.items[index]
    point = (view.origin(item) + find_spot(view, index, label).rect.center()).toPoint()
    QTest.mouseMove(view.viewport(), point)
    QTest.mouseClick(view.viewport(), _LEFT, _NONE, point)


def asked(qtbot: QtBot, view: Transcript, act: Any) -> list[Any]:
    with qtbot.waitSignal(view.action_requested) as signal:
        act()
    return list(signal.args)


def test_the_row_below_a_message_asks_for_its_acts(qtbot: QtBot, show: Show) -> None:
    view = show("Q", "A")
    view.update_message(1, versions=(2, 3))
    for index, label, action in (
        (0, "Edit", "edit"), (0, "Branch", "branch"), (1, "Regenerate", "regenerate"), (1, "Copy", "copy"),
        (1, "Previous version", "previous_version"), (1, "Next version", "next_version"),
    ):  # fmt: skip
        assert asked(qtbot, view, lambda i=index, text=label: click(view, i, text)) == [index, action]


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("width", [560, 900])
def test_everything_that_can_be_clicked_lies_within_the_column(show: Show, width: int, scale: float) -> None:
    theme().apply("light", scale)
    view = show("Q\n```\nx\n```", "A\n\n```python\ny\n```\n\n1. z\n   ```\n   code\n   ```", size=(width, 700))
    view.update_message(1, versions=(2, 3), state="failed", reason="Why. " * 30, offers=(Offer("retry", "Retry"),))
    for item in view.column.items:
        for spot in spots(item, actions=True, top=0, bottom=1e9):
            assert -10 * scale <= spot.rect.left()
            assert spot.rect.right() <= item.column_width + 10 * scale
            assert spot.rect.bottom() <= item.height


def test_a_window_from_right_to_left_is_mirrored_and_code_is_not(show: Show, qapp: QApplication) -> None:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        view = show("Q", "A\n\n```python\ny\n```")
        own, answer = view.column.items
        assert own.bubble.left() == 0
        assert find_spot(view, 0, "Branch").rect.left() < 0 < find_spot(view, 1, "Regenerate").rect.left()
        assert find_spot(view, 1, "starter").rect.right() == answer.column_width
        copy = [spot for spot in spots(answer, actions=False, top=0, bottom=1e9) if spot.kind == "code"]
        assert copy[0].rect.right() > answer.column_width - 10
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    assert own.bubble.right() == own.column_width


@pytest.mark.parametrize("rtl", [False, True])
def test_the_scroll_bar_comes_and_nothing_moves(show: Show, qapp: QApplication, rtl: bool) -> None:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight)
    try:
        view = show("Q", "A")

        def edges() -> tuple[float, int]:
            return view.column.width, view.viewport().mapTo(view, QPoint(view.column_left, 0)).x()

        before = edges()
        assert view.verticalScrollBar().maximum() == 0
        view.update_message(1, text="A\n\n" * 200)
        QApplication.sendPostedEvents()
        assert view.verticalScrollBar().maximum() > 0
        assert view.viewport().width() < view.width()
        assert edges() == before
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.mark.parametrize(
    ("width", "tip"), [(900, "The facts."), (420, "a-model-with-a-very-long-name:70b\nThe facts.")]
)
def test_a_name_that_was_cut_is_said_by_the_tip_of_the_chip(show: Show, width: int, tip: str) -> None:
    view = show("Q", "A", size=(width, 600))
    chip = ZoneChip("device", "This device", "a-model-with-a-very-long-name:70b", facts="The facts.")
    view.update_message(1, chip=chip, meta="158 tokens \u00b7 41.2 tok/s \u00b7 $0.0000")
    spot = find_spot(view, 1, tip)
    assert spot.kind == "tip"
    start, room = name_place(view.column.items[1])
    assert start < spot.rect.right() <= start + room


def test_there_is_no_version_before_the_first(qtbot: QtBot, show: Show) -> None:
    view = show("Q", "A")
    view.update_message(1, versions=(1, 2))
    with qtbot.assertNotEmitted(view.action_requested, wait=20):
        click(view, 1, "Previous version")


def test_a_failed_answer_offers_its_way_on(qtbot: QtBot, show: Show) -> None:
    view = show("Q", "Half")
    view.update_message(
        1, state="failed", reason="The engine ended.", offers=(Offer("retry", "Retry"), Offer("resume", "Continue"))
    )
    assert asked(qtbot, view, lambda: click(view, 1, "Retry")) == [1, "retry"]
    assert asked(qtbot, view, lambda: click(view, 1, "Continue")) == [1, "resume"]


def test_hovering_moves_nothing(show: Show) -> None:
    view = show("Q", "A\n\nB", "Q2")
    before = list(view.column.tops)
    QTest.mouseMove(view.viewport(), view.origin(view.column.items[1]).toPoint() + QPoint(20, 40))
    assert view.hovered is view.column.items[1]
    assert view.column.tops == before


def test_copy_on_a_block_gives_the_code_exactly(qtbot: QtBot, show: Show) -> None:
    code = "\n".join(f"\tline {number}  # {'x' * (5_000 if number == 5 else 3)}" for number in range(250))
    view = show("Q", f"Text\n\n```python\n{code}\n```\n\n```\nother\n```")
    view.verticalScrollBar().setValue(0)
    with qtbot.waitSignal(view.copy_requested) as signal:
        item = view.column.items[1]
        spot = next(spot for spot in spots(item, actions=False, top=0, bottom=1e9) if spot.kind == "code")
        view.hovered = item
        view._mouse.activate(spot, item)
    assert signal.args == [code]


def test_the_keyboard_walks_the_messages_and_opens_the_menu(qtbot: QtBot, show: Show) -> None:
    view = show("a", "b", "c")
    view.setFocus(Qt.FocusReason.TabFocusReason)
    assert view.current is view.column.items[2]
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert view.current is view.column.items[1]
    QTest.keyClick(view, Qt.Key.Key_Return)
    menu = view.findChild(QMenu)
    assert isinstance(menu, QMenu)
    titles = [action.text() for action in menu.actions() if action.text()]
    assert titles == ["Copy", "Regenerate", "Branch", "Copy as plain text", "Select all"]
    assert asked(qtbot, view, menu.actions()[1].trigger) == [1, "regenerate"]
    menu.close()


def test_c_copies_the_current_message_as_its_source(qtbot: QtBot, show: Show) -> None:
    view = show("a", "**b**")
    view.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(view.copy_requested) as signal:
        QTest.keyClick(view, Qt.Key.Key_C)
    assert signal.args == ["**b**"]


def test_the_current_message_has_a_ring_only_for_the_keyboard(show: Show) -> None:
    view = show("a", "b")
    QTest.mouseClick(view.viewport(), _LEFT, _NONE, view.origin(view.column.items[1]).toPoint() + QPoint(10, 44))
    assert view.current is view.column.items[1]
    assert not view.ringed
    view.clearFocus()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    assert view.ringed


def test_a_long_message_is_walked_through_before_the_next(show: Show) -> None:
    view = show("\n".join("line" for _ in range(100)), "b")
    QTest.keyClick(view, Qt.Key.Key_Home)
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.current is view.column.items[0]
    assert view.top > 100


def test_theme_and_scale_are_followed(show: Show) -> None:
    view = show("Q", "Some words. " * 60 + "\n\n```python\nx = 1\n```")
    light, height = view.viewport().grab().toImage(), view.column.total
    theme().apply("dark", 1.0)
    dark = view.viewport().grab().toImage()
    assert dark != light
    assert dark.pixelColor(2, 2) == theme().color("surface")
    assert view.column.total == pytest.approx(height)
    theme().apply("dark", 2.0)
    assert view.column.total > 1.4 * height


def test_finished_code_gets_its_colours(qtbot: QtBot, show: Show) -> None:
    view = show("Q", "```python\ndef f(x):\n    return 'text'\n```")
    unit = view.column.items[1].units[0]
    height = unit.height
    qtbot.waitUntil(lambda: bool(unit.colours))
    assert unit.colours is not None
    assert sum(length for length, _ in unit.colours) == len(unit.flat)
    assert {"code_keyword", "code_string", "code_function"} <= {token for _, token in unit.colours}
    assert unit.height == height


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x" * 1_000_000,
        "```\n" + "y" * 1_000_000 + "\n```",
        "\x00\x01\xff" * 100_000,
        "word " * 200_000,
        "*" * 50_000,
        "[" * 20_000,
        "> " * 5_000 + "deep",
        "\n".join("  " * number + "- deeper" for number in range(300)),
        "`" * 30_000,
        "| a " * 3_000 + "|\n" + "|---" * 3_000 + "|",
        "\u0301" * 20_000,
        "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 5_000,
    ],
    ids=lambda text: f"{text[:6]!r}x{len(text)}",
)
def test_no_text_freezes_the_view(show: Show, text: str) -> None:
    """Judged by the work done and not by the clock: only what is on show is laid out, in small pieces."""
    view = show(text, text)
    view.viewport().grab()
    laid_out = [unit for item in view.column.items for unit in item.units if unit.page is not None]
    assert sum(unit.length for unit in laid_out) < 150_000


def test_a_very_long_message_is_shown_in_parts_and_copied_whole(qtbot: QtBot, show: Show) -> None:
    text = "A line of words.\n\n" * 150_000
    view = show("Q", text)
    item = view.column.items[1]
    assert len(item.units) < 60_000
    assert item.notice == "Shown: the first 1.0 of 2.7 million characters."
    with qtbot.assertNotEmitted(view.action_requested):
        click(view, 1, "Show more")
    assert item.notice == "Shown: the first 2.0 of 2.7 million characters."
    assert not view.at_end
    view.scroll_to_end()
    click(view, 1, "Show more")
    assert not item.has_notice
    assert len(item.units) == 150_000
    with qtbot.waitSignal(view.copy_requested) as signal:
        view.select_item(item)
        QTest.keyClick(view, Qt.Key.Key_C)
    assert signal.args == [text]


def test_two_thousand_messages_lay_out_only_what_is_seen(show: Show) -> None:
    view = show(*[f"Message {number}\n\n" + "words " * 40 for number in range(2_000)])
    view._reader.stop()
    assert sum(1 for item in view.column.items if any(unit.page for unit in item.units)) < 30
    for value in range(0, view.verticalScrollBar().maximum(), view.verticalScrollBar().maximum() // 50):
        view.verticalScrollBar().setValue(value)
        view.viewport().grab()
    kept = sum(1 for item in view.column.items for unit in item.units if unit.page is not None)
    assert kept <= 240


def test_attachments_and_every_state_are_drawn(show: Show) -> None:
    view = show()
    for state in ("complete", "streaming", "stopped", "failed", "cut"):
        view.append(TranscriptMessage(state, "assistant", "Text", state=state, reason="Why.", progress="Reading"))
    view.append(
        TranscriptMessage("files", "user", "Q", attachments=tuple(FileChip(f"file{n}.py", 10**n) for n in range(8)))
    )
    view.append(TranscriptMessage("empty", "assistant", "", state="streaming", progress="Reading the prompt"))
    assert not view.viewport().grab().toImage().isNull()


_EARLY = """
import sys
from PySide6.QtWidgets import QApplication
app = QApplication([])
from aqe_desktop.ui.widgets.transcript import Transcript
view = Transcript()
view.set_messages([])
view.show()
view.grab()
late = [name for name in ("markdown_it", "pygments", "httpx", "numpy", "asyncio") if name in sys.modules]
sys.exit(", ".join(late) or 0)
"""


def test_an_empty_transcript_imports_neither_markdown_nor_colours() -> None:
    done = subprocess.run([sys.executable, "-c", _EARLY], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
