"""A part appears whole or not at all, whoever builds it beside us, and what is missing for it is said in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from parts import cache, models
from parts.cache import Bench, Part, PartError, provide
from parts.tools import run

from tests.parts import ollama_binary

_PACKAGING = Path(__file__).parent.parent / "packaging"
_TWO_BUILDERS = """
import sys, time
from pathlib import Path
from parts.cache import Part, provide

def build(bench):
    with Path(sys.argv[1]).open("a") as file:
        file.write("built ")
    time.sleep(1)
    (bench.ready / "file").touch()

provide(Part("thing", "1", "file", build))
"""


@pytest.fixture(autouse=True)
def parts_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AQE_PARTS", str(tmp_path / "parts"))
    return tmp_path / "parts"


def _left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.suffix != ".lock"}


def _make(bench: Bench) -> None:
    (bench.ready / "file").write_text("whole")


def test_the_parts_are_where_the_variable_says_else_in_the_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert cache.root() == tmp_path / "parts"
    monkeypatch.delenv("AQE_PARTS")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert cache.root() == tmp_path / "cache" / "aqe-desktop-parts"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache.root() == tmp_path / "home" / ".cache" / "aqe-desktop-parts"


def test_a_part_is_built_once(parts_folder: Path) -> None:
    part = Part("thing", "1", "file", _make)
    assert provide(part)
    assert not provide(part)
    assert part.path.read_text() == "whole"
    assert _left(parts_folder) == {"thing"}


def test_two_builders_at_once_build_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _TWO_BUILDERS, str(tmp_path / "builds")]
    environment = {**os.environ, "PYTHONPATH": str(_PACKAGING)}
    builders = [subprocess.Popen(command, env=environment) for _ in range(2)]
    assert [builder.wait(60) for builder in builders] == [0, 0]
    assert (tmp_path / "builds").read_text() == "built "


def test_a_build_that_fails_leaves_its_log_and_nothing_else(parts_folder: Path) -> None:
    def fail(bench: Bench) -> None:
        _make(bench)
        run(bench, ["sh", "-c", "echo no such header >&2; exit 3"], bench.work)

    with pytest.raises(PartError, match=r"(?s)sh ended with status 3:.*no such header.*thing-1.log"):
        provide(Part("thing", "1", "file", fail))
    assert _left(parts_folder) == {"thing-1.log"}


def test_a_build_that_leaves_nothing_is_a_failure() -> None:
    with pytest.raises(PartError, match="left no file"):
        provide(Part("thing", "1", "file", lambda bench: None))


def test_what_a_killed_build_left_is_removed_by_the_next(parts_folder: Path) -> None:
    (parts_folder / ".thing-1.building" / "ready").mkdir(parents=True)
    (parts_folder / ".thing-1.building" / "ready" / "half").touch()
    part = Part("thing", "1", "file", _make)
    provide(part)
    assert [path.name for path in part.folder.iterdir()] == ["file"]
    assert _left(parts_folder) == {"thing"}


def test_a_model_that_is_not_the_one_we_know_is_refused(parts_folder: Path, tmp_path: Path) -> None:
    source = models.Source("m.gguf", "piece{}", 0, "1", 3, "0" * 64)

    def join(bench: Bench) -> None:
        source.join([], bench.ready / source.file)

    with pytest.raises(PartError, match="came as 0 bytes"):
        provide(Part("model", "1", source.file, join))
    assert not (parts_folder / "model").exists()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (None, "Go is missing; Ollama 0.17.4 is built with it. Install Go 1.24 or newer"),
        ("echo go1.19.8", "go1.19.8 is too old for Ollama 0.17.4. Install Go 1.24 or newer"),
        ("echo go1.26.8", "Missing: a C++ compiler (g++), a C compiler (gcc). Install what is missing"),
    ],
)
def test_what_ollama_cannot_be_built_without_is_said(tmp_path: Path, script: str | None, said: str) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    if script:
        (programs / "go").write_text(f"#!/bin/sh\n{script}\n")
        (programs / "go").chmod(0o755)
    environment = {**os.environ, "PYTHONPATH": str(_PACKAGING), "PATH": str(programs)}
    command = [sys.executable, "-m", "parts", "ollama"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_test_whose_part_is_missing_fails_and_says_what_to_run() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"ollama 0.17.4 is missing .*: make parts"):
        ollama_binary()
