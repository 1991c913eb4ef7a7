"""Models of the library in the real engine: the parts of one, and one that lies in Ollama's store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aqe_desktop.core.models import ModelRef
from aqe_desktop.machine.paths import Paths, prepare
from aqe_desktop.runtimes.llamacpp import LlamaCpp
from aqe_desktop.runtimes.llamacpp.library import Library
from aqe_desktop.runtimes.llamacpp.library.header import facts_of
from aqe_desktop.runtimes.llamacpp.shape import read_shape
from tests.doors import local_door
from tests.machine.ollama_store import WEIGHTS, blob, layer, put
from tests.runtimes.llamacpp.conversation import SMALL, answer, turn
from tests.runtimes.llamacpp.engines import Engines
from tests.runtimes.llamacpp.splitting import split


@pytest.fixture
async def runtime(paths: Paths, engines: Engines, tmp_path: Path) -> AsyncIterator[LlamaCpp]:
    prepare(paths)
    library = Library(paths.models, paths.home / "facts.json", lambda: [tmp_path / "store"])
    runtime = LlamaCpp(paths, local_door(), SMALL, library=library)
    yield runtime
    await runtime.aclose()


def test_the_parts_of_a_model_say_together_what_it_said_in_one_file(tmp_path: Path, starter_model: Path) -> None:
    parts = split(starter_model, tmp_path, "cut", parts=3)
    assert facts_of(parts) == facts_of([starter_model])
    assert read_shape(parts) == read_shape([starter_model])


@pytest.mark.long
async def test_a_model_in_parts_answers(runtime: LlamaCpp, paths: Paths, starter_model: Path) -> None:
    split(starter_model, paths.models, "cut")
    text, _, _ = await answer(runtime, turn(ModelRef("llamacpp", "cut"), "Hello"))
    assert text


@pytest.mark.long
async def test_a_model_of_ollamas_store_answers_where_it_lies(
    runtime: LlamaCpp, tmp_path: Path, starter_model: Path
) -> None:
    store = tmp_path / "store"
    put(store, "registry.ollama.ai/library/smol/latest", layer("model", WEIGHTS))
    blob(store, WEIGHTS).unlink()
    blob(store, WEIGHTS).symlink_to(starter_model)
    (model,) = (await runtime.models())[1:]
    assert (model.ref.model, model.architecture) == ("smol:latest", "llama")
    text, _, _ = await answer(runtime, turn(model.ref, "Hello"))
    assert text
