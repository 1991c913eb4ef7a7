"""GGUF files described and moved to the trash; what is not ours to remove stays, and who else uses a file is told."""

from __future__ import annotations

import os
import sys
from contextlib import aclosing
from pathlib import Path

import pytest

from aqe_desktop.core.errors import ModelBroken, StorageFailed, UsageError
from aqe_desktop.core.models import ModelRef, Removal
from aqe_desktop.machine import trash
from aqe_desktop.machine.paths import Paths, prepare
from aqe_desktop.runtimes.llamacpp.library import Library
from aqe_desktop.runtimes.llamacpp.stock import LlamaStock
from tests.machine.ollama_store import WEIGHTS, blob, layer, put
from tests.runtimes.llamacpp import gguf_files as gguf


@pytest.fixture
def folder(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package of the trash remembers the data folder of the test that imported it first."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "send2trash"]:
        monkeypatch.delitem(sys.modules, name)
    prepare(paths)
    return paths.models


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def stock(folder: Path, store: Path) -> LlamaStock:
    return LlamaStock(Library(folder, folder.parent / "facts.json", lambda: [store]))


def _put(*files: Path) -> None:
    for file in files:
        file.write_bytes(gguf.model())


def _ref(name: str) -> ModelRef:
    return ModelRef("llamacpp", name)


def _trashed(home: Path) -> set[str]:
    return {path.name for path in home.rglob("Trash/files/*")}


async def test_all_parts_and_the_models_own_companion_go_to_the_trash_together(
    stock: LlamaStock, folder: Path, tmp_path: Path
) -> None:
    names = {"foo-00001-of-00002.gguf", "foo-00002-of-00002.gguf", "mmproj-foo.gguf"}
    _put(*(folder / name for name in names), folder / "bar.gguf")
    assert stock.removes is Removal.TRASH
    await stock.delete(_ref("foo"))
    assert _trashed(tmp_path) == names
    assert [path.name for path in folder.iterdir()] == ["bar.gguf"]


async def test_a_companion_of_two_models_stays_until_the_last_one_goes(stock: LlamaStock, folder: Path) -> None:
    _put(folder / "foo-Q4_0.gguf", folder / "foo-Q8_0.gguf", folder / "mmproj-foo.gguf")
    assert await stock.used_by(_ref("foo-Q4_0")) == ("mmproj-foo.gguf stays: other models read pictures with it.",)
    await stock.delete(_ref("foo-Q4_0"))
    assert (folder / "mmproj-foo.gguf").exists()
    assert await stock.used_by(_ref("foo-Q8_0")) == ()
    await stock.delete(_ref("foo-Q8_0"))
    assert list(folder.iterdir()) == []


async def test_a_model_with_a_missing_part_or_no_sense_can_be_removed(stock: LlamaStock, folder: Path) -> None:
    _put(folder / "foo-00002-of-00002.gguf")
    (folder / "bad.gguf").write_bytes(b"no")
    for name in ("foo", "bad"):
        await stock.delete(_ref(name))
    assert list(folder.iterdir()) == []


async def test_the_starter_stays_and_what_is_ollamas_is_ollamas_to_remove(
    stock: LlamaStock, store: Path, starter_model: Path
) -> None:
    put(store, "registry.ollama.ai/library/smol/latest", layer("model", WEIGHTS))
    with pytest.raises(UsageError, match="comes with the app"):
        await stock.delete(_ref(starter_model.stem))
    with pytest.raises(UsageError, match="Ollama needs its file") as caught:
        await stock.delete(_ref("smol:latest"))
    assert "aqe rm ollama/smol:latest" in caught.value.hint
    assert await stock.used_by(_ref("smol:latest")) == ("Ollama has it as smol:latest.",)
    assert starter_model.exists()
    assert blob(store, WEIGHTS).exists()


async def test_other_names_of_a_file_are_told(stock: LlamaStock, folder: Path, tmp_path: Path) -> None:
    _put(folder / "m.gguf", tmp_path / "far.gguf")
    os.link(folder / "m.gguf", tmp_path / "second")
    (folder / "link.gguf").symlink_to(tmp_path / "far.gguf")
    (told,) = await stock.used_by(_ref("m"))
    assert told == "m.gguf has another name on this disk (hard links), so its space is not freed."
    (told,) = await stock.used_by(_ref("link"))
    assert told == f"link.gguf is a link; only the link goes, and {tmp_path / 'far.gguf'} stays."
    await stock.delete(_ref("link"))
    assert (tmp_path / "far.gguf").exists()


async def test_without_a_trash_nothing_is_deleted(
    stock: LlamaStock, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put(folder / "m.gguf")
    monkeypatch.setattr(trash, "_has_trash", lambda _: False)
    with pytest.raises(StorageFailed, match="There is no trash"):
        await stock.delete(_ref("m"))
    assert (folder / "m.gguf").exists()


async def test_a_model_that_is_not_there_cannot_be_removed_or_described(stock: LlamaStock, folder: Path) -> None:
    for asked in (stock.delete, stock.details, stock.used_by):
        with pytest.raises(ModelBroken, match="not on this device"):
            await asked(_ref("none"))


async def test_details_are_those_of_the_file_with_what_its_template_lacks(
    stock: LlamaStock, folder: Path, starter_model: Path
) -> None:
    told = await stock.details(_ref(starter_model.stem))
    assert told.template.startswith("{% for message in messages %}")
    assert ("tensors.Q4_1", "210") in told.facts
    assert told.warnings == ("Its chat template has no place for tools, so it cannot call any.",)
    _put(folder / "m.gguf")
    (folder / "bad.gguf").write_bytes(b"no")
    assert "no chat template" in (await stock.details(_ref("m"))).warnings[0]
    assert "ends too early" in (await stock.details(_ref("bad"))).warnings[0]


async def test_what_needs_a_registry_or_a_second_name_is_refused_with_the_way_there_is(
    stock: LlamaStock, folder: Path
) -> None:
    assert not stock.creates
    with pytest.raises(UsageError, match="no registry") as caught:
        async with aclosing(stock.pull("qwen")) as transfers:
            await anext(transfers)
    assert str(folder) in caught.value.hint
    assert "aqe models folders add DIR" in caught.value.hint
    with pytest.raises(UsageError, match="as it is"):
        stock.create("mine", folder / "m.gguf")
    with pytest.raises(UsageError, match="name of its file"):
        await stock.copy(_ref("m"), "n")
