"""Tables: columns that can be read, a wide one scrolled in its own box, and one in Arabic mirrored."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.widgets.transcript import Transcript
from aqe_desktop.ui.widgets.transcript.item import Item
from aqe_desktop.ui.widgets.transcript.selection import Place
from aqe_desktop.ui.widgets.transcript.slide import handle, track
from aqe_desktop.ui.widgets.transcript.spots import spots
from aqe_desktop.ui.widgets.transcript.table import shared
from aqe_desktop.ui.widgets.transcript.unit import Unit
from tests.ui.transcript.conftest import Show

COLUMNS = 14
WIDE = (
    "| " + " | ".join(f"Column number {n}" for n in range(COLUMNS)) + " |\n" + "|---" * COLUMNS + "|\n"
    "| " + " | ".join(f"Some words about {n}" for n in range(COLUMNS)) + " |"
)  # fmt: skip
ARABIC = "| الاسم | API | ملاحظة |\n|---|---|---|\n| `a()` | 0.8 | نعم |"
WIDE_ARABIC = (
    "| " + " | ".join(["القيمة الافتراضية للحقل"] * COLUMNS) + " |\n" + "|---" * COLUMNS + "|\n"
    "| " + " | ".join(f"`f{n}()`" for n in range(COLUMNS)) + " |"
)  # fmt: skip
_NO_KEY, _SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


def table_of(view: Transcript) -> tuple[Item, Unit]:
    item = view.column.items[1]
    return item, item.units[0]


def wheel(view: Transcript, point: QPoint, angle: QPoint, key: Qt.KeyboardModifier = _NO_KEY) -> None:
    place = QPointF(view.viewport().mapToGlobal(point))
    event = QWheelEvent(
        QPointF(point), place, QPoint(), angle, Qt.MouseButton.NoButton, key, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(view.viewport(), event)


def middle(view: Transcript) -> QPoint:
    item, unit = table_of(view)
    return (view.origin(item) + QPointF(unit.box.center().x(), item.tops[0] + 20)).toPoint()


def column_x(unit: Unit, cell: int) -> float:
    """Where the words of a cell of the first row begin."""
    return unit.caret(sum(len(text) + 1 for text in unit.flat.split("\n")[0].split("\t")[:cell])).x()


@pytest.mark.parametrize("scale", [1.0, 1.6])
@pytest.mark.parametrize("width", [420, 800])
def test_no_column_is_too_narrow_to_be_read(show: Show, width: int, scale: float) -> None:
    theme().apply("light", scale)
    view = show("Q", WIDE, size=(width, 600))
    _, unit = table_of(view)
    places = [column_x(unit, cell) for cell in range(COLUMNS)]
    assert all(after - before >= 96 * scale for before, after in pairwise(places))
    assert unit.over > 0
    assert unit.box.width() == view.column.width


def test_a_table_that_fits_is_as_wide_as_its_words_and_has_no_bar(show: Show) -> None:
    view = show("Q", "| a | b |\n|---|---|\n| one | two |")
    item, unit = table_of(view)
    assert unit.over == 0
    assert unit.page is not None
    assert unit.page.width < 120
    assert not [spot for spot in spots(item, actions=True, top=0, bottom=900) if spot.kind == "bar"]


def test_a_long_sentence_takes_what_the_short_columns_leave(show: Show) -> None:
    view = show("Q", "| n | text |\n|---|---|\n| 1 | " + "a long sentence that wraps " * 20 + " |")
    _, unit = table_of(view)
    assert unit.over == 0
    assert unit.page is not None
    assert view.column.width - 4 <= unit.page.width <= view.column.width
    assert column_x(unit, 1) < 60


@pytest.mark.parametrize("room", [10, 200, 299, 300, 500, 800])
def test_widths_are_shared_without_rest_and_never_below_the_least(room: int) -> None:
    wanted = [(100, 220, 400), (100, 220, 230), (100, 100, 100)]
    widths = shared(wanted, room)
    assert all(low <= width <= high for (low, _, high), width in zip(wanted, widths, strict=True))
    assert sum(widths) <= room or room < 300
    assert sum(widths) >= min(room, 730) - 3


def test_shift_and_the_wheel_scroll_a_wide_table_and_not_the_conversation(show: Show) -> None:
    view = show("Q", WIDE + "\n\n" + "Words.\n\n" * 100)
    view.verticalScrollBar().setValue(0)
    _, unit = table_of(view)
    point = middle(view)
    wheel(view, point, QPoint(0, -120), _SHIFT)
    assert (unit.slid, view.top) == (60, 0)
    wheel(view, point, QPoint(-120, 0))
    assert (unit.slid, view.top) == (120, 0)
    wheel(view, point, QPoint(0, 12_000), _SHIFT)
    assert (unit.slid, view.top) == (0, 0)
    wheel(view, point, QPoint(0, -120_000), _SHIFT)
    assert (unit.slid, view.top) == (unit.over, 0)
    wheel(view, point, QPoint(0, -120))
    assert unit.slid == unit.over
    assert view.top > 0


def test_what_is_scrolled_stays_in_the_box(show: Show) -> None:
    view = show("Q", WIDE)
    item, _ = table_of(view)
    before = view.viewport().grab().toImage()
    wheel(view, middle(view), QPoint(0, -600), _SHIFT)
    after = view.viewport().grab().toImage()
    assert after != before
    left, right = view.column_left, view.column_left + round(view.column.width)
    top, bottom = round(view.origin(item).y() + item.tops[0]), round(view.origin(item).y() + item.tops[1])
    for image in (before, after):
        outside = [x for x in range(image.width()) if not left <= x < right]
        grounds = {image.pixel(x, y) for x in outside for y in range(top, bottom)}
        assert grounds == {theme().color("surface").rgb()}


def test_the_handle_is_dragged_and_a_press_beside_it_brings_it(qtbot: QtBot, show: Show) -> None:
    view = show("Q", WIDE)
    item, unit = table_of(view)
    origin = view.origin(item) + QPointF(0, item.tops[0])
    start = (origin + handle(unit).center()).toPoint()
    button = Qt.MouseButton.LeftButton
    QTest.mousePress(view.viewport(), button, _NO_KEY, start)
    QTest.mouseMove(view.viewport(), start + QPoint(100, 90))
    assert unit.slid > 100
    assert handle(unit).center().x() == pytest.approx(start.x() + 100 - origin.x(), abs=2)
    QTest.mouseRelease(view.viewport(), button, _NO_KEY, start + QPoint(100, 90))
    slid = unit.slid
    QTest.mouseMove(view.viewport(), start)
    assert unit.slid == slid
    assert view.selection.ends is None
    QTest.mouseClick(view.viewport(), button, _NO_KEY, (origin + track(unit).topRight() + QPointF(-2, 5)).toPoint())
    assert unit.slid == unit.over


def test_a_place_that_was_found_is_scrolled_to_sideways(show: Show) -> None:
    view = show("Q", WIDE)
    _, unit = table_of(view)
    view.find_text(f"number {COLUMNS - 1}")
    assert unit.slid > 0
    place = view.finder.place()
    assert place is not None
    assert unit.box.contains(unit.caret(place.position))
    view.find_text("number 0")
    place = view.finder.place()
    assert place is not None
    assert unit.box.contains(unit.caret(place.position))


def test_a_selection_with_the_keys_takes_the_table_along(show: Show) -> None:
    view = show("Q", WIDE)
    item, unit = table_of(view)
    view.setFocus(Qt.FocusReason.TabFocusReason)
    view.selection.set(Place(item, 0, 0), Place(item, 0, 0))
    QTest.keyClick(view, Qt.Key.Key_End, _SHIFT | Qt.KeyboardModifier.ControlModifier)
    assert unit.box.contains(unit.caret(unit.length))
    assert unit.slid > 0


def test_a_click_hits_the_cell_that_is_seen(show: Show) -> None:
    view = show("Q", WIDE)
    item, unit = table_of(view)
    unit.slide(400)
    for cell in range(COLUMNS):
        x = column_x(unit, cell) + 1
        if unit.box.left() < x < unit.box.right():
            place = view.place_at(view.origin(item) + QPointF(x, item.tops[0] + 14))
            assert place is not None
            assert unit.flat[place.position :].startswith(f"Column number {cell}")


def test_a_table_that_grows_keeps_its_place(qtbot: QtBot, show: Show) -> None:
    view = show("Q", WIDE, streaming=True)
    table_of(view)[1].slide(150)
    view.stream(1, "\n| more | words |\n| and | so |\n")
    qtbot.waitUntil(lambda: "so" in table_of(view)[1].flat)
    assert table_of(view)[1].slid == 150


def test_a_wider_window_takes_the_rest_back(show: Show) -> None:
    view = show("Q", WIDE, size=(420, 600))
    _, unit = table_of(view)
    unit.slide(1e6)
    before = unit.over
    assert unit.slid == before > 0
    view.resize(760, 600)
    assert unit.slid == unit.over < before


def test_a_table_in_arabic_begins_at_the_right(show: Show) -> None:
    view = show("Q", ARABIC)
    _, unit = table_of(view)
    first, second, third = (column_x(unit, cell) for cell in range(3))
    assert first > second > third
    assert view.column.width - 16 < first <= view.column.width
    assert unit.flat.split("\n")[0].split("\t")[0] == "الاسم"


def test_an_english_table_with_one_arabic_word_begins_at_the_left(show: Show) -> None:
    view = show("Q", "| الاسم | value | note |\n|---|---|---|\n| a | b | c |")
    _, unit = table_of(view)
    assert not unit.mirrored
    assert column_x(unit, 1) < column_x(unit, 2)


def test_clicks_and_marks_in_a_mirrored_table_are_where_its_words_are(show: Show) -> None:
    view = show("Q", ARABIC)
    item, unit = table_of(view)
    at = unit.flat.index("a()")
    (area,) = unit.rects(at, at + 3)
    assert view.column.width - 60 < area.left() < area.right() < view.column.width
    place = view.place_at(view.origin(item) + QPointF(area.left() + 1, item.tops[0]) + QPointF(0, area.center().y()))
    assert place is not None
    assert place.position == at
    plain = view.viewport().grab().toImage()
    view.find_text("a()")
    marked = view.viewport().grab().toImage()
    changed = [
        x for x in range(plain.width()) for y in range(plain.height()) if plain.pixel(x, y) != marked.pixel(x, y)
    ]
    middle = view.column_left + area.center().x()
    assert abs((min(changed) + max(changed)) / 2 - middle) < 3


def test_a_wide_arabic_table_shows_its_first_column_first_and_scrolls_to_the_left(show: Show) -> None:
    view = show("Q", WIDE_ARABIC)
    _, unit = table_of(view)
    assert unit.mirrored
    assert unit.box.contains(unit.caret(1))
    assert handle(unit).right() == pytest.approx(unit.box.right())
    before = column_x(unit, 3)
    wheel(view, middle(view), QPoint(0, -120), _SHIFT)
    assert column_x(unit, 3) == before + 60
    assert handle(unit).right() < unit.box.right()
    wheel(view, middle(view), QPoint(-120, 0))
    assert column_x(unit, 3) == before
    view.find_text(f"f{COLUMNS - 1}()")
    place = view.finder.place()
    assert place is not None
    assert unit.box.contains(unit.caret(place.position))
