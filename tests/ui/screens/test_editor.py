"""The keys and pastes of the composer's text field."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QImage, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from aqe_desktop.ui.screens.chat.editor import Editor
from aqe_desktop.ui.screens.chat.intake import Intake, Kind
from tests.pictures import png

NONE, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


@pytest.fixture
def editor(qtbot: QtBot) -> Editor:
    made = Editor()
    qtbot.addWidget(made)
    made.resize(500, 80)
    made.show()
    return made


@pytest.mark.parametrize(
    ("with_ctrl", "held", "sends"),
    [(False, NONE, True), (False, SHIFT, False), (False, CTRL, False), (True, NONE, False), (True, CTRL, True)],
)
def test_enter_sends_or_makes_a_line_as_set(
    editor: Editor, with_ctrl: bool, held: Qt.KeyboardModifier, sends: bool
) -> None:
    sent: list[bool] = []
    editor.submitted.connect(lambda: sent.append(True))
    editor.send_with_ctrl = with_ctrl
    editor.insertPlainText("text")
    QTest.keyClick(editor, Qt.Key.Key_Return, held)
    assert bool(sent) is sends
    assert editor.toPlainText() == ("text" if sends else "text\n")


def test_shift_enter_is_a_new_line_under_either_setting(editor: Editor) -> None:
    editor.send_with_ctrl = True
    QTest.keyClick(editor, Qt.Key.Key_Return, SHIFT)
    assert editor.toPlainText() == "\n"


@pytest.mark.parametrize("with_ctrl", [False, True])
def test_composing_with_an_input_method_never_sends(editor: Editor, with_ctrl: bool) -> None:
    sent: list[bool] = []
    editor.submitted.connect(lambda: sent.append(True))
    editor.send_with_ctrl = with_ctrl
    QApplication.sendEvent(editor, QInputMethodEvent("にほん", []))
    QTest.keyClick(editor, Qt.Key.Key_Return, CTRL if with_ctrl else NONE)
    assert not sent
    commit = QInputMethodEvent("", [])
    commit.setCommitString("日本")
    QApplication.sendEvent(editor, commit)
    assert editor.toPlainText().startswith("日本")
    QTest.keyClick(editor, Qt.Key.Key_Return, CTRL if with_ctrl else NONE)
    assert sent


def test_up_and_down_ask_for_history_only_at_the_edges(editor: Editor) -> None:
    asked: list[str] = []
    editor.older_asked.connect(lambda: asked.append("older"))
    editor.newer_asked.connect(lambda: asked.append("newer"))
    editor.insertPlainText("one\ntwo")
    QTest.keyClick(editor, Qt.Key.Key_Up)
    assert asked == []
    QTest.keyClick(editor, Qt.Key.Key_Up)
    QTest.keyClick(editor, Qt.Key.Key_Down)
    assert asked == ["older"]
    QTest.keyClick(editor, Qt.Key.Key_Down)
    assert asked == ["older", "newer"]


@pytest.mark.parametrize("text", ["a line of text\n" * 350_000, "x" * 1_000_000], ids=["5 MB", "one line of 1 MB"])
def test_a_huge_paste_never_reaches_the_field(editor: Editor, text: str) -> None:
    taken: list[Intake] = []
    editor.pasted.connect(taken.append)
    mime = QMimeData()
    mime.setText(text)
    editor.insertFromMimeData(mime)
    assert [intake.kind for intake in taken] == [Kind.ATTACH]
    assert taken[0].text == text
    assert editor.toPlainText() == ""


def test_binary_garbage_changes_nothing_and_a_picture_becomes_no_text(editor: Editor) -> None:
    taken: list[Intake] = []
    pictures: list[QImage | bytes] = []
    editor.pasted.connect(taken.append)
    editor.image_pasted.connect(pictures.append)
    editor.insertPlainText("kept")
    mime = QMimeData()
    mime.setText("\x7fELF\x02\x01\0\0\0")
    editor.insertFromMimeData(mime)
    picture = QMimeData()
    picture.setImageData(QImage(2, 2, QImage.Format.Format_RGB32))
    editor.insertFromMimeData(picture)
    picture.setData("image/png", png())
    editor.insertFromMimeData(picture)
    assert [intake.kind for intake in taken] == [Kind.REFUSE]
    drawn, as_it_is = pictures
    assert isinstance(drawn, QImage)
    assert as_it_is == png()
    assert editor.toPlainText() == "kept"


def test_files_from_the_file_manager_are_attached_not_named(editor: Editor) -> None:
    dropped: list[list[str]] = []
    editor.files_dropped.connect(dropped.append)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/tmp/a.py"), QUrl("https://example.org/x")])
    editor.insertFromMimeData(mime)
    assert dropped == [["/tmp/a.py"]]
    assert editor.toPlainText() == ""


def test_the_field_grows_with_its_text_and_stops(editor: Editor) -> None:
    least = editor.height()
    editor.insertPlainText("\n" * 5)
    grown = editor.height()
    editor.insertPlainText("\n" * 100)
    assert least < grown < editor.height() < 400
