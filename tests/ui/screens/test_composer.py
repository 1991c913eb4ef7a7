"""Drafts, attachments and counts of the composer, over a real store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from aqe_desktop.core.chat import Attachment, Role
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.history import Draft
from aqe_desktop.machine.files import read_attachment
from aqe_desktop.services.chat import Fit
from aqe_desktop.services.history import HistoryService
from aqe_desktop.ui.screens.chat.composer import Composer
from aqe_desktop.ui.screens.chat.composer_state import SAVE_DELAY_MS, ComposerViewModel
from aqe_desktop.ui.screens.chat.view_model import Where
from tests.pictures import png
from tests.ui.screens.conftest import fill, opened_store, until

Play = Callable[[Coroutine[Any, Any, Any]], Any]


async def read(path: Path) -> Attachment:
    return await asyncio.to_thread(read_attachment, path)


async def count(text: str, files: Sequence[Attachment]) -> Fit:
    """A word is a token here; the engine's own counting is tested with the engine."""
    return Fit(len(text.split()) + sum(len(file.text.split()) for file in files), 8192, 512)


def made(history: HistoryService, parent: QWidget) -> Composer:
    composer = Composer(ComposerViewModel(history, read, count, parent), parent)
    composer.resize(700, 160)
    composer.show()
    return composer


def shows(composer: Composer, text: str) -> bool:
    return composer.editor.toPlainText() == text


def test_a_draft_is_kept_per_chat_and_over_a_restart(play: Play, qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)

    async def write() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            history = HistoryService(store)
            first, second = await fill(store, ["one", "two"])
            composer = made(history, window)
            composer.state.show(Where(first.id))
            await asyncio.sleep(0.05)
            composer.editor.insertPlainText("for one")
            await asyncio.sleep((SAVE_DELAY_MS + 150) / 1000)
            assert (await history.draft(first.id)).text == "for one"
            composer.state.show(Where(second.id))
            await until(lambda: composer.editor.toPlainText() == "")
            composer.editor.insertPlainText("for two, typed at the last moment")
            composer.state.show(Where(first.id))
            assert composer.editor.toPlainText() == "for one"
            composer.editor.insertPlainText(", and more")
            await composer.state.aclose()

    async def read_again() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            composer = made(HistoryService(store), window)
            for number, text in ((1, "for one, and more"), (2, "for two, typed at the last moment")):
                composer.state.show(Where(number))
                await until(partial(shows, composer, text))
            await composer.state.aclose()

    play(write())
    play(read_again())


def test_the_text_is_cleared_only_once_the_question_is_kept(play: Play, qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)

    async def scene() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            history = HistoryService(store)
            composer = made(history, window)
            composer.state.begin()
            await asyncio.sleep(0.05)
            sent: list[tuple[str, list[Attachment]]] = []
            composer.send_asked.connect(lambda text, files: sent.append((text, files)))
            QTest.keyClicks(composer.editor, "  ")
            QTest.keyClick(composer.editor, Qt.Key.Key_Return)
            assert not sent
            QTest.keyClicks(composer.editor, "ask")
            QTest.keyClick(composer.editor, Qt.Key.Key_Return)
            assert sent == [("  ask", [])]
            assert composer.editor.toPlainText() == "  ask"
            (chat,) = await fill(store, ["ask"])
            composer.state.sent(Where(), Where(chat.id), *sent[0])
            assert composer.editor.toPlainText() == ""
            await asyncio.sleep(0.1)
            assert await history.draft(None) == Draft()
            QTest.keyClick(composer.editor, Qt.Key.Key_Up)
            assert composer.editor.toPlainText() == "  ask"
            await composer.state.aclose()

    play(scene())


def test_what_was_typed_after_send_is_not_cleared(play: Play, qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)

    async def scene() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            composer = made(HistoryService(store), window)
            composer.editor.insertPlainText("first")
            composer.editor.insertPlainText(" and the next")
            composer.state.sent(Where(), Where(), "first", [])
            assert composer.editor.toPlainText() == "first and the next"
            await composer.state.aclose()

    play(scene())


