"""A question with files: the bubble is as wide as what it holds, and every file is there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF

from aqe_desktop.ui.widgets.transcript import FileChip, Transcript, TranscriptMessage
from aqe_desktop.ui.widgets.transcript.item import Item
from aqe_desktop.ui.widgets.transcript.spots import file_chips, spots
from tests.ui.conftest import Look
from tests.ui.transcript.conftest import Show

LONG = FileChip("a_very_long_name_" * 12 + ".py", 12_345)
SMALL = FileChip("report.pdf", 12_345)
MANY = (LONG, *(FileChip(f"file{n}.py", 10**n) for n in range(9)))


def asked(show: Show, text: str, *files: FileChip, width: int = 800) -> tuple[Transcript, Item]:
    view = show(size=(width, 600))
    view.set_messages([TranscriptMessage(0, "user", text, attachments=files)])
    view.grab()
    return view, view.column.items[0]


def test_a_bubble_with_one_file_and_no_text_hugs_the_file(show: Show) -> None:
    _, item = asked(show, "", SMALL)
    ((_, chip),) = file_chips(item)
    bubble = item.bubble
    assert chip.left() - bubble.left() == bubble.right() - chip.right() == 10
    assert chip.top() - bubble.top() == bubble.bottom() - chip.bottom() == 8


def test_a_bubble_is_as_wide_as_the_wider_of_files_and_text(show: Show) -> None:
    _, short = asked(show, "Hm", SMALL)
    _, alone = asked(show, "", SMALL)
    assert short.bubble.width() == alone.bubble.width()
    _, long = asked(show, "Look at this report and say what it says, please", SMALL)
    _, without = asked(show, "Look at this report and say what it says, please")
    assert long.bubble.width() == without.bubble.width() > short.bubble.width()


def test_a_very_short_question_has_the_same_room_at_both_sides(show: Show) -> None:
    _, item = asked(show, "a")
    area = item.units[0].rects(0, 1)[0].translated(item.text_left, 0)
    assert item.bubble.right() - area.right() == pytest.approx(area.left() - item.bubble.left(), abs=3)


@pytest.mark.parametrize("rtl", [False, True])
@pytest.mark.parametrize("width", [260, 560, 900])
def test_every_file_is_shown_within_the_bubble_and_on_no_other(look: Look, show: Show, width: int, rtl: bool) -> None:
    look(rtl=rtl)
    _, item = asked(show, "Look at these", *MANY, width=width)
    chips = [area for _, area in file_chips(item)]
    assert len(chips) == len(MANY)
    text = QRectF(item.text_left, item.body_top, item.text_width, 20)
    for number, chip in enumerate(chips):
        assert item.bubble.contains(chip)
        assert not any(chip.intersects(other) for other in [*chips[number + 1 :], text])


def test_a_name_that_was_cut_is_said_whole_by_a_tip(show: Show) -> None:
    _, item = asked(show, "", LONG, SMALL)
    tips = [spot.label for spot in spots(item, actions=False, top=0, bottom=900) if spot.kind == "tip"]
    assert tips == [f"{LONG.name} \u00b7 12.3 kB"]
