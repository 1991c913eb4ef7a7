"""How a model is loaded, edited beside it: what is taken, what the engine lacks, and what it was really loaded with."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest

from aqe_desktop.core.loading import ALL, KV_TYPES, NEVER, SETTINGS, LoadSettings
from aqe_desktop.core.models import Loaded
from aqe_desktop.ui.screens.models.load_editors import FilesEditor, NumberEditor
from aqe_desktop.ui.screens.models.load_form import LACKING
from aqe_desktop.ui.screens.models.words import loaded_facts, on_gpu, setting_words, stay_of
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.param import FactRow
from tests.ui.clipping import clipped
from tests.ui.conftest import Look
from tests.ui.screens.conftest import until
from tests.ui.screens.models_scene import CODER, SMALL, Scene, opened

Play = Callable[[Coroutine[Any, Any, Any]], Any]


async def choose(here: Scene, model: Any = SMALL) -> None:
    await here.read()
    here.screen.models.choose(model)
    await until(lambda: here.screen.load.saved is not None and here.screen.models.plan is not None)


def number(here: Scene, name: str) -> NumberEditor:
    editor = here.screen.inspector.form.rows[name].editor
    assert isinstance(editor, NumberEditor)
    return editor


def type_into(editor: NumberEditor, text: str) -> None:
    editor.setFocus()
    editor.selectAll()
    QTest.keyClicks(editor, text)


def facts(here: Scene) -> dict[str, str]:
    """What stands under "Loaded with"."""
    column = here.screen.inspector.loaded
    rows = [item.widget() for item in map(column.itemAt, range(column.count())) if item is not None]
    return {row.label.text(): row.value.text() for row in rows if isinstance(row, FactRow)}


def test_the_memory_plan_follows_what_is_typed_and_only_what_can_be_is_saved(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await choose(here)
            form, context = here.screen.inspector.form, number(here, "context")
            assert not form.save.isEnabled()
            type_into(context, "16384")
            await until(lambda: here.planner.asked[-1].context == 16384)
            assert form.save.isEnabled()
            type_into(context, "12")
            assert not form.save.isEnabled()
            assert "from 256 to" in context.accessibleDescription()
            type_into(context, "4096")
            form.save.click()
            await until(lambda: here.screen.load.saved == LoadSettings(context=4096))
            assert not form.save.isEnabled()
            here.screen.models.choose(CODER)
            await choose(here)
            assert context.value == 4096
            form.back.click()
            assert here.screen.load.draft == LoadSettings()
            form.back.click()
            assert context.value == 4096

    play(scene())


def test_words_stand_for_every_layer_and_for_ever_and_an_empty_field_is_left_to_the_engine(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await choose(here)
            layers, stay = number(here, "gpu_layers"), number(here, "keep_alive_s")
            type_into(layers, "all")
            type_into(stay, "Never")
            assert (layers.value, stay.value) == (ALL, NEVER)
            assert here.screen.load.draft == LoadSettings(gpu_layers=ALL, keep_alive_s=NEVER)
            stay.clearFocus()
            assert stay.text() == "never"
            type_into(layers, "some")
            assert "or “all”" in layers.accessibleDescription()
            type_into(layers, "auto")
            assert layers.value is None

    play(scene())


def test_what_an_engine_lacks_cannot_be_set_and_says_who_has_it(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await choose(here, CODER)
            rows = here.screen.inspector.form.rows
            assert rows["kv_type"].editor.isHidden()
            assert rows["kv_type"].lacking.text() == LACKING
            assert rows["kv_type"].text.text() == "Ollama lacks this setting. llama.cpp has it."
            assert rows["draft"].text.text() == "Ollama lacks this setting."
            assert not rows["context"].editor.isHidden()
            assert rows["context"].lacking.isHidden()

    play(scene())


def test_a_server_that_takes_no_settings_has_no_form(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            here.ollama.takes = frozenset()
            await choose(here, CODER)
            form = here.screen.inspector.form
            assert form.nothing.text() == "Ollama loads its models by its own settings."
            assert form.save.isHidden() or not form.save.isVisible()

    play(scene())


def test_what_cannot_be_saved_is_said_beside_it_until_something_else_is_written(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await choose(here)
            form = here.screen.inspector.form
            here.screen.load.edit("flash_attention", False)
            here.screen.load.edit("kv_type", "q8_0")
            form.save.click()
            await until(lambda: not form.failed.isHidden())
            assert form.failed.message.text() == "A cache of type q8_0 needs flash attention."
            assert here.screen.load.dirty
            here.screen.load.edit("kv_type", "f16")
            assert form.failed.isHidden()

    play(scene())


def test_every_setting_has_a_label_a_sentence_and_an_editor_that_says_its_name(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await choose(here)
            form = here.screen.inspector.form
            form.more.click()
            for row in SETTINGS:
                shown = form.rows[row.name]
                assert shown.editor.accessibleName().startswith(row.label)
                assert row.explanation in shown.editor.accessibleDescription()
                assert shown.text.isVisible()
            form.rows["kv_type"].editor.value_changed.emit(KV_TYPES[2])
            form.rows["lora"].editor.value_changed.emit(("/models/a.gguf",))
            assert here.screen.load.draft == LoadSettings(kv_type="q8_0", lora=("/models/a.gguf",))
            form.more.click()
            assert form.more.text() == "More settings (1 set)"

    play(scene())


def test_files_are_chosen_and_taken_out_again_one_by_one(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await choose(here)
            form = here.screen.inspector.form
            form.more.click()
            editor = form.rows["lora"].editor
            assert isinstance(editor, FilesEditor)
            for count, name in enumerate(("one", "two"), 1):
                editor._pick = _picks(Path(f"/models/{name}.gguf"))
                editor.add.click()
                await until(partial(_holds, here, count))
            assert [each.text() for each in editor.findChildren(Label) if each.isVisible()] == ["one.gguf", "two.gguf"]
            editor._take(editor._paths[1:])
            assert here.screen.load.draft.lora == ("/models/two.gguf",)

    play(scene())


def test_a_model_is_loaded_with_what_stands_in_the_form_and_what_comes_later_waits(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await choose(here, CODER)
            inspector = here.screen.inspector
            type_into(number(here, "context"), "16384")
            type_into(number(here, "batch"), "512")
            inspector.load.click()
            await until(lambda: inspector.load.text() == "Unload")
            assert here.screen.load.saved == LoadSettings(context=16384, batch=512)
            await until(lambda: "Batch" in facts(here))
            assert facts(here)["Context length"] == f"{setting_words('context', 8192)}, not 16\u2009384"
            assert facts(here)["Batch"] == "512, unconfirmed"
            assert inspector.form.again.isHidden()
            type_into(number(here, "batch"), "1024")
            inspector.form.save.click()
            await until(lambda: not inspector.form.again.isHidden())
            assert "Batch" not in facts(here)
            inspector.form.again.click()
            await until(lambda: inspector.form.again.isHidden())
            await until(lambda: facts(here).get("Batch") == f"{setting_words('batch', 1024)}, unconfirmed")

    play(scene())


def test_how_long_a_model_stays_and_where_it_lies_is_said_only_where_somebody_knows() -> None:
    now = datetime(2026, 11, 24, 18, 0).astimezone()
    until_ = int(now.replace(hour=18, minute=42).timestamp() * 1000)
    assert stay_of(Loaded(SMALL, until=until_), now) == "until 18:42"
    assert stay_of(Loaded(SMALL, until=until_ + 86_400_000), now) == "until 25 Nov 18:42"
    assert stay_of(Loaded(SMALL, confirmed={"keep_alive_s": NEVER})) == "stays loaded"
    assert stay_of(Loaded(SMALL)) == ""
    assert on_gpu(Loaded(SMALL, 100, 93)) == "93\u2009% of it on a GPU"
    assert on_gpu(Loaded(SMALL, 100)) == ""
    asked = LoadSettings(context=8192, mlock=True, lora=("/a/b.gguf",), gpu_layers=ALL)
    told = dict(
        loaded_facts(Loaded(SMALL, confirmed={"mlock": False, "gpu_layers": -1}), asked, frozenset({"context"}))
    )
    assert told == {
        "Layers on the GPU": "all",
        "Keep in memory": "off, not on",
        "LoRA adapters": "b.gguf, unconfirmed",
    }


@pytest.mark.parametrize(("scale", "rtl"), [(1.0, False), (2.0, True)])
def test_no_word_of_the_form_is_cut_off(play: Play, look: Look, scale: float, rtl: bool) -> None:
    async def scene() -> None:
        look("dark", scale, rtl=rtl)
        async with opened() as here:
            await choose(here)
            here.window.resize(2400, 4000)
            here.screen.inspector.form.more.click()
            assert clipped(here.screen.inspector) == []

    play(scene())


def _holds(here: Scene, count: int) -> bool:
    return len(here.screen.load.draft.lora) == count


def _picks(path: Path) -> Any:
    async def pick(_window: object) -> list[Path]:
        return [path]

    return pick
