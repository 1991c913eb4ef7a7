"""Find in the chat: everywhere, as it is read, and the view goes there."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from aqe_desktop.ui.widgets.transcript import Transcript, TranscriptMessage
from aqe_desktop.ui.widgets.transcript.item import Item
from tests.ui.transcript.conftest import CHIP, Show


def thinking(show: Show, *thoughts: str, answer: str = "A needle in the answer.") -> Transcript:
    """One question, and an answer with each of these reasonings."""
    view = show()
    messages = [TranscriptMessage("q", "user", "Where is it?")]
    messages += [TranscriptMessage(n, "assistant", answer, chip=CHIP, reasoning=t) for n, t in enumerate(thoughts)]
    view.set_messages(messages)
    return view


def found_rect_is_seen(view: Transcript) -> bool:
    place = view.finder.place()
    rect = view.place_rect(place) if place else None
    return rect is not None and view.top <= rect.top() <= rect.bottom() <= view.top + view.viewport().height()


def folds(view: Transcript) -> list[bool]:
    return [item.unfolded for item in view.column.items[1:]]


def test_all_places_are_found_in_the_text_as_it_is_read(show: Show) -> None:
    view = show("Find the needle", "A **nee**dle, `needle` and\n\n```\nneedle\n```\n\n| NEEDLE |\n|---|\n| x |", "none")
    assert view.find_text("needle") == 5
    assert view.find_text("NEEdle") == 5
    assert view.find_text("needle", match_case=True) == 4
    assert view.find_text("absent") == 0
    assert view.find_text("") == 0


def test_messages_that_were_never_laid_out_are_searched(show: Show) -> None:
    view = show(*[f"Message {number}" for number in range(500)])
    assert view.find_text("message 7") == 11
    assert view.find_text("Message 3.") == 0


def test_next_and_previous_go_round_and_scroll_there(show: Show) -> None:
    view = show(*[f"Message {number} {'needle' if number in (3, 150, 297) else ''}" for number in range(300)])
    assert view.find_text("needle") == 3
    tops = []
    for expected in (1, 2, 3, 1):
        while view.find_next() != expected:
            pass
        tops.append(view.top)
        place = view.finder.place()
        assert place is not None
        rect = view.place_rect(place)
        assert rect is not None
        assert view.top <= rect.top() <= rect.bottom() <= view.top + view.viewport().height()
    assert tops[0] < tops[1] < tops[2]
    assert view.find_previous() == 3


def test_finding_starts_at_what_is_on_show(show: Show) -> None:
    view = show(*[f"Message {number} needle" for number in range(200)])
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    view.find_text("needle")
    assert 50 < view.finder.number < 150


def test_places_are_marked_and_unmarked(show: Show) -> None:
    view = show("Q", "a needle here")
    plain = view.viewport().grab().toImage()
    view.find_text("needle")
    assert view.viewport().grab().toImage() != plain
    view.clear_find()
    assert view.viewport().grab().toImage() == plain


def test_text_that_came_meanwhile_is_found_by_the_next_step(show: Show) -> None:
    view = show("needle", "nothing")
    assert view.find_text("needle") == 1
    view.update_message(1, text="a needle after all")
    view.find_next()
    assert view.finder.count == 2


def test_letters_beyond_the_basic_plane_do_not_shift_the_marks(show: Show) -> None:
    view = show("Q", "\U0001f600\U0001f600 needle \u0130")
    view.find_text("needle")
    place = view.finder.place()
    assert place is not None
    assert place.position == 5


LONG = "\n\n".join(f"Thought number {n}." for n in range(60)) + "\n\nThe needle of the thoughts.\n\nAnd more."


def test_folded_reasoning_is_searched_and_unfolded_where_the_find_goes(show: Show) -> None:
    view = thinking(show, "Nothing.", LONG)
    assert view.find_text("needle") == 3
    assert view.find_text("of the thoughts") == 1
    assert folds(view) == [False, True]
    assert found_rect_is_seen(view)
    place = view.finder.place()
    assert place is not None
    unit = place.item.units[place.unit]
    assert unit.flat[place.position :].startswith("of the thoughts")


def test_what_was_unfolded_for_a_find_is_folded_when_it_closes(show: Show) -> None:
    view = thinking(show, LONG, LONG)
    view.find_text("needle of")
    view.find_next()
    assert folds(view) == [True, True]
    view.clear_find()
    assert folds(view) == [False, False]


def test_what_the_reader_had_unfolded_or_unfolds_then_stays_so(show: Show) -> None:
    view = thinking(show, LONG, LONG, LONG)
    first, _, third = view.column.items[1:]
    view.fold_reasoning(first)
    view.verticalScrollBar().setValue(0)
    for _ in range(view.find_text("needle of") - 1):
        view.find_next()
    assert folds(view) == [True, True, True]
    view.fold_reasoning(third)
    view.fold_reasoning(third)
    view.clear_find()
    assert folds(view) == [True, False, True]


def test_finds_in_the_answer_stay_marked_while_the_reasoning_above_is_unfolded(show: Show) -> None:
    view = thinking(show, "One needle.\n\nTwo needles.")
    assert view.find_text("needle") == 3
    assert folds(view) == [True]
    for expected in (2, 3, 1):
        assert view.find_next() == expected
        place = view.finder.place()
        assert place is not None
        assert place.item.units[place.unit].flat[place.position :].startswith("needle")
    view.fold_reasoning(view.column.items[1])
    assert view.find_next() == 2
    assert folds(view) == [True]


def test_a_find_in_the_answer_unfolds_nothing(show: Show) -> None:
    view = thinking(show, LONG, answer="The answer alone has a thimble.")
    view.find_text("thimble")
    assert folds(view) == [False]


def line_y(view: Transcript, item: Item) -> float:
    """Where the last line of a message stands in the viewport."""
    return view.origin(item).y() + item.tops[-2]


def test_who_reads_the_answer_stays_there_when_the_find_closes(show: Show) -> None:
    view = thinking(show, LONG, answer="Words.\n\n" * 80 + "End with a needle.")
    view.find_text("needle")
    view.find_next()
    item = view.column.items[1]
    before = line_y(view, item)
    assert 0 < before < view.viewport().height()
    view.clear_find()
    assert line_y(view, item) == before


def test_who_reads_in_the_reasoning_is_left_at_the_head_of_the_message(show: Show) -> None:
    view = thinking(show, LONG, answer="Words.\n\n" * 80)
    view.find_text("of the thoughts")
    item = view.column.items[1]
    assert view.origin(item).y() < -300
    view.clear_find()
    assert view.origin(item) == QPointF(view.column_left, 0)


def test_reasoning_that_still_streams_is_found_without_being_shown(show: Show) -> None:
    view = thinking(show, "Let me", answer="")
    view.update_message(0, state="streaming")
    assert view.find_text("needle") == 0
    view.stream(0, " see a needle", reasoning=True)
    view._tick()
    assert folds(view) == [False]
    assert view.find_next() == 1
    assert view.finder.count == 1
    assert folds(view) == [True]
    assert view.column.items[1].flat == "Let me see a needle"
