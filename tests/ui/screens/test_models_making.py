"""Models made of files and of other models, and downloads beyond the first few."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.core.models import ModelRef
from aqe_desktop.ui.screens.models.folders import FoldersSheet
from aqe_desktop.ui.screens.models.making import CopySheet, CreateSheet
from aqe_desktop.ui.screens.models.sheets import GetSheet
from aqe_desktop.ui.widgets.button import Button
from tests.ui.clipping import clipped, settle
from tests.ui.screens.conftest import until
from tests.ui.screens.models_scene import CODER, FAR, HALF, SMALL, Scene, opened

Play = Callable[[Coroutine[Any, Any, Any]], Any]


def names(here: Scene) -> set[str]:
    return {row.listed.model.name for row in here.screen.models.all}


def test_a_model_is_made_of_the_chosen_file_and_what_it_cannot_do_is_said(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            here.screen.models.choose(SMALL)
            assert here.screen.inspector.make.text() == "Create for Ollama"
            assert here.screen.inspector.rename.isHidden()
            here.screen.inspector.make.click()
            sheet = here.window.findChildren(CreateSheet)[-1]
            assert (sheet.file.text(), sheet.name.text()) == (
                *("/models/SmolLM2-135M-Instruct-Q4_1.gguf", "smollm2-135m-instruct-q4_1"),
            )
            here.shelf.steps.put_nowait(ModelBroken("It is no GGUF file.", "Choose another file."))
            sheet.start.click()
            await until(lambda: sheet.failed.message.text() == "It is no GGUF file.")
            here.shelf.steps.put_nowait(replace(HALF, what="Copying"))
            sheet.start.click()
            await until(lambda: sheet.progress is not None and "Copying" in sheet.progress.detail.text())
            assert not sheet.name.isEnabled()
            assert sheet.failed.isHidden()
            here.shelf.steps.put_nowait(None)
            await until(lambda: "Its template knows no tools." in sheet.warned.text())
            assert clipped(sheet) == []
            await until(lambda: "smollm2-135m-instruct-q4_1" in names(here))

    play(scene())


def test_closing_the_sheet_ends_the_making_and_empty_fields_are_marked(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            here.screen.get()
            here.window.findChildren(GetSheet)[-1].close_with("create")
            sheet = here.window.findChildren(CreateSheet)[-1]
            sheet.start.click()
            assert sheet.file.property("invalid")
            assert sheet.name.property("invalid")
            sheet._take(Path("/models/New.gguf"))
            sheet.start.click()
            await until(lambda: sheet.progress is not None)
            sheet.close_with("")
            await until(lambda: not here.window.findChildren(CreateSheet))
            assert "new" not in names(here)

    play(scene())


def test_a_copy_has_a_name_of_its_own_and_a_taken_one_is_refused(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            here.screen.models.choose(FAR)
            assert here.screen.inspector.rename.isHidden()
            here.screen.models.choose(CODER)
            here.screen.inspector.rename.click()
            sheet = here.window.findChildren(CopySheet)[-1]
            sheet.name.setText(FAR.model)
            sheet.save.click()
            await until(lambda: "already" in sheet.failed.message.text())
            sheet.name.setText("mine:7b")
            QTest.keyClick(sheet, Qt.Key.Key_Return)
            await until(lambda: "mine:7b" in names(here))

    play(scene())


def test_every_download_has_a_card_that_can_be_reached(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            downloads = here.screen.view.downloads
            models = [ModelRef("ollama", f"m{number}") for number in range(6)]
            for model in models:
                here.screen.models.pull(model)
            await until(lambda: set(downloads.cards) == set(models))
            settle(here.window)
            assert downloads.verticalScrollBar().maximum() > 0
            last = downloads.cards[models[-1]][1]
            downloads.ensureWidgetVisible(last)
            assert last.visibleRegion().boundingRect().height() == last.height()
            assert here.screen.view.table.height() > 100

    play(scene())


def test_a_log_is_offered_only_where_there_is_one(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            here.shelf.logged = False
            here.screen.models.load()
            await here.read()
            row = here.screen.view.runtimes.rows["ollama"]
            await until(row.log.isHidden)
            here.shelf.logged = True
            here.screen.models.load()
            await until(lambda: not row.log.isHidden())

    play(scene())


def test_a_found_folder_is_offered_and_one_that_was_added_can_go_again(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            here.screen.view.folders.click()
            sheet = here.window.findChildren(FoldersSheet)[-1]
            await until(lambda: acts(sheet) == ["Remove /data/models", "Add /cache/huggingface/hub"])
            assert clipped(sheet) == []
            press(sheet, "Add /cache")
            await until(lambda: len([each for each in acts(sheet) if each.startswith("Remove")]) == 2)
            assert sheet._buttons_by_path[Path("/cache/huggingface/hub")].hasFocus()
            press(sheet, "Remove /data")
            await until(lambda: "Add /data/models" in acts(sheet))
            here.screen.folders.add(Path("/none"))
            await until(lambda: sheet.failed.message.text() == "/none is no folder.")
            sheet.close_with("")
            await until(lambda: not here.window.findChildren(FoldersSheet))

    play(scene())


def acts(sheet: FoldersSheet) -> list[str]:
    """What can be done with the folders, in order."""
    return [each.accessibleName() for each in sheet._content.findChildren(Button) if each.isVisible()]


def press(sheet: FoldersSheet, name: str) -> None:
    next(each for each in sheet._content.findChildren(Button) if each.accessibleName().startswith(name)).click()
