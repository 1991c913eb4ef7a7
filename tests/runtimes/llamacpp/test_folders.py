"""Folders of models: parts and companions are one model, links and copies are listed once, names stay."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from aqe_desktop.core.errors import ModelBroken, UsageError
from aqe_desktop.core.folders import FolderKind
from aqe_desktop.core.models import Capability, Model, ModelRef
from aqe_desktop.machine.paths import Paths, prepare
from aqe_desktop.runtimes.llamacpp import LlamaCpp
from aqe_desktop.runtimes.llamacpp.library import Library, files
from aqe_desktop.runtimes.llamacpp.library.files import entries_in, parts_of
from aqe_desktop.runtimes.llamacpp.library.folders import LibraryFolders, found_folders
from tests.doors import local_door
from tests.machine.ollama_store import PROJECTOR, WEIGHTS, blob, layer, put
from tests.runtimes.llamacpp import gguf_files as gguf


@pytest.fixture
def folder(paths: Paths) -> Path:
    prepare(paths)
    return paths.models


@pytest.fixture
def added(tmp_path: Path) -> list[Path]:
    return []


@pytest.fixture
def library(folder: Path, added: list[Path]) -> Library:
    return Library(folder, folder.parent / "facts.json", lambda: added)


def _put(file: Path, content: bytes | None = None) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gguf.model() if content is None else content)
    return file


def _names(library: Library) -> dict[str, Model]:
    return {model.ref.model: model for model in library.names()[1:]}


def test_the_parts_of_a_split_model_are_one_and_a_missing_one_is_named(folder: Path, library: Library) -> None:
    first, second = (_put(folder / "deep" / f"big-0000{number}-of-00002.gguf") for number in (1, 2))
    model = {model.ref.model: model for model in library.models()[1:]}["big"]
    assert (model.file, model.files, model.size) == (first, (first, second), first.stat().st_size * 2)
    assert (model.name, model.context, model.note) == ("Tiny", 512, "")
    second.unlink()
    gone = "Of its 2 parts big-00002-of-00002.gguf is missing. Download it again."
    assert _names(library)["big"].note == gone
    with pytest.raises(ModelBroken, match="is missing"):
        library.find(ModelRef("llamacpp", "big"))
    assert parts_of(first) == (first, second)
    assert parts_of(folder / "one.gguf") == (folder / "one.gguf",)


@pytest.mark.parametrize(
    ("projector", "models", "of"),
    [
        ("mmproj-Foo-VL-2B-Instruct-f16.gguf", ["Foo-VL-2B-Instruct-Q4_K_M.gguf", "Bar-7B-Q8_0.gguf"], "Foo"),
        ("Foo-VL-2B.mmproj-Q8_0.gguf", ["Foo-VL-2B-i1-Q4_K_M.gguf", "Bar-7B.gguf"], "Foo"),
        ("mmproj-model-f16.gguf", ["Foo-VL-2B-Q4_K_M.gguf", "Foo-VL-2B-Q8_0.gguf"], "Foo"),
        ("mmproj-model-f16.gguf", ["Foo-VL-2B-Q4_K_M.gguf", "Bar-7B.gguf"], ""),
        ("mmproj-Baz.gguf", ["Foo-VL-2B-Q4_K_M.gguf"], ""),
    ],
)
def test_a_companion_belongs_to_the_models_of_its_name(
    folder: Path, library: Library, projector: str, models: list[str], of: str
) -> None:
    eyes = _put(folder / projector)
    for name in models:
        _put(folder / name)
    found = {model.ref.model: model for model in library.models()[1:]}
    assert set(found) == {name.removesuffix(".gguf") for name in models}
    for name, model in found.items():
        sees = bool(of) and name.startswith(of)
        assert (Capability.VISION in model.capabilities) == sees
        assert (eyes in model.files) == sees
        assert library.projector(model.ref) == (eyes if sees else None)


def test_of_several_companions_half_precision_is_taken(folder: Path, library: Library) -> None:
    for name in ("mmproj-Foo-BF16.gguf", "mmproj-Foo-F16.gguf", "mmproj-Foo-F32.gguf", "Foo-Q4_0.gguf"):
        _put(folder / name)
    assert _names(library)["Foo-Q4_0"].files[-1].name == "mmproj-Foo-F16.gguf"


def test_links_and_second_names_of_a_file_are_listed_once(
    folder: Path, library: Library, added: list[Path], tmp_path: Path
) -> None:
    """As in Hugging Face's cache: a snapshot of links beside the blobs, one for each revision."""
    hub = tmp_path / "hub" / "models--org--repo"
    _put(hub / "blobs" / "1f2e")
    for revision in ("aa", "bb"):
        (hub / "snapshots" / revision).mkdir(parents=True)
        (hub / "snapshots" / revision / "m.gguf").symlink_to("../../blobs/1f2e")
    (tmp_path / "hub" / "round").symlink_to(tmp_path / "hub")
    os.link(hub / "blobs" / "1f2e", tmp_path / "hub" / "again.gguf")
    added.append(tmp_path / "hub")
    assert [entry.name for entry in entries_in(tmp_path / "hub")] == ["again", "m", "m"]
    assert list(_names(library)) == ["again"]
    (tmp_path / "hub" / "again.gguf").unlink()
    assert _names(library)["m"].file == hub / "snapshots" / "aa" / "m.gguf"


