"""Both directions in one line: code and addresses keep their own, and no position moves by it."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QTextCursor

from aqe_desktop.ui.widgets.transcript.bidi import reads_right_to_left, table_reads_right_to_left
from aqe_desktop.ui.widgets.transcript.markdown import pieces
from aqe_desktop.ui.widgets.transcript.pieces import Run, TextPiece
from aqe_desktop.ui.widgets.transcript.selection import Place
from aqe_desktop.ui.widgets.transcript.unit import Unit
from tests.ui.transcript.conftest import Show

MIXED = (
    "هذا نص مع `code()` داخل السطر",
    "استخدم `git commit -m \"x\"` ثم `items[0]`",
    "ראה [כאן](https://example.org/a/) עכשיו",
    "ראה <https://example.org/a/> עכשיו",
    "- עם `a()` ו `b()`",
    "English with `\"שלום\" + x` in it",
)  # fmt: skip


def unit_of(show: Show, text: str, *, own: bool = False) -> Unit:
    view = show(text) if own else show("Q", text)
    return view.column.items[0 if own else 1].units[0]


def left_to_right(unit: Unit, words: str) -> list[str]:
    """The letters of a stretch as they stand, from the left."""
    at = unit.flat.index(words)
    areas = [(unit.rects(at + n, at + n + 1)[0].center().x(), char) for n, char in enumerate(words) if char != " "]
    return [char for _, char in sorted(areas)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("هذا نص مع `code()` داخل السطر", "code()"),
        ("استخدم `git commit -m \"x\"` ثم", 'git commit -m "x"'),
        ("- `a[0]()` הוא", "a[0]()"),
        ("| דבר | `f(x)!` מילה |\n|---|---|", "f(x)!"),
        ("ראה [כאן](https://example.org/a/) עכשיו", "https://example.org/a/"),
        ("ראה <https://example.org/a/> עכשיו", "https://example.org/a/"),
        ('before `x = "שלום";` after', "x = "),
    ],
)  # fmt: skip
def test_code_and_addresses_read_from_the_left_among_words_from_the_right(show: Show, text: str, code: str) -> None:
    assert left_to_right(unit_of(show, text), code) == list(code.replace(" ", ""))


def test_code_in_a_question_reads_from_the_left_as_well(show: Show) -> None:
    unit = unit_of(show, "מה זה `code()` ?", own=True)
    assert left_to_right(unit, "code()") == list("code()")


def test_words_decide_the_direction_and_not_the_code_before_them(show: Show) -> None:
    unit = unit_of(show, "`print` היא פונקציה")
    assert unit.rects(0, 5)[0].left() > unit.rects(6, 9)[0].left()
    assert not reads_right_to_left("print היא")


@pytest.mark.parametrize("text", MIXED)
def test_what_directs_is_neither_copied_nor_counted(show: Show, text: str) -> None:
    view = show("Q", text)
    item = view.column.items[1]
    unit = item.units[0]
    assert unit.page is not None
    assert unit.page.hidden
    view.selection.set(Place(item, 0, 0), Place(item, 0, unit.length))
    assert view.selection.text() == unit.copied(unit.flat)
    assert not {"\u2066", "\u2069"} & set(unit.flat)
    for position in range(unit.length):
        inside = unit.page.inside(position)
        cursor = QTextCursor(unit.page.sheet)
        cursor.setPosition(inside)
        cursor.setPosition(inside + 1, QTextCursor.MoveMode.KeepAnchor)
        assert cursor.selectedText().replace("\u2003", "\t") == unit.flat[position]
        assert unit.page.outside(inside) == position


def test_plain_text_gets_nothing_hidden(show: Show) -> None:
    unit = unit_of(show, "A `code()` and [a](https://example.org) and caf\u00e9")
    assert unit.page is not None
    assert unit.page.hidden == []


def test_a_word_is_selected_whole_beside_code(show: Show) -> None:
    unit = unit_of(show, "نص `name` آخر")
    at = unit.flat.index("name")
    assert unit.word_at(at + 1) == (at, at + 4)


def test_a_find_across_both_directions_is_marked_where_it_stands(show: Show) -> None:
    unit = unit_of(show, "אבג `code()` דהו")
    at = unit.flat.index("code")
    (code,) = unit.rects(at, at + 4)
    words = unit.rects(0, 3)
    assert len(words) == 1
    assert words[0].left() >= code.right()
    assert code.width() == pytest.approx(4 * 7.19, abs=2)


def test_a_table_is_judged_by_most_of_its_head() -> None:
    def row(*cells: str) -> tuple[tuple[Run, ...], ...]:
        return tuple((Run(cell),) for cell in cells)

    assert table_reads_right_to_left([row("API", "שם", "ערך")])
    assert not table_reads_right_to_left([row("API", "name", "ערך")])
    assert table_reads_right_to_left([row("1", ""), row("שם", "2")])
    assert not table_reads_right_to_left([row("1", ""), row("3", "2")])


def test_no_mark_that_directs_comes_from_a_model() -> None:
    from aqe_desktop.ui.widgets.transcript.blocks import Splitter

    splitter = Splitter()
    splitter.feed("שלום \u2066evil\u2069 `a\u2066b`")
    splitter.finish()
    (piece,) = pieces(splitter.closed[0])
    assert isinstance(piece, TextPiece)
    assert "\u2066" not in piece.flat
    assert "[U+2066]" in piece.flat
