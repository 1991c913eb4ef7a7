"""The run folder is one per profile, private, and told of where it cannot be."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aqe_desktop.core.errors import StorageFailed
from aqe_desktop.machine.paths import find_paths, prepare


@pytest.fixture
def home() -> Path:
    return find_paths().home


@pytest.fixture
def other() -> Iterator[Path]:
    """Another runtime folder: short, for Unix socket paths end at 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="aqe-", dir="/tmp") as made:
        yield Path(made)


@pytest.fixture
def base() -> Path:
    return Path(os.environ["XDG_RUNTIME_DIR"])


def refused(words: str) -> str:
    with pytest.raises(StorageFailed, match=words) as told:
        prepare(find_paths())
    return told.value.hint


@pytest.mark.parametrize("kind", ["file", "dangling link", "link"])
def test_what_is_in_the_way_of_the_run_folder_is_named(base: Path, tmp_path: Path, kind: str) -> None:
    way = base / "aqe-desktop"
    if kind == "file":
        way.touch()
    else:
        way.symlink_to(tmp_path if kind == "link" else tmp_path / "none")
    assert "XDG_RUNTIME_DIR" in refused("aqe-desktop")
    assert way.is_symlink() or way.is_file()


def test_a_run_folder_that_someone_else_prepared_is_refused(base: Path) -> None:
    if os.getuid() == 0:
        (base / "aqe-desktop").mkdir()
        os.chown(base / "aqe-desktop", 65534, 65534)
        assert "XDG_RUNTIME_DIR" in refused("belongs to someone else")


@pytest.mark.parametrize("named", ["run", "./run", ""])
def test_a_runtime_folder_that_is_not_absolute_is_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str
) -> None:
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", named)
    assert find_paths().run.is_absolute()
    assert tmp_path not in find_paths().run.parents


def test_a_runtime_folder_of_another_user_is_not_used(base: Path) -> None:
    if os.getuid() == 0:  # as under sudo, where the caller's one may be named
        os.chown(base, 65534, 65534)
        assert base not in find_paths().run.parents


def test_whoever_starts_with_another_runtime_folder_finds_the_same_run_folder(
    monkeypatch: pytest.MonkeyPatch, other: Path
) -> None:
    first = find_paths()
    prepare(first)
    assert stat.S_IMODE((first.home / "run-folder").stat().st_mode) == 0o600
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(other))
    assert find_paths() == first
    prepare(find_paths())
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert find_paths() == first


def test_a_run_folder_that_is_gone_is_replaced(monkeypatch: pytest.MonkeyPatch, base: Path, other: Path) -> None:
    first = find_paths()
    prepare(first)
    shutil.rmtree(first.run)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(other))
    second = find_paths()
    assert other in second.run.parents
    prepare(second)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(base))
    assert find_paths() == second


def test_a_copied_profile_has_a_run_folder_of_its_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = find_paths()
    prepare(first)
    shutil.copytree(home, home.with_name("copy"))
    monkeypatch.setenv("AQE_HOME", str(home.with_name("copy")))
    assert find_paths().run != first.run


def pipe(note: Path) -> None:
    os.mkfifo(note)


def nonsense(note: Path) -> None:
    note.write_bytes(b"\xff\0" * 5000)


def elsewhere(note: Path) -> None:
    note.write_text(f"/tmp/{find_paths().run.name}")


@pytest.mark.parametrize("damage", [pipe, nonsense, elsewhere])
def test_a_damaged_note_of_the_run_folder_is_as_good_as_none(home: Path, damage: Callable[[Path], None]) -> None:
    first = find_paths()
    prepare(first)
    (home / "run-folder").unlink()
    damage(home / "run-folder")
    assert find_paths() == first
    prepare(first)
