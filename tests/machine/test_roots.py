"""Which project a folder belongs to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aqe_desktop.core.errors import UsageError
from aqe_desktop.machine.roots import named_project, project_of


@pytest.mark.parametrize("mark", [".git", ".aqe"])
def test_the_nearest_parent_with_a_mark_is_the_project(tmp_path: Path, mark: str) -> None:
    inner = tmp_path / "outer" / "inner" / "src"
    inner.mkdir(parents=True)
    (tmp_path / "outer" / ".git").mkdir()
    assert project_of(inner) == tmp_path / "outer"
    (tmp_path / "outer" / "inner" / mark).mkdir()
    assert project_of(inner) == tmp_path / "outer" / "inner"


def test_a_folder_that_may_not_be_searched_has_no_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal of the system, put into its place: a test may run as root, whom no folder refuses."""
    closed = tmp_path / "closed"
    inner = closed / "inner"
    inner.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    look = os.stat

    def refuse(path: str | Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if Path(path).is_relative_to(closed):
            raise PermissionError(13, "Permission denied", str(path))
        return look(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "stat", refuse)
    assert project_of(inner) == tmp_path


def test_a_named_project_must_be_a_folder(tmp_path: Path) -> None:
    assert named_project(tmp_path) == tmp_path.resolve()
    with pytest.raises(UsageError):
        named_project(tmp_path / "none")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError):
        named_project(tmp_path / "loop")
    with pytest.raises(UsageError):
        named_project(tmp_path / "a\0b")
