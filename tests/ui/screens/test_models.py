"""The models screen over the product's own services: its list, its runtimes, downloads, loading and deleting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from aqe_desktop.core.errors import EngineCrashed
from aqe_desktop.core.models import Loaded, Model, ModelRef, Phase, Removal, RuntimeStatus, Zone
from aqe_desktop.ui.screens.models.listing import Order
from aqe_desktop.ui.screens.models.runtimes import RuntimeRow
from aqe_desktop.ui.screens.models.sheets import DeleteSheet, GetSheet, LogSheet
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.label import Label
from tests.ui.clipping import clipped
from tests.ui.conftest import Look
from tests.ui.screens.conftest import until
from tests.ui.screens.models_scene import CODER, FAR, SMALL, Scene, opened

Play = Callable[[Coroutine[Any, Any, Any]], Any]
OTHER = ModelRef("llamacpp", "Qwen2.5-Coder")
NEW = ModelRef("ollama", "qwen2.5-coder:14b")


def names(here: Scene) -> list[str]:
    return [row.listed.model.name for row in here.screen.models.rows]


def test_one_list_over_all_runtimes_says_what_each_model_is_and_where_it_runs(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            assert names(here) == ["gpt-oss:120b-cloud", "qwen2.5-coder:7b", "SmolLM2-135M-Instruct"]
            cells = [here.cell(0, column) for column in range(9)]
            assert cells[1:6] == ["ollama.com, unproved", "Ollama", "–", "–", "128k"]
            assert cells[6:] == ["tools thinking", "runs at ollama.com", "–"]
            assert [here.cell(2, column) for column in (1, 3, 4, 7)] == [
                *("This device", "98 MB", "Q4_1", "loaded · 310 MB")
            ]
            assert here.screen.view.sum.text() == "3 models, 2 on this device, 4.8 GB"

    play(scene())


def test_search_filter_and_sort_show_what_is_asked_for_and_all_again(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            models = here.screen.models
            here.screen.view.search.setText("code q4_k")
            await until(lambda: names(here) == ["qwen2.5-coder:7b"])
            here.screen.view.search.setText("none such")
            await until(lambda: not models.rows)
            assert here.screen.view._stack.currentWidget() is here.screen.view.nothing
            here.screen.view.nothing.acted.emit()
            assert len(names(here)) == 3
            models.want(zone=Zone.CLOUD)
            assert names(here) == ["gpt-oss:120b-cloud"]
            models.want(zone=None, loaded=True)
            assert names(here) == ["SmolLM2-135M-Instruct"]
            models.clear()
            models.sort(Order.SIZE)
            assert names(here)[0] == "qwen2.5-coder:7b"
            models.sort(Order.SIZE)
            assert names(here)[0] == "gpt-oss:120b-cloud"

    play(scene())


def test_a_runtime_that_fails_says_so_in_its_row_and_the_others_are_listed(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            message = "No Ollama server answers."
            here.ollama.status.put(replace(here.ollama.status.value, phase=Phase.STOPPED, message=message))
            here.screen.models.load()
            row = here.screen.view.runtimes.rows["ollama"]
            await until(lambda: "No Ollama server answers." in row.facts.text())
            assert "SmolLM2-135M-Instruct" in names(here)
            assert row.lead.text() == "Start"
            assert row.lead.isVisible()
            row.lead.click()
            await until(lambda: row.lead.text() == "Stop")
            await here.read()
            assert "qwen2.5-coder:7b" in names(here)

    play(scene())


def test_a_model_that_a_chat_loads_or_lets_go_is_shown_so_without_another_look(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            engine = here.llama
            assert here.cell(2, 7) == "loaded · 310 MB"
            engine.status.put(replace(engine.status.value, phase=Phase.STOPPED, model=None, loaded=()))
            await until(lambda: here.cell(2, 7) != "loaded · 310 MB")

    play(scene())


def test_when_a_model_is_let_go_moves_with_each_answer_and_asks_nobody(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            status = here.llama.status
            assert here.cell(2, 7) == "loaded · 310 MB"
            here.llama.held = []
            later = Loaded(SMALL, 310_000_000, until=int((time.time() + 600) * 1000))
            status.put(replace(status.value, loaded=(later,)))
            await until(lambda: " · until " in here.cell(2, 7))

    play(scene())


def _says(row: RuntimeRow, words: str) -> bool:
    return words in row.facts.text()


def test_a_load_of_one_runtime_moves_nothing_and_asks_no_other(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            row, view = here.screen.view.runtimes.rows["llamacpp"], here.screen.view
            await until(lambda: here.cell(1, 1) == "This device")
            sums, high, told = view.sum.text(), row.sizeHint().height(), row.fold.isHidden()
            here.ollama.hold = asyncio.Event()
            steps = (("Starting the engine", None), ("Loading the model", 0.4))
            for message, progress in steps:
                phase = Phase.STARTING if progress is None else Phase.LOADING
                status = RuntimeStatus("llamacpp", "llama.cpp", phase, model=SMALL, message=message, progress=progress)
                here.llama.status.put(status)
                await until(partial(_says, row, message))
                assert (view.sum.text(), row.sizeHint().height(), row.fold.isHidden()) == (sums, high, told)
                assert [here.cell(at, 1) for at in range(3)] == ["ollama.com, unproved", "This device", "This device"]
                await here.read()
                assert [here.cell(at, 7) for at in range(2)] == ["runs at ollama.com", "–"]
                assert view.sum.text() == sums
            assert "40" in row.light.text()

    play(scene())


def test_what_a_load_puts_out_of_memory_is_said_before_and_while_it_still_answers(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            status, models = here.llama.status, here.screen.models
            status.put(replace(status.value, single=True))
            here.llama.held.append(Model(OTHER, "Qwen2.5 Coder", 491_000_000))
            models.load()
            await here.read()
            models.choose(OTHER)
            said = here.screen.inspector.state
            assert said.text() == "Loading it puts SmolLM2-135M-Instruct out of memory; an answer under way ends first."
            assert not said.isHidden()
            both = (Loaded(OTHER, 800_000_000), *status.value.loaded)
            status.put(replace(status.value, model=OTHER, loaded=both))
            await until(lambda: "SmolLM2-135M-Instruct leaves memory when its answer ends." in said.text())
            await here.read()
            status.put(replace(status.value, loaded=both[:1]))
            await until(lambda: "SmolLM2" not in said.text())

    play(scene())


def test_a_server_that_somebody_else_started_has_no_stop(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            row = here.screen.view.runtimes.rows["ollama"]
            assert row.lead.isHidden()
            assert row._warnings.count() == 1

    play(scene())


def test_the_chosen_model_can_be_loaded_and_let_go_and_a_failure_is_said(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            inspector = here.screen.inspector
            here.screen.models.choose(CODER)
            await until(lambda: here.screen.models.details is not None)
            inspector.load.click()
            await until(lambda: inspector.load.text() == "Unload")
            inspector.load.click()
            await until(lambda: inspector.load.text() == "Load")
            here.ollama.fails = EngineCrashed("The engine ended.", "Load it again.")
            inspector.load.click()
            await until(lambda: here.screen.view.failed.message.text() == "The engine ended.")
            inspector.copy.click()
            assert QGuiApplication.clipboard().text() == str(CODER)

    play(scene())


def test_a_delete_is_asked_and_enter_keeps_the_model(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            here.screen.models.choose(CODER)
            for key in ("keep", "delete"):
                here.screen.inspector.delete.click()
                await until(lambda: here.window.findChildren(DeleteSheet))
                sheet = here.window.findChildren(DeleteSheet)[-1]
                if key == "keep":
                    QTest.keyClick(sheet, Qt.Key.Key_Return)
                else:
                    sheet.close_with(key)
                # As many turns of the loop as the delete and the look after it need.
                await asyncio.sleep(0.05)
                await here.read()
                assert len(names(here)) == 3 - (key == "delete")

    play(scene())


def test_what_goes_to_the_trash_is_said_to_with_who_else_stands_on_its_files(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            here.shelf.removes, here.shelf.used = Removal.TRASH, ("Ollama stands on the same file.",)
            here.screen.models.choose(CODER)
            here.screen.inspector.delete.click()
            await until(lambda: here.window.findChildren(DeleteSheet))
            sheet = here.window.findChildren(DeleteSheet)[-1]
            said = " ".join(label.text() for label in sheet.findChildren(Label))
            assert f"Move {CODER} to the trash?" in said
            assert "can be brought back" in said
            assert "Ollama stands on the same file." in said
            told: list[str] = []
            here.screen.models.done.connect(told.append)
            sheet.close_with("delete")
            await until(lambda: told == [f"{CODER} lies in the trash."])

    play(scene())


def test_a_model_that_another_program_keeps_has_no_delete(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            here.screen.models.choose(SMALL)
            assert here.screen.inspector.delete.isHidden()

    play(scene())


def test_the_memory_picture_is_there_only_where_somebody_reckons(play: Play) -> None:
    async def scene(plans: bool) -> None:
        async with opened(plans=plans) as here:
            await here.read()
            here.screen.models.choose(CODER)
            await until(lambda: here.screen.models.details is not None)
            picture = here.screen.inspector.memory
            assert picture.isHidden() is not plans
            if plans:
                assert picture.sentence.text() == "Fits with 31 of 48 layers on the GPU."
                await until(lambda: "No GPU was found." in here.screen.view.hardware.text())

    play(scene(True))
    play(scene(False))


def test_a_log_is_read_only_while_it_is_open(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            here.screen.view.runtimes.rows["ollama"].log.click()
            sheet = here.window.findChildren(LogSheet)[-1]
            await until(lambda: "line 2" in sheet.text.toPlainText())
            sheet.close_with("")
            await until(lambda: not here.screen.models._following.busy)

    play(scene())


def test_a_model_is_got_by_name_or_out_of_the_list_for_this_computer(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            here.screen.get()
            sheet = here.window.findChildren(GetSheet)[-1]
            await until(lambda: here.screen.models.recommended)
            offered = [each for each in sheet._content.findChildren(Button) if not each.isHidden()]
            assert [each.accessibleName() for each in offered] == ["Download Qwen2.5-Coder 7B"]
            sheet.name.setText("")
            sheet.pull.click()
            assert sheet.name.property("invalid")
            sheet.name.setText(NEW.model)
            sheet.pull.click()
            await until(lambda: NEW in here.screen.view.downloads.cards)

    play(scene())


def test_five_thousand_models_are_rows_of_one_list_without_a_widget_each(play: Play) -> None:
    async def scene() -> None:
        async with opened(more=5000) as here:
            await here.read()
            table = here.screen.view.table
            assert table.rows.rowCount() == 5003
            assert len(table.findChildren(Button)) == 0
            here.screen.models.want(words="m4999")
            assert table.rows.rowCount() == 1

    play(scene())


def test_the_keyboard_reaches_a_model_and_loads_it(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            table = here.screen.view.table
            table.setFocus(Qt.FocusReason.TabFocusReason)
            QTest.keyClick(table, Qt.Key.Key_Down)
            await until(lambda: here.screen.models.chosen == CODER)
            QTest.keyClick(table, Qt.Key.Key_Return)
            await until(lambda: here.ollama.status.value.loaded)

    play(scene())


def test_tab_goes_through_the_screen_as_the_eye_does_also_to_what_came_later(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            here.screen.models.choose(CODER)
            here.screen.models.pull(NEW)
            await until(lambda: NEW in here.screen.view.downloads.cards and here.screen.load.saved is not None)
            widget, seen = here.screen.view.search.nextInFocusChain(), []
            while widget is not here.screen.view.search and widget is not None:
                if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                    seen.append(widget.accessibleName())
                widget = widget.nextInFocusChain()
            wanted = ["Folders", "Get a model", "Show the log of Ollama", "Sort by", f"Cancel: {NEW.model}", "Models"]
            wanted += [f"Load {CODER.model}", "Context length, tokens", "More settings", "Save", "Copy reference"]
            assert [name for name in seen if name in wanted][: len(wanted)] == wanted

    play(scene())


def test_the_user_can_begin_a_chat_with_the_chosen_model(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            asked: list[ModelRef] = []
            here.screen.chat_asked.connect(asked.append)
            here.screen.models.choose(FAR)
            here.screen.inspector.use.click()
            assert asked == [FAR]

    play(scene())


@pytest.mark.parametrize(("scale", "rtl"), [(1.0, False), (1.5, False), (1.0, True)])
def test_no_word_on_it_is_cut_off(play: Play, look: Look, scale: float, rtl: bool) -> None:
    async def scene() -> None:
        look("light", scale, rtl=rtl)
        async with opened() as here:
            await here.read()
            here.screen.models.choose(CODER)
            await until(lambda: here.screen.models.details is not None)
            assert clipped(here.window) == []

    play(scene())
