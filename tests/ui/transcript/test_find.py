"""Find in the chat: everywhere, as it is read, and the view goes there."""

from __future__ import annotations

from tests.ui.transcript.conftest import Show


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
