"""Which project a folder belongs to."""

from __future__ import annotations

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


def test_a_named_project_must_be_a_folder(tmp_path: Path) -> None:
    assert named_project(tmp_path) == tmp_path.resolve()
    with pytest.raises(UsageError):
        named_project(tmp_path / "none")
