"""The reasoning above an answer: folded and quiet, opened by click and key, streamed, selected and spoken."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.widgets.transcript import Transcript, TranscriptMessage
from aqe_desktop.ui.widgets.transcript.item import Item
from aqe_desktop.ui.widgets.transcript.selection import Place
from aqe_desktop.ui.widgets.transcript.spots import FOLD_ACTION, spots
from tests.ui.conftest import Look
from tests.ui.transcript.conftest import CHIP, Show

THOUGHT = "First I look at the loop.\n\n```python\nfor x in y:\n    pass\n```\n\nThen at [this](https://a.example/b)."
ANSWER = "The loop is **fine**."


def reasoned(show: Show, thought: str = THOUGHT, answer: str = ANSWER, state: str = "complete") -> Transcript:
    view = show("Is it right?", answer)
    view.set_messages(
        [
            TranscriptMessage(0, "user", "Is it right?"),
            TranscriptMessage(1, "assistant", answer, chip=CHIP, state=state, reasoning=thought),
        ]
    )
    return view


def item_of(view: Transcript) -> Item:
    return view.column.items[-1]


def fold_spot(view: Transcript) -> QPoint:
    item = item_of(view)
    spot = next(s for s in spots(item, actions=False, top=0, bottom=900) if s.action == FOLD_ACTION)
    return (spot.rect.center() + view.origin(item)).toPoint()


def click(view: Transcript, point: QPoint) -> None:
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)


def test_reasoning_is_folded_until_it_is_clicked(show: Show) -> None:
    view = reasoned(show)
    item = item_of(view)
    assert item.flat == "The loop is fine."
    click(view, fold_spot(view))
    assert item.unfolded
    assert item.flat.startswith("First I look at the loop.\nfor x in y:")
    assert item.flat.endswith("The loop is fine.")
    click(view, fold_spot(view))
    assert item.flat == "The loop is fine."


def test_a_message_without_reasoning_has_no_such_line(show: Show) -> None:
    view = reasoned(show, thought="")
    assert not [s for s in spots(item_of(view), actions=True, top=0, bottom=900) if s.kind == "fold"]


def test_the_arrow_keys_and_the_menu_unfold_it(show: Show) -> None:
    view = reasoned(show)
    view.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert item_of(view).unfolded
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert item_of(view).unfolded
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert not item_of(view).unfolded
    QTest.keyClick(view, Qt.Key.Key_Return)
    (opened,) = view.findChildren(QMenu)
    next(action for action in opened.actions() if action.text() == "Show reasoning").trigger()
    assert item_of(view).unfolded
    opened.close()


def test_the_line_that_was_clicked_stays_where_it_is(qtbot: QtBot, show: Show) -> None:
    view = reasoned(show, thought="\n\n".join(f"Thought {n} about it." for n in range(80)), answer="Short.")
    assert view.at_end
    before = fold_spot(view)
    click(view, before)
    assert fold_spot(view) == before
    assert view.verticalScrollBar().maximum() > 1000
    click(view, before)
    assert fold_spot(view) == before


def test_reasoning_streams_while_it_is_open_and_the_answer_comes_below(qtbot: QtBot, show: Show) -> None:
    view = reasoned(show, thought="", answer="", state="streaming")
    view.stream(1, "Let me", reasoning=True)
    qtbot.waitUntil(lambda: item_of(view).has_reasoning)
    view.fold_reasoning(item_of(view))
    assert item_of(view).flat == "Let me"
    view.stream(1, " think.\n\nAgain", reasoning=True)
    qtbot.waitUntil(lambda: item_of(view).flat == "Let me think.\nAgain")
    view.stream(1, "Yes.")
    qtbot.waitUntil(lambda: item_of(view).flat == "Let me think.\nAgain\nYes.")
    view.finish(1, text="Yes.", reasoning="Let me think.\n\nAgain")
    assert view.message(1).reasoning == "Let me think.\n\nAgain"
    assert item_of(view).flat == "Let me think.\nAgain\nYes."


def test_reasoning_that_comes_late_moves_no_selection(qtbot: QtBot, show: Show) -> None:
    view = reasoned(show, thought="One.", answer="The answer.", state="streaming")
    item = item_of(view)
    view.fold_reasoning(item)
    view.selection.set(Place(item, 1, 0), Place(item, 1, 3))
    assert view.selection.text() == "The"
    view.stream(1, "\n\nTwo.\n\nThree.", reasoning=True)
    qtbot.waitUntil(lambda: item.lead == 3)
    assert view.selection.text() == "The"
    view.fold_reasoning(item)
    assert view.selection.text() == "The"


def test_reasoning_is_selected_and_copied_like_an_answer_but_copy_takes_the_answer(show: Show) -> None:
    view = reasoned(show)
    item = item_of(view)
    view.fold_reasoning(item)
    view.selection.set(Place(item), Place(item, item.lead - 1, 4))
    assert view.selection.text() == "First I look at the loop.\n\nfor x in y:\n    pass\n\nThen"
    copied: list[str] = []
    view.copy_requested.connect(copied.append)
    view.setFocus(Qt.FocusReason.TabFocusReason)
    view.selection.clear()
    QTest.keyClick(view, Qt.Key.Key_C)
    assert copied == [ANSWER]


@pytest.mark.parametrize(
    ("thought", "shown"),
    [
        ("![x](http://a.example/x.png)", "[image not loaded: x, http://a.example/x.png]"),
        ("<img src='http://a.example'>", "<img src='http://a.example'>"),
        ("a\u202eb\x00", "a[U+202E]b\u2400"),
        ("[guide](page:settings)", "[guide](page:settings)"),
    ],
)
def test_reasoning_is_as_harmless_as_an_answer(show: Show, thought: str, shown: str) -> None:
    view = reasoned(show, thought=thought)
    view.fold_reasoning(item_of(view))
    assert item_of(view).units[0].flat == shown
    assert view.grab().toImage().width()


def test_a_reader_hears_of_reasoning_and_reads_it_once_it_is_open(show: Show) -> None:
    view = reasoned(show)
    spoken = QAccessible.queryAccessibleInterface(view)
    message = spoken.child(1)
    assert message is not None
    assert message.state().expandable
    assert message.state().collapsed
    assert "reasoning folded" in message.text(QAccessible.Text.Description)
    view.fold_reasoning(item_of(view))
    assert message.state().expanded
    assert "First I look" in message.text(QAccessible.Text.Value)


def test_reasoning_is_fainter_than_the_answer(show: Show) -> None:
    view = reasoned(show, thought="Quiet words.", answer="Loud words.")
    view.fold_reasoning(item_of(view))
    view.grab()
    quiet, loud = item_of(view).units
    assert quiet.page is not None
    assert loud.page is not None
    colours = [unit.page.sheet.begin().begin().fragment().charFormat().foreground().color() for unit in (quiet, loud)]  # type: ignore[union-attr]
    assert colours == [theme().color("muted"), theme().color("text")]
    assert QColor(colours[0]) != QColor(colours[1])


def test_in_a_mirrored_window_the_line_lies_at_the_right(look: Look, show: Show) -> None:
    look(rtl=True)
    view = reasoned(show)
    view.fold_reasoning(item_of(view))
    assert fold_spot(view).x() > view.width() / 2
    assert view.grab().toImage().width()
