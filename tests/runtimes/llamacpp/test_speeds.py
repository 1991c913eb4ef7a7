"""A batch is sized by what was measured, so that Stop waits about a third of a second at most."""

from __future__ import annotations

from pathlib import Path

import pytest

from aqe_desktop.core.models import ModelRef
from aqe_desktop.machine.paths import Paths
from aqe_desktop.runtimes.llamacpp import LlamaCpp, speeds
from tests.doors import local_door
from tests.runtimes.llamacpp.conversation import LONG_TEXT, SMALL, answer, turn
from tests.runtimes.llamacpp.engines import Engines


def _file(folder: Path, size: int) -> Path:
    file = folder / "m.gguf"
    with file.open("wb") as handle:
        handle.truncate(size)
    return file


@pytest.mark.parametrize(("size", "batch"), [(98_362_432, 64), (491_400_064, 32), (1_117_320_768, 16)])
def test_an_unmeasured_model_gets_a_careful_batch_by_its_size(tmp_path: Path, size: int, batch: int) -> None:
    assert speeds.batch_for(_file(tmp_path, size), tmp_path / "speeds.json") == batch


@pytest.mark.parametrize(("speed", "batch"), [(10, 16), (107, 32), (220, 64), (900, 256), (50_000, 2048)])
def test_a_measured_model_gets_at_most_a_third_of_a_second(tmp_path: Path, speed: int, batch: int) -> None:
    file, store = _file(tmp_path, 1000), tmp_path / "speeds.json"
    speeds.remember(file, store, tokens=500, tokens_per_s=speed)
    assert speeds.batch_for(file, store) == batch


def test_a_short_prompt_teaches_nothing(tmp_path: Path) -> None:
    store = tmp_path / "speeds.json"
    speeds.remember(_file(tmp_path, 1000), store, tokens=12, tokens_per_s=5)
    assert not store.exists()


def test_a_place_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = tmp_path / "file" / "speeds.json"
    speeds.remember(_file(tmp_path, 1000), store, tokens=500, tokens_per_s=100)
    assert speeds.batch_for(_file(tmp_path, 1000), store) == 64


@pytest.mark.parametrize("content", ["", "[]", '{"m.gguf:1000": "fast"}'])
def test_a_broken_memory_of_speeds_is_ignored(tmp_path: Path, content: str) -> None:
    store = tmp_path / "speeds.json"
    store.write_text(content)
    assert speeds.batch_for(_file(tmp_path, 1000), store) == 64


async def test_the_speed_of_a_real_prompt_is_kept_for_the_next_load(
    paths: Paths, engines: Engines, starter: ModelRef, starter_model: Path
) -> None:
    runtime = LlamaCpp(paths, local_door(), SMALL)
    await answer(runtime, turn(starter, LONG_TEXT[:1200]))
    store = paths.home / speeds.FILE
    speeds.remember(starter_model, store, tokens=500, tokens_per_s=110)
    await runtime.unload()
    await runtime.load(starter)
    details = dict(runtime.status.value.details)
    await runtime.aclose()
    assert details["Tokens per batch"] == "32"
