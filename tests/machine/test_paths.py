"""The data folder and the run folder are private, and no folder that is somebody else's is changed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from aqe_desktop.core.errors import StorageFailed
from aqe_desktop.machine.paths import find_paths, prepare


@pytest.fixture
def home() -> Path:
    return find_paths().home


def mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


def test_a_new_folder_is_private_with_all_in_it(home: Path) -> None:
    paths = find_paths()
    prepare(paths)
    assert {mode(folder) for folder in (home, paths.backups, paths.logs, paths.models, paths.run)} == {0o700}


def test_an_empty_folder_of_our_own_is_made_private(home: Path) -> None:
    home.mkdir()
    home.chmod(0o755)
    prepare(find_paths())
    assert mode(home) == 0o700


def test_the_folder_of_our_database_is_made_private_again(home: Path) -> None:
    prepare(find_paths())
    for name in ("history.db", "history.db.lock", "a note of the user"):
        (home / name).touch()
    home.chmod(0o755)
    prepare(find_paths())
    assert mode(home) == 0o700


def untouched(home: Path, before: int) -> StorageFailed:
    content = sorted(home.iterdir())
    with pytest.raises(StorageFailed, match="not a private folder") as refused:
        prepare(find_paths())
    assert (mode(home), sorted(home.iterdir())) == (before, content)
    return refused.value


def test_a_folder_that_was_filled_for_the_first_start_is_made_private(home: Path) -> None:
    (home / "models").mkdir(parents=True)
    (home / "settings.toml").touch()
    home.chmod(0o755)
    prepare(find_paths())
    assert mode(home) == 0o700


@pytest.mark.parametrize("content", ["pyproject.toml", "history.db-of-another-program"])
def test_a_folder_with_other_things_in_it_is_refused_and_left_as_it_is(home: Path, content: str) -> None:
    home.mkdir()
    (home / content).touch()
    (home / "models").mkdir()
    home.chmod(0o755)
    assert f"chmod 700 {home}" in untouched(home, 0o755).hint
    home.chmod(0o700)
    prepare(find_paths())


def test_a_folder_that_all_share_is_refused_and_left_as_it_is(home: Path) -> None:
    home.mkdir()
    home.chmod(0o1777)
    assert "chmod" not in untouched(home, 0o1777).hint


def test_a_folder_of_someone_else_is_refused_and_left_as_it_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.getuid() == 0:
        home.mkdir()
        home.chmod(0o755)
        os.chown(home, 65534, 65534)
    else:
        monkeypatch.setenv("AQE_HOME", "/usr")
    foreign = find_paths().home
    assert "chmod" not in untouched(foreign, mode(foreign)).hint
