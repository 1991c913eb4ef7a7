"""Streaming: what came is shown, the reader's place holds, and only the open end is rendered again."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from aqe_desktop.ui.widgets.transcript import Offer, Transcript, TranscriptMessage
from aqe_desktop.ui.widgets.transcript.spots import spots
from tests.bench.transcript_answer import answer
from tests.ui.transcript.conftest import Show

_LONG = "\n\n".join(f"Paragraph {number} with some words in it." for number in range(60))


def texts(view: Transcript, index: int = -1) -> list[str]:
    return [unit.flat for unit in view.column.items[index].units]


def settle(qtbot: QtBot, view: Transcript) -> None:
    qtbot.waitUntil(lambda: not view._pending and not view._timer.isActive())


def streamed(qtbot: QtBot, view: Transcript, text: str, size: int = 7) -> None:
    for start in range(0, len(text), size):
        view.stream(1, text[start : start + size])
    settle(qtbot, view)


def test_streamed_text_is_shown_as_the_whole_text_is(qtbot: QtBot, show: Show) -> None:
    text = "".join(answer(2_000))
    view = show("Go", "", streaming=True)
    for number, token in enumerate(answer(2_000)):
        view.stream(1, token)
        if number % 200 == 0:
            settle(qtbot, view)
    view.finish(1)
    other = show("Go", text)
    assert texts(view) == texts(other)
    assert view.message(1).text == text
    assert [unit.gap for unit in view.column.items[1].units] == [unit.gap for unit in other.column.items[1].units]
    assert view.column.total == pytest.approx(other.column.total, rel=0.15)


def test_a_delta_is_gathered_and_not_rendered_at_once(qtbot: QtBot, show: Show) -> None:
    view = show("Go", "", streaming=True)
    view.stream(1, "Hello")
    view.stream(1, " there")
    assert texts(view) == []
    settle(qtbot, view)
    assert texts(view) == ["Hello there"]


def test_finished_blocks_are_rendered_once(qtbot: QtBot, show: Show) -> None:
    view = show("Go", "", streaming=True)
    streamed(qtbot, view, "One.\n\nTwo.\n\nThree")
    first = view.column.items[1].units[:2]
    pages = [unit.page for unit in first]
    streamed(qtbot, view, " and more.\n\nFour")
    assert view.column.items[1].units[:2] == first
    assert [unit.page for unit in first] == pages
    assert texts(view) == ["One.", "Two.", "Three and more.", "Four"]


def test_lines_of_open_code_are_appended_to_the_same_page(qtbot: QtBot, show: Show) -> None:
    view = show("Go", "", streaming=True)
    streamed(qtbot, view, "```python\na = 1\n")
    (unit,) = view.column.items[1].units
    page = unit.page
    streamed(qtbot, view, "b = 2\nc")
    assert view.column.items[1].units == [unit]
    assert unit.page is page
    assert page is not None
    assert page.sheet.toPlainText() == unit.flat == "a = 1\nb = 2\nc"


def test_a_reader_at_the_end_stays_at_the_end(qtbot: QtBot, show: Show) -> None:
    view = show("Go", _LONG, streaming=True)
    for _ in range(5):
        streamed(qtbot, view, "\n\nMore words that take a line.")
        assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    assert view.at_end


def test_nothing_moves_under_a_reader_who_is_elsewhere(qtbot: QtBot, show: Show) -> None:
    view = show("Go", _LONG, streaming=True)
    view.verticalScrollBar().setValue(300)
    assert not view.at_end
    before = view.viewport().grab().toImage()
    streamed(qtbot, view, "\n\nMore words." * 30)
    view._to_end.hide()
    assert view.viewport().grab().toImage() == before


def test_new_lines_below_are_counted_and_one_click_away(qtbot: QtBot, show: Show) -> None:
    view = show("Go", _LONG, streaming=True)
    assert view._to_end.isHidden()
    view.verticalScrollBar().setValue(100)
    assert view._to_end.isHidden()
    streamed(qtbot, view, "\n\nMore." * 10)
    assert view._to_end.isVisible()
    assert view._to_end.text().endswith("new lines")
    with qtbot.waitSignal(view.reached_end_changed) as signal:
        view._to_end.click()
    assert signal.args == [True]
    assert view.at_end
    assert view._to_end.isHidden()


def test_measuring_above_the_view_does_not_move_it(qtbot: QtBot, show: Show) -> None:
    """Going up by small steps, each step moves the text by exactly that step, whatever was guessed wrong."""
    view = show(*[f"{'word ' * (number % 50)}\n\n# Head\n\n{'x' * (number * 13 % 400)}" for number in range(60)])
    bar = view.verticalScrollBar()
    for _ in range(120):
        anchor = view.column._anchor
        assert anchor is not None
        before, value = view.column._y(anchor) - bar.value(), bar.value()
        bar.setValue(value - 40)
        if bar.value() == 0:
            break
        assert view.column._y(anchor) - bar.value() - before == pytest.approx(40, abs=1.01)


def test_a_narrower_window_keeps_the_line_that_is_read(show: Show) -> None:
    view = show(*[f"Message {number}. " + "Some words to wrap around. " * 12 for number in range(40)])
    view.verticalScrollBar().setValue(2_000)
    anchor = view.column._anchor
    assert anchor is not None
    item, unit = anchor.item, anchor.unit
    view.resize(500, 600)
    view.resize(900, 500)
    assert view.column._anchor is not None
    assert (view.column._anchor.item, view.column._anchor.unit) == (item, unit)


def test_finish_keeps_the_text_and_says_what_happened(qtbot: QtBot, show: Show) -> None:
    view = show("Go", "", streaming=True)
    view.stream(1, "Half an ans")
    view.finish(1, state="failed", reason="The engine ended.", offers=(Offer("retry", "Retry"),), meta="3 tokens")
    message = view.message(1)
    assert (message.text, message.state, message.reason, message.meta) == (
        "Half an ans",
        "failed",
        "The engine ended.",
        "3 tokens",
    )
    assert texts(view) == ["Half an ans"]


def test_deltas_for_a_removed_message_are_dropped(qtbot: QtBot, show: Show) -> None:
    view = show("Go", "", streaming=True)
    view.stream(1, "text")
    view.remove_after(0)
    settle(qtbot, view)
    assert view.ids() == [0]
    view.stream(1, "late")
    settle(qtbot, view)
    assert view.ids() == [0]


def test_a_message_is_appended_changed_and_removed(show: Show) -> None:
    view = show("a", "b")
    view.append(TranscriptMessage("new", "user", "c"))
    view.update_message("new", text="changed **as typed**")
    assert texts(view) == ["changed **as typed**"]
    view.remove_after(None)
    assert view.ids() == []
    with pytest.raises(KeyError):
        view.update_message("new", text="")


def test_a_slow_tick_makes_the_next_one_wait(qtbot: QtBot, show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    view = show("Go", "", streaming=True)
    times = iter([0.0, 0.050])
    monkeypatch.setattr("aqe_desktop.ui.widgets.transcript.view.time.perf_counter", lambda: next(times, 0.050))
    view.stream(1, "x")
    settle(qtbot, view)
    assert view._timer.interval() == 150


@pytest.mark.parametrize("versions", [(1, 1), (1, 2)])
def test_what_a_continued_answer_waits_for_stands_under_its_text_and_moves_nothing(
    qtbot: QtBot, show: Show, versions: tuple[int, int]
) -> None:
    view = show("Q", "Half of it", streaming=True)
    view.update_message(1, versions=versions)
    item = view.column.items[1]
    plain, height = view.viewport().grab().toImage(), item.height
    view.update_message(1, progress="Reading the prompt, 12 of 300 tokens")
    assert item.waits == "Reading the prompt, 12 of 300 tokens"
    assert item.height == height
    waiting = view.viewport().grab().toImage()
    rows = [y for y in range(plain.height()) if any(plain.pixel(x, y) != waiting.pixel(x, y) for x in range(800))]
    top = view.origin(item).y() + item.foot_top
    assert top <= min(rows) < max(rows) < top + item.foot
    words = [spot for spot in spots(item, actions=True, top=0, bottom=900) if spot.kind != "tip"]
    assert [spot.kind for spot in words] == ([] if versions == (1, 1) else ["version", "count", "version"])
    view.update_message(1, progress="")
    assert view.viewport().grab().toImage() == plain


def test_an_answer_without_a_word_waits_in_the_place_of_its_text(show: Show) -> None:
    view = show("Q", "", streaming=True)
    view.update_message(1, progress="Reading the prompt")
    assert view.column.items[1].waits == ""
