"""The list of models stands whatever lies in the folder: hostile, unreadable, oddly named or half-loaded files."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.core.models import Model, ModelRef
from aqe_desktop.machine.paths import Paths, prepare
from aqe_desktop.runtimes.llamacpp import LlamaCpp
from aqe_desktop.runtimes.llamacpp.library import Library, reading
from tests.runtimes.llamacpp import gguf_files as gguf


@pytest.fixture
def folder(paths: Paths) -> Path:
    prepare(paths)
    return paths.models


def _library(folder: Path) -> Library:
    return Library(folder, folder.parent / "facts.json")


def _list(folder: Path) -> dict[str, Model]:
    return {model.ref.model: model for model in _library(folder).models()[1:]}


def _no_process(*_: object, **__: object) -> None:
    raise AssertionError("a process was started")


def test_a_file_is_read_once_and_again_when_it_changed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = folder / "good.gguf"
    file.write_bytes(gguf.model())
    (folder / "bad.gguf").write_bytes(b"no")
    first = _list(folder)
    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "run", _no_process)
        assert _list(folder) == first
    file.write_bytes(gguf.model(extra={"context_length": 1024}))
    assert (first["good"].context, _list(folder)["good"].context) == (512, 1024)


def test_names_are_known_without_reading_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "good.gguf").write_bytes(gguf.model())
    monkeypatch.setattr(subprocess, "run", _no_process)
    assert [model.ref.model for model in _library(folder).names()[1:]] == ["good"]


@pytest.mark.parametrize("note", ["[]", '{"FILE": 3}', '{"FILE": {"mark": 1, "facts": []}}', "{"])
def test_a_broken_memory_of_facts_only_costs_another_look(folder: Path, note: str) -> None:
    (folder / "good.gguf").write_bytes(gguf.model())
    (folder.parent / "facts.json").write_text(note.replace("FILE", str(folder / "good.gguf")))
    assert _list(folder)["good"].name == "Tiny"


def test_an_incomplete_model_is_listed_with_what_is_missing(folder: Path, starter_model: Path) -> None:
    (folder / "half.gguf").write_bytes(starter_model.read_bytes()[:40_000_000])
    found = _list(folder)["half"]
    assert found.quantization == "Q4_1"
    assert found.note == "This file is incomplete: at least 58.4 MB are missing. Download it again."


def _hostile() -> dict[str, bytes]:
    """The most that the reader's bounds let through, and what they stop."""
    empty_texts = struct.pack("<IQ", gguf.STRING, 2_900_000) + bytes(8 * 2_900_000)
    nested = struct.pack("<IQ", gguf.ARRAY, 290_000) + struct.pack("<IQ", 0, 0) * 290_000
    numbers = struct.pack("<IQ", gguf.U32, 2_900_000) + bytes(4 * 2_900_000)
    return {
        "texts": gguf.header(1) + gguf.pair("general.x", gguf.ARRAY, empty_texts),
        "tokens": gguf.header(1) + gguf.pair("tokenizer.ggml.tokens", gguf.ARRAY, empty_texts),
        "nested": gguf.header(1) + gguf.pair("k", gguf.ARRAY, nested),
        "numbers": gguf.header(1) + gguf.pair("k", gguf.ARRAY, numbers),
        "tensors": gguf.header(0, tensors=65_000) + gguf.tensors([(0, [1], 0)] * 65_000),
    }


def test_hostile_files_take_a_bounded_share_of_processor_time_each(folder: Path) -> None:
    """Processor time, for the clock of a busy machine proves nothing; the process that reads them starts in a share."""
    for name, content in _hostile().items():
        (folder / f"{name}.gguf").write_bytes(content)
    before = os.times()
    found = _list(folder)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    assert set(found) == set(_hostile())
    assert spent < 2 + len(found)


def test_a_file_that_takes_longer_than_its_share_is_given_up_and_the_next_is_read(folder: Path, tmp_path: Path) -> None:
    code = (
        "import json, sys; from pathlib import Path; from aqe_desktop.runtimes.llamacpp.worker import inspect as i;"
        "i._SECONDS_PER_FILE = 0.001; print(json.dumps(i._look_at([Path(sys.argv[1])], i.facts_of)));"
        "i._SECONDS_PER_FILE = 0.9; print(json.dumps(i._look_at([Path(sys.argv[2])], i.facts_of)))"
    )
    slow, good = folder / "slow.gguf", folder / "good.gguf"
    slow.write_bytes(_hostile()["texts"])
    good.write_bytes(gguf.model())
    command = [sys.executable, "-c", code, str(slow), str(good)]
    first, second = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert "impossibly large" in first
    assert "Tiny" in second


def test_half_a_line_of_a_reader_that_was_ended_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.gguf").write_bytes(gguf.model())
    ended = (
        'import os, sys; sys.stdout.write(\'{"error": "First."}\\n{"er\'); sys.stdout.flush(); os.kill(os.getpid(), 9)'
    )
    monkeypatch.setattr(reading, "worker_command", lambda *_: [sys.executable, "-c", ended])
    found = _list(folder)
    assert found["a"].note == "First."
    assert "within the limits" in found["b"].note
    monkeypatch.undo()
    assert _list(folder)["b"].note == ""


def test_a_link_to_a_place_that_cannot_be_looked_at_is_listed_with_the_reason(folder: Path) -> None:
    (folder / "far.gguf").symlink_to("/tmp/" + "x" * 300)
    (folder / "gone.gguf").symlink_to(folder / "nowhere")
    (folder / "turn.gguf").symlink_to(folder / "turn.gguf")
    found = _list(folder)
    assert found["far"].note == "This file cannot be read: File name too long."
    assert "gone" not in found
    with pytest.raises(ModelBroken, match="File name too long"):
        _library(folder).find(ModelRef("llamacpp", "far"))


def test_a_name_that_is_no_text_is_listed_with_what_to_do_and_cannot_be_loaded(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/bad\xff.gguf")).write_bytes(gguf.model())
    found = _list(folder)["bad\udcff"]
    assert found.note == "Its file name is not text. Rename the file to use it."
    with pytest.raises(ModelBroken, match="not text"):
        _library(folder).find(found.ref)


@pytest.mark.parametrize("name", ["x" * 5_000, "a\0b", "../secret", "", "."])
def test_a_name_that_cannot_be_a_file_is_not_on_this_device(folder: Path, name: str) -> None:
    with pytest.raises(ModelBroken, match="not on this device"):
        _library(folder).find(ModelRef("llamacpp", name))


def test_only_files_are_listed_and_no_pipe_holds_up_the_list(folder: Path) -> None:
    os.mkfifo(folder / "pipe.gguf")
    (folder / "folder.gguf").mkdir()
    (folder / ".gguf").touch()
    assert _list(folder) == {}
    assert _library(folder / "none").names()[1:] == []


async def test_a_look_at_what_runs_reads_no_file(
    runtime: LlamaCpp, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "good.gguf").write_bytes(gguf.model())
    (folder / "far.gguf").symlink_to("/tmp/" + "x" * 300)
    monkeypatch.setattr(subprocess, "run", _no_process)
    await runtime.look()
