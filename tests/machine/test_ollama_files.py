"""Ollama's store read by its manifests: the blobs of a name, whatever nonsense lies beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from aqe_desktop.machine import ollama_files
from aqe_desktop.machine.ollama_files import OllamaFiles
from tests.machine.ollama_store import ADAPTER, PROJECTOR, WEIGHTS, blob, layer, put


def test_a_name_leads_to_its_weights_projectors_and_adapters(tmp_path: Path) -> None:
    layers = (
        layer("model", WEIGHTS),
        layer("projector", PROJECTOR),
        layer("adapter", ADAPTER),
        layer("license", WEIGHTS),
    )
    put(tmp_path, "registry.ollama.ai/library/llava/7b", *layers)
    found = ollama_files.files_of(tmp_path, "llava:7b")
    assert found == OllamaFiles(
        "llava:7b", blob(tmp_path, WEIGHTS), (blob(tmp_path, PROJECTOR),), (blob(tmp_path, ADAPTER),)
    )


@pytest.mark.parametrize(
    ("place", "name", "shown"),
    [
        ("registry.ollama.ai/library/smol/latest", "smol", "smol:latest"),
        ("registry.ollama.ai/someone/smol/2b", "someone/smol:2b", "someone/smol:2b"),
        ("hf.co/org/repo/Q4_K_M", "hf.co/org/repo:Q4_K_M", "hf.co/org/repo:Q4_K_M"),
        ("127.0.0.1:5000/library/smol/latest", "127.0.0.1:5000/library/smol", "127.0.0.1:5000/library/smol:latest"),
    ],
)
def test_a_name_is_read_as_ollamas_tools_read_it(tmp_path: Path, place: str, name: str, shown: str) -> None:
    put(tmp_path, place, layer("model", WEIGHTS))
    found = ollama_files.files_of(tmp_path, name)
    assert found is not None
    assert found.name == shown
    assert ollama_files.models_in(tmp_path) == [found]


@pytest.mark.parametrize(
    "name", ["", "..", "../x", "a/../../b", "a:b:c", "a/b/c/d:e", "x" * 300, "a\0b", "/etc/passwd"]
)
def test_what_is_no_name_leads_nowhere(tmp_path: Path, name: str) -> None:
    put(tmp_path, "registry.ollama.ai/library/smol/latest", layer("model", WEIGHTS))
    assert ollama_files.files_of(tmp_path, name) is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "[" * 100_000, '{"layers": 3}', '{"layers": [3, {"digest": "sha256:../../x"}]}']
)
def test_a_manifest_that_makes_no_sense_is_no_model(tmp_path: Path, text: str) -> None:
    put(tmp_path, "registry.ollama.ai/library/smol/latest", layer("model", WEIGHTS)).write_text(text)
    assert ollama_files.models_in(tmp_path) == []
    assert ollama_files.files_of(tmp_path, "smol") is None


def test_weights_that_are_not_there_or_lie_elsewhere_are_no_files(tmp_path: Path) -> None:
    put(tmp_path, "registry.ollama.ai/library/cloud/latest", layer("license", WEIGHTS))
    put(tmp_path, "registry.ollama.ai/library/gone/latest", layer("model", PROJECTOR))
    blob(tmp_path, PROJECTOR).unlink()
    put(tmp_path, "registry.ollama.ai/library/pieces/latest", layer("model", WEIGHTS), layer("model", ADAPTER))
    assert ollama_files.models_in(tmp_path) == []


def test_the_store_is_where_ollama_looks_for_it(tmp_path: Path) -> None:
    assert ollama_files.usual_store({"OLLAMA_MODELS": "/a", "HOME": "/h"}) == Path("/a")
    assert ollama_files.usual_store({"HOME": "/h"}) == Path("/h/.ollama/models")
    assert not ollama_files.is_store(tmp_path)