def test_a_reference_is_unique_and_stays_with_its_file(
    folder: Path, library: Library, added: list[Path], tmp_path: Path, starter_model: Path
) -> None:
    later = _put(tmp_path / "other" / "b" / "m.gguf")
    added.append(tmp_path / "other")
    library.models()
    _put(folder / "m.gguf", gguf.model(extra={"context_length": 8}))
    _put(tmp_path / "other" / "a" / "m.gguf", gguf.model(extra={"context_length": 9}))
    _put(tmp_path / "other" / starter_model.name)
    found = {
        model.ref.model: model.file for model in Library(folder, folder.parent / "facts.json", lambda: added).models()
    }
    assert found["m"] == later
    assert found["models/m"] == folder / "m.gguf"
    assert found["a/m"] == tmp_path / "other" / "a" / "m.gguf"
    assert found[f"other/{starter_model.stem}"] == tmp_path / "other" / starter_model.name
    assert found[starter_model.stem] == starter_model


def test_another_file_in_the_place_of_one_is_looked_at_anew(folder: Path, library: Library) -> None:
    file = _put(folder / "m.gguf")
    library.names()
    file.unlink()
    with pytest.raises(ModelBroken, match="not on this device"):
        library.find(ModelRef("llamacpp", "m"))
    _put(folder / "n.gguf")
    assert library.find(ModelRef("llamacpp", "n")).file == folder / "n.gguf"


def test_hidden_folders_deep_ones_and_those_that_cannot_be_entered_are_passed_over(folder: Path) -> None:
    _put(folder / ".cache" / "m.gguf")
    _put(folder.joinpath(*"abcdefghi") / "m.gguf")
    _put(folder / "x" / "M.GGUF")
    assert [entry.name for entry in entries_in(folder)] == ["M"]
    assert entries_in(folder / "none") == []


def test_ollamas_models_are_read_by_their_manifests_and_not_copied(
    library: Library, added: list[Path], tmp_path: Path
) -> None:
    store = tmp_path / "store"
    put(store, "registry.ollama.ai/library/llava/7b", layer("model", WEIGHTS), layer("projector", PROJECTOR))
    put(store, "registry.ollama.ai/library/copy/latest", layer("model", WEIGHTS))
    put(store, "registry.ollama.ai/library/tuned/latest", layer("model", "d" * 64), layer("adapter", "c" * 64))
    blob(store, WEIGHTS).write_bytes(gguf.model())
    added.append(store)
    (model,) = library.models()[1:]
    assert (model.ref.model, model.name, model.file) == ("copy:latest", "Tiny", blob(store, WEIGHTS))
    assert model.folder == store


