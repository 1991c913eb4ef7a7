"""The find bar: says which place is shown, looks into folded reasoning, and leaves the chat as it was."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from aqe_desktop.ui.screens.chat.find_bar import FindBar
from aqe_desktop.ui.widgets.transcript import Transcript, TranscriptMessage
from tests.ui.conftest import Stage


def opened(stage: Stage) -> tuple[Transcript, FindBar]:
    transcript = Transcript()
    bar = FindBar(transcript)
    stage(bar, transcript, width=700)
    transcript.setMinimumHeight(300)
    transcript.set_messages(
        [
            *(TranscriptMessage(n, "assistant", f"Needle {n}.\n\n" + "Words.\n\n" * 30) for n in range(6)),
            TranscriptMessage("thought", "assistant", "Nothing.", reasoning="A needle in the thoughts."),
        ]
    )
    bar.enter()
    return transcript, bar


def look_for(bar: FindBar, text: str) -> None:
    bar.field.setText(text)
    QTest.keyClick(bar.field, Qt.Key.Key_Return)


def test_the_count_says_which_place_is_shown(stage: Stage) -> None:
    transcript, bar = opened(stage)
    transcript.verticalScrollBar().setValue(transcript.verticalScrollBar().maximum() // 2)
    look_for(bar, "needle")
    first = transcript.finder.number
    assert first > 1
    assert bar.count.text() == f"{first} of 7"
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert bar.count.text() == f"{first + 1} of 7"
    QTest.keyClick(bar.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert bar.count.text() == f"{first} of 7"
    look_for(bar, "absent")
    assert bar.count.text() == "not found"


def test_an_answer_that_comes_meanwhile_is_counted(stage: Stage) -> None:
    transcript, bar = opened(stage)
    look_for(bar, "needle")
    transcript.update_message("thought", text="Two needles, and a needle.")
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert bar.count.text().endswith(" of 9")


def test_escape_folds_what_the_find_has_unfolded(stage: Stage) -> None:
    transcript, bar = opened(stage)
    look_for(bar, "in the thoughts")
    assert bar.count.text() == "1 of 1"
    assert [item.unfolded for item in transcript.column.items][-1:] == [True]
    QTest.keyClick(bar.field, Qt.Key.Key_Escape)  # empties the field
    QTest.keyClick(bar.field, Qt.Key.Key_Escape)
    assert [item.unfolded for item in transcript.column.items][-1:] == [False]
    assert not bar.isVisible()
