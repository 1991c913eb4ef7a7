"""Load settings reach the real engine and are read back from it; a change loads anew, idleness lets go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from aqe_desktop.core.chat import Finished, Sampling, TextDelta
from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.core.loading import ALL, NEVER, LoadSettings
from aqe_desktop.core.models import ModelRef, Phase, RuntimeStatus
from aqe_desktop.machine.paths import Paths, prepare
from aqe_desktop.runtimes.llamacpp import LlamaCpp
from aqe_desktop.runtimes.llamacpp.engines import Wanted
from aqe_desktop.runtimes.llamacpp.options import ENGINE
from aqe_desktop.runtimes.llamacpp.worker import idleness
from tests.doors import local_door
from tests.parts import coder_model
from tests.runtimes.llamacpp.conversation import answer, reaches, turn
from tests.runtimes.llamacpp.engines import Engines

pytestmark = pytest.mark.long
_SOON = 120.0


class Kept:
    """The saved settings of all models at once."""

    def __init__(self) -> None:
        self.now = LoadSettings()

    async def get(self, _model: ModelRef) -> LoadSettings:
        return self.now

    async def save(self, _model: ModelRef, settings: LoadSettings) -> None:
        self.now = settings


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
async def open_runtime(paths: Paths, engines: Engines, kept: Kept) -> AsyncIterator[Callable[..., LlamaCpp]]:
    opened: list[LlamaCpp] = []

    def make(**more: Any) -> LlamaCpp:
        opened.append(LlamaCpp(paths, local_door(), wanted=Wanted(ENGINE), kept=kept, **more))
        return opened[-1]

    yield make
    for each in opened:
        await each.unload()


def confirmed(runtime: LlamaCpp, settings: LoadSettings) -> dict[str, Any]:
    """Of what was asked for, what the running engine says of it."""
    (loaded,) = runtime.status.value.loaded
    asked = {name for name, value in asdict(settings).items() if value not in (None, "", ())}
    return {name: value for name, value in loaded.confirmed.items() if name in asked}


async def until(runtime: LlamaCpp, wanted: Phase) -> RuntimeStatus:
    await asyncio.wait_for(reaches(runtime, wanted), _SOON)
    return runtime.status.value


SETTINGS: tuple[tuple[LoadSettings, dict[str, Any]], ...] = (
    (
        LoadSettings(
            context=1024, kv_type="q8_0", flash_attention=True, threads=1, batch=64, slots=1, keep_alive_s=600,
            mmap=False, rope_base=50000.0, rope_scale=2.0,
        ),
        {},
    ),
    # No accelerator here, and no right to lock as much: what comes of it is told, not what was asked.
    (LoadSettings(context=1000, flash_attention=False, kv_type="f32", slots=3, gpu_layers=ALL, keep_alive_s=NEVER,
                  mmap=True), {"context": 1024, "gpu_layers": 0}),
)  # fmt: skip


@pytest.mark.parametrize("which", [0, 1])
async def test_every_setting_of_the_starter_is_read_back_from_its_engine(
    open_runtime: Callable[..., LlamaCpp], kept: Kept, starter: ModelRef, which: int
) -> None:
    kept.now, really = SETTINGS[which]
    runtime = open_runtime()
    await runtime.load(starter)
    asked = {name: value for name, value in asdict(kept.now).items() if value not in (None, "", ())}
    assert confirmed(runtime, kept.now) == {**asked, **really}
    (loaded,) = runtime.status.value.loaded
    assert loaded.memory is not None
    assert loaded.memory > 50_000_000
    assert (await answer(runtime, turn(starter, "Hello")))[0]


async def test_a_draft_model_guesses_for_a_larger_one(
    open_runtime: Callable[..., LlamaCpp], kept: Kept, paths: Paths
) -> None:
    file = coder_model()
    prepare(paths)
    (paths.models / "coder.gguf").symlink_to(file)
    kept.now = LoadSettings(context=512, slots=1, draft=str(file), batch=128)
    runtime, coder = open_runtime(), ModelRef("llamacpp", "coder")
    await runtime.load(coder)
    assert confirmed(runtime, kept.now) == {"context": 512, "slots": 1, "draft": str(file), "batch": 128}
    assert (await answer(runtime, turn(coder, "Hello")))[0]


async def test_files_beside_the_model_that_are_none_are_named(
    open_runtime: Callable[..., LlamaCpp], kept: Kept, starter: ModelRef, starter_model: Path, tmp_path: Path
) -> None:
    runtime = open_runtime()
    for settings, said in (
        (LoadSettings(lora=(str(starter_model),)), f"{starter_model} is no LoRA adapter."),
        (LoadSettings(draft=str(tmp_path / "gone")), f"The draft model {tmp_path / 'gone'} cannot be read: No such"),
        (LoadSettings(lora=(__file__,)), f"The LoRA adapter {__file__} cannot be used: it is not a GGUF file"),
    ):
        kept.now = settings
        with pytest.raises(ModelBroken) as refused:
            await runtime.load(starter)
        assert refused.value.message.startswith(said)
        assert "load settings" in refused.value.hint


async def test_changed_settings_count_from_the_next_load_and_break_no_answer(
    open_runtime: Callable[..., LlamaCpp], kept: Kept, starter: ModelRef, engines: Engines
) -> None:
    runtime = open_runtime()
    kept.now = LoadSettings(context=512)
    asked = turn(starter, "Count", sampling=Sampling(temperature=0.0, seed=1, max_output=60))
    async with aclosing(runtime.stream(asked)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                break
        kept.now = LoadSettings(context=1024)
        await runtime.load(starter)
        assert runtime.status.value.context == 1024
        rest = [event async for event in events]
        assert isinstance(rest[-1], Finished)
    assert engines.wait_for_one()
    assert runtime.status.value.context == 1024


async def test_an_idle_engine_is_let_go_of_and_the_next_question_loads_it_again(
    open_runtime: Callable[..., LlamaCpp], kept: Kept, starter: ModelRef, engines: Engines
) -> None:
    kept.now = LoadSettings(keep_alive_s=1)
    runtime = open_runtime()
    await runtime.load(starter)
    assert (await until(runtime, Phase.READY)).loaded[0].confirmed["keep_alive_s"] == 1
    status = await until(runtime, Phase.STOPPED)
    assert status.message == "Unloaded after 1 second without a question. The next one loads it again."
    assert not status.hint
    assert engines.wait_until_gone() == []
    assert (await answer(runtime, turn(starter, "Hello")))[0]
    kept.now = LoadSettings(keep_alive_s=NEVER)
    running = engines.engines()
    await runtime.load(starter)
    await asyncio.sleep(idleness._LEAST_S + 1)
    assert engines.engines() == running


async def test_what_a_command_loads_stays_for_its_idle_time_and_can_be_let_go_of(
    open_runtime: Callable[..., LlamaCpp], kept: Kept, starter: ModelRef, engines: Engines
) -> None:
    kept.now = LoadSettings(keep_alive_s=600)
    command = open_runtime(stays=True)
    await command.load(starter)
    await command.aclose()
    other = open_runtime()
    seen = await other.look()
    assert (seen.phase, seen.model) == (Phase.READY, starter)
    assert seen.loaded[0].until is not None
    (engine,) = engines.engines()
    await other.load(starter)
    await other.aclose()
    assert engines.engines() == [engine]
    await open_runtime().unload(starter)
    assert engines.wait_until_gone() == []


async def test_what_a_command_loads_without_an_idle_time_ends_with_it_and_what_stays_gives_way_to_another_load(
    open_runtime: Callable[..., LlamaCpp], kept: Kept, starter: ModelRef, engines: Engines
) -> None:
    command = open_runtime(stays=True)
    await command.load(starter)
    await command.aclose()
    assert engines.wait_until_gone() == []
    kept.now = LoadSettings(keep_alive_s=600)
    await command.load(starter)
    await command.aclose()
    (staying,) = engines.engines()
    kept.now = LoadSettings(context=512)
    await command.load(starter)
    assert engines.wait_for_one()
    assert engines.engines() != [staying]


async def test_more_context_than_the_model_was_trained_for_is_not_confirmed(
    open_runtime: Callable[..., LlamaCpp], kept: Kept, starter: ModelRef
) -> None:
    kept.now = LoadSettings(context=16384, slots=1)
    runtime = open_runtime()
    await runtime.load(starter)
    assert confirmed(runtime, kept.now) == {"context": 8192, "slots": 1}
    assert runtime.status.value.context == 8192
