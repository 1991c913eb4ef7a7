"""Under a message that failed: everything is said in one place, whole, and one button is the first."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF

from aqe_desktop.ui.widgets.transcript import TranscriptMessage
from aqe_desktop.ui.widgets.transcript.model import Offer
from aqe_desktop.ui.widgets.transcript.notice import lay_out
from aqe_desktop.ui.widgets.transcript.spots import spots
from tests.ui.transcript.conftest import Show

LONG = "Die Antwort wurde unterbrochen, weil der Prozess des Sprachmodells unerwartet beendet worden ist. " * 2
OFFERS = (
    Offer("start", "Start the engine again", "play", primary=True),
    Offer("retry", "Retry", "refresh"),
    Offer("continue", "Continue", "play"),
)


@pytest.mark.parametrize("width", [120.0, 300.0, 480.0, 760.0])
@pytest.mark.parametrize("words", ["It failed.", LONG])
def test_words_and_buttons_never_lie_on_each_other_or_outside(show: Show, width: float, words: str) -> None:
    show("a", "b")
    made = lay_out(words, "The text is kept.", OFFERS, width)
    rects = [made.message, made.hint, *(rect for _, rect in made.buttons)]
    for number, rect in enumerate(rects):
        assert rect.bottom() <= made.height
        assert rect.left() >= 0
        assert all(not rect.intersects(other) for other in rects[number + 1 :])
    assert max(rect.right() for rect in rects) <= max(width, 36 + max(rect.width() for _, rect in made.buttons))


def test_buttons_stand_beside_the_words_where_there_is_room(show: Show) -> None:
    show("a", "b")
    made = lay_out("The engine ended during the reply.", "What had arrived is kept.", OFFERS, 760)
    assert made.message.right() < made.buttons[0][1].left()
    assert made.height < 60


def test_a_notice_takes_its_room_from_no_other_part(show: Show) -> None:
    view = show("a", "b")
    view.set_messages(
        [TranscriptMessage(1, "assistant", "b", state="failed", reason=LONG, hint="Retry.", offers=OFFERS)]
    )
    item = view.column.items[0]
    box = QRectF(0, item.notice_top, item.column_width, item.layout.height)
    assert box.top() >= item.body_bottom
    assert box.bottom() <= item.foot_top
    buttons = [spot for spot in spots(item, actions=True, top=0, bottom=900) if spot.kind == "offer"]
    assert [spot.primary for spot in buttons] == [True, False, False]
    assert all(box.contains(spot.rect) for spot in buttons)


def test_an_answer_stands_close_to_its_question(show: Show) -> None:
    view = show("a", "b")
    question, answer = view.column.items
    gap = view.origin(answer).y() + answer.top - view.origin(question).y() - question.bubble.bottom()
    assert 18 <= gap <= 20
