"""Moving to the trash: all files or none, never a deletion, and a clear word where there is no trash."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from aqe_desktop.core.errors import StorageFailed
from aqe_desktop.machine import trash


@pytest.fixture(autouse=True)
def fresh_trash(own_home: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package remembers the data folder of the test that imported it first."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "send2trash"]:
        monkeypatch.delitem(sys.modules, name)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"part-{number}.gguf" for number in (1, 2)]
    for path in paths:
        path.write_text(path.name)
    return paths


@pytest.fixture
def other_device() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


def _trashed(home: Path) -> set[str]:
    return {path.name for path in home.rglob("Trash/files/*")}


def test_files_lie_in_the_users_trash_with_the_place_they_came_from(files: list[Path], tmp_path: Path) -> None:
    trash.move_to_trash(files)
    assert not any(path.exists() for path in files)
    assert _trashed(tmp_path) == {path.name for path in files}
    (note, _) = sorted(tmp_path.rglob("Trash/info/*"))
    assert f"Path={files[0]}" in note.read_text()


def test_one_file_that_is_not_there_keeps_all_where_they_are(files: list[Path], tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="nothing was"):
        trash.move_to_trash([files[0], tmp_path / "none"])
    assert files[0].exists()
    assert _trashed(tmp_path) == set()


def test_a_trash_on_another_file_system_is_none_and_nothing_is_copied_there(
    files: list[Path], other_device: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(other_device))
    with pytest.raises(StorageFailed, match="There is no trash") as caught:
        trash.move_to_trash(files)
    assert "Delete the file yourself" in caught.value.hint
    assert all(path.exists() for path in files)
    assert list(other_device.iterdir()) == []


def test_what_moved_before_a_failure_is_told(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import send2trash

    real = send2trash.send2trash

    def once(path: Path) -> None:
        if path == files[1]:
            raise OSError(28, "No space left on device")
        real(path)

    monkeypatch.setattr(send2trash, "send2trash", once)
    with pytest.raises(StorageFailed, match=r"no space left\. 1 of its files lie in the trash already"):
        trash.move_to_trash(files)
    assert files[1].exists()
    assert _trashed(tmp_path) == {files[0].name}