def test_a_large_paste_becomes_a_file_that_says_its_tokens(play: Play, qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)

    async def scene() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            composer = made(HistoryService(store), window)
            told: list[str] = []
            composer.state.told.connect(told.append)
            mime = QMimeData()
            mime.setText("word and more words\n" * 50_000)
            composer.editor.insertFromMimeData(mime)
            composer.editor.insertFromMimeData(mime)
            await until(lambda: all(file.tokens for file in composer.state.files))
            assert [file.label for file in composer.state.files] == [
                "pasted.txt · 200k tokens",
                "pasted-2.txt · 200k tokens",
            ]
            assert told
            assert composer.state.tokens == 400_000
            assert not composer.send_button.stops
            assert composer.send_button.isEnabled()
            await composer.state.aclose()

    play(scene())


def test_a_file_that_cannot_be_read_is_refused_and_the_others_come(play: Play, qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    (tmp_path / "good.py").write_text("print()\n")
    (tmp_path / "bad.bin").write_bytes(b"\0\1\2" * 100)

    async def scene() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            composer = made(HistoryService(store), window)
            composer.editor.insertPlainText("kept")
            refused: list[str] = []
            composer.state.refused.connect(refused.append)
            composer.state.attach([tmp_path / "bad.bin", tmp_path / "good.py", tmp_path / "none.py"])
            await until(lambda: bool(refused) and len(composer.state.files) == 1)
            first, *named, _hint = refused[0].splitlines()
            assert len(refused) == 1
            assert first == "2 of 3 files were not attached."
            assert ["bad.bin is not text" in named[0], "none.py cannot be read" in named[1]] == [True, True]
            assert composer.editor.toPlainText() == "kept"
            await composer.state.aclose()

    play(scene())


def test_a_file_is_removed_by_the_keyboard(play: Play, qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()

    async def scene() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            composer = made(HistoryService(store), window)
            for name in ("a.py", "b.py"):
                (tmp_path / name).write_text("x\n")
            composer.state.attach([tmp_path / "a.py", tmp_path / "b.py"])
            await until(lambda: len(composer.state.files) == 2)
            assert all(chip.accessibleName().endswith(("B", "tokens", "token")) for chip in composer.chips)
            window.activateWindow()
            for left in (["b.py"], []):
                composer.chips[0].setFocus(Qt.FocusReason.TabFocusReason)
                QTest.keyClick(composer.chips[0], Qt.Key.Key_Delete)
                assert [file.attachment.name for file in composer.state.files] == left
            assert not composer.files.isVisible()
            await composer.state.aclose()

    play(scene())


def test_files_of_a_draft_survive_a_restart_and_are_gone_once_sent(play: Play, qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(f"# {name}\n")

    def names(composer: Composer) -> list[str]:
        return [file.attachment.name for file in composer.state.files]

    async def attach() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            (first,) = await fill(store, ["one"])
            composer = made(HistoryService(store), window)
            composer.state.begin()
            await asyncio.sleep(0.05)
            composer.state.attach([tmp_path / "a.py", tmp_path / "b.py"])
            await until(lambda: names(composer) == ["a.py", "b.py"])
            await until(lambda: composer.state._draft.kept)
            composer.state.attach([tmp_path / "a.py"])
            composer.state.show(Where(first.id))
            await until(lambda: len(composer.state._drafts[Where()].files) == 3)
            composer.state.attach([tmp_path / "b.py"])
            await until(lambda: names(composer) == ["b.py"])
            composer.state.show(Where())
            composer.state.detach(2)
            await composer.state.aclose()

    async def read_again() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            history = HistoryService(store)
            composer = made(history, window)
            composer.state.begin()
            await until(lambda: names(composer) == ["a.py", "b.py"])
            assert [file.attachment.text for file in composer.state.files] == ["# a.py\n", "# b.py\n"]
            sent = [file.attachment for file in composer.state.files]
            composer.state.sent(Where(), Where(1), "", sent)
            composer.state.show(Where(1))
            await asyncio.sleep(0.1)
            assert await history.draft(None) == Draft()
            assert [file.name for file in (await history.draft(1)).attachments] == ["b.py"]
            await composer.state.aclose()

    play(attach())
    play(read_again())


def test_a_draft_that_cannot_be_kept_is_said_once_and_stays_in_the_field(
    play: Play, qtbot: QtBot, tmp_path: Path
) -> None:
    window = QWidget()
    qtbot.addWidget(window)

    async def scene() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            composer = made(HistoryService(store), window)
            composer.state.where = Where(77)
            composer.state._drafts[Where(77)] = composer.state._drafts[Where()]
            failures: list[object] = []
            composer.state.failed.connect(failures.append)
            for word in ("one", " two"):
                composer.editor.insertPlainText(word)
                composer.state.save()
                await asyncio.sleep(0.1)
            assert len(failures) == 1
            assert isinstance(failures[0], UsageError)
            assert composer.editor.toPlainText() == "one two"

    play(scene())


def test_changing_a_question_leaves_the_draft_alone(play: Play, qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)

    async def scene() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            history = HistoryService(store)
            (chat,) = await fill(store, ["one"])
            question = await store.add(chat.id, None, Role.USER, "old words")
            composer = made(history, window)
            composer.state.show(Where(chat.id))
            await asyncio.sleep(0.05)
            composer.editor.insertPlainText("a draft")
            composer.state.begin_edit(question.id, question.text, ())
            assert composer.editor.toPlainText() == "old words"
            assert not composer.editing.isHidden()
            composer.editor.insertPlainText(" changed")
            QTest.keyClick(composer.editor, Qt.Key.Key_Escape)
            assert composer.editor.toPlainText() == "a draft"
            assert composer.editing.isHidden()
            await composer.state.aclose()
            assert (await history.draft(chat.id)).text == "a draft"

    play(scene())


def test_a_picture_from_the_clipboard_becomes_a_file_that_is_not_counted(
    play: Play, qtbot: QtBot, tmp_path: Path
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()

    async def scene() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            composer = made(HistoryService(store), window)
            state = composer.state
            told: list[str] = []
            state.told.connect(told.append)
            mime = QMimeData()
            mime.setImageData(QImage(40, 30, QImage.Format.Format_RGB32))
            composer.editor.insertFromMimeData(mime)
            await until(lambda: len(state.files) == 1)
            composer.editor.insertFromMimeData(mime)
            await until(lambda: len(state.files) == 2)
            assert told == ["The image from the clipboard was attached."] * 2
            assert [each.attachment.name for each in state.files] == ["pasted.png", "pasted-2.png"]
            assert state.files[0].attachment.media == "image/png"
            state.count()
            await until(lambda: composer.tokens.text() == "2 images not counted")
            composer.editor.insertPlainText("What is it?")
            await until(lambda: composer.tokens.text() == "3 tokens · 2 images not counted")
            await until(lambda: state._drafts[Where()].kept)
            assert (await store.draft(None)).attachments == tuple(each.attachment for each in state.files)
            await state.aclose()

    play(scene())


def test_the_chip_of_an_image_says_why_it_stays_opens_it_and_goes_by_key(
    play: Play, qtbot: QtBot, tmp_path: Path
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()

    async def scene() -> None:
        async with opened_store(tmp_path / "h.db") as store:
            composer = made(HistoryService(store), window)
            path = tmp_path / "shot.png"
            path.write_bytes(png(40, 30))
            composer.state.attach([path])
            await until(lambda: len(composer.chips) == 1)
            (file,) = [each.attachment for each in composer.state.files]
            composer.mark_files({file: ("1 image", True)})
            (chip,) = composer.chips
            assert chip.accessibleName() == f"Image shot.png, {file.size} B · private: it cannot be checked"
            opened: list[Attachment] = []
            composer.image_asked.connect(opened.append)
            QTest.mouseClick(chip, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
            QTest.keyClick(chip, Qt.Key.Key_Return)
            assert opened == [file, file]
            QTest.keyClick(chip, Qt.Key.Key_Delete)
            assert composer.state.files == []
            await composer.state.aclose()

    play(scene())