def test_found_folders_are_offered_with_what_they_hold_and_no_file_is_opened(
    library: Library, added: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    put(home / ".ollama" / "models", "registry.ollama.ai/library/smol/latest", layer("model", WEIGHTS))
    _put(home / ".lmstudio" / "models" / "org" / "repo" / "m.gguf")
    _put(tmp_path / "moved" / "models" / "n.gguf")
    (home / ".lmstudio-home-pointer").write_text(f"{tmp_path / 'moved'}\n")
    _put(home / ".cache" / "huggingface" / "hub" / "models--a--b" / "snapshots" / "1" / "h.gguf")
    (home / ".cache" / "llama.cpp").mkdir()
    (home / ".cache" / "lm-studio").symlink_to(home / ".lmstudio")
    monkeypatch.setattr(subprocess, "run", None)
    folders = LibraryFolders(library, {"HOME": str(home)})
    told = [(each.kind, each.name, each.models, each.bytes) for each in folders.look()]
    size = len(gguf.model())
    assert told == [
        (FolderKind.OURS, "", 0, 0),
        (FolderKind.FOUND, "Ollama", 1, 4),
        (FolderKind.FOUND, "LM Studio", 1, size),
        (FolderKind.FOUND, "LM Studio", 1, size),
        (FolderKind.FOUND, "Hugging Face", 1, size),
    ]
    assert len(library.names()) == 1
    added.append(folders.require(home / ".ollama" / "models"))
    assert [each.kind for each in folders.look()][:2] == [FolderKind.OURS, FolderKind.ADDED]
    assert [each.name for each in folders.look()].count("Ollama") == 1


def test_the_environment_moves_what_it_moves_for_those_programs(tmp_path: Path) -> None:
    for name in ("o", "h/hub", "c", "l"):
        (tmp_path / name).mkdir(parents=True)
    environ = {
        "HOME": "/none",
        "OLLAMA_MODELS": f"{tmp_path}/o",
        "HF_HOME": f"{tmp_path}/h",
        "HF_HUB_CACHE": f"{tmp_path}/c",
    }
    found = dict(found_folders({**environ, "LLAMA_CACHE": f"{tmp_path}/l"}))
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["o", "c", "h/hub", "l"]


def test_what_is_no_folder_or_is_there_already_is_not_added(library: Library, tmp_path: Path) -> None:
    folders = LibraryFolders(library, {"HOME": str(tmp_path)})
    file = _put(tmp_path / "m.gguf")
    (tmp_path / "link").symlink_to(library.own)
    for path, why in (
        (file, "It is not a folder"),
        (tmp_path / "none", "It is not there"),
        (tmp_path / "link", "in the library already"),
    ):
        with pytest.raises(UsageError, match=why):
            folders.require(path)
    assert folders.require(tmp_path / "x" / "..") == tmp_path


def test_a_folder_that_has_gone_is_told_and_its_models_with_it(
    library: Library, added: list[Path], tmp_path: Path
) -> None:
    added.append(tmp_path / "gone")
    (_, row) = LibraryFolders(library, {"HOME": str(tmp_path)}).look()
    assert (row.kind, row.problem, row.models) == (FolderKind.ADDED, "It is not there.", 0)
    assert len(library.names()) == 1


async def test_the_runtime_lists_what_the_library_has(
    paths: Paths, library: Library, added: list[Path], tmp_path: Path
) -> None:
    _put(tmp_path / "other" / "m.gguf")
    added.append(tmp_path / "other")
    runtime = LlamaCpp(paths, local_door(), library=library)
    assert [model.ref.model for model in await runtime.models()][1:] == ["m"]
    await runtime.aclose()


@pytest.mark.parametrize("name", ["/proc", "/proc/self", "/sys"])
def test_a_folder_of_the_kernel_is_refused_and_never_searched(library: Library, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="processes and devices"):
        LibraryFolders(library, {}).require(Path(name))
    link = tmp_path / "below" / "link"
    link.parent.mkdir()
    link.symlink_to(name)
    assert files._names(link, set()) == []


def test_a_folder_that_was_not_searched_to_its_end_says_so(
    library: Library, added: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        _put(tmp_path / "many" / f"m{number}.gguf")
    added.append(tmp_path / "many")
    folders = LibraryFolders(library, {"HOME": str(tmp_path / "home")})
    assert [each.problem for each in folders.look()] == ["", ""]
    monkeypatch.setattr(files, "_MOST_NAMES", 2)
    assert ["not searched to its end" in each.problem for each in folders.look()] == [False, True]
