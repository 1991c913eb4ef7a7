"""The switcher offers folders by their real path, newest first, and forgets one without touching it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.ports import Projects
from aqe_desktop.store.database import Database
from aqe_desktop.store.projects import ProjectStore


async def test_the_folder_opened_last_comes_first_and_once(database: Database, tmp_path: Path) -> None:
    projects: Projects = ProjectStore(database)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    for name in ("a", "b", "link"):
        await projects.open(str(tmp_path / name))
        await database.write(lambda c: c.execute("UPDATE projects SET opened = opened - 1000"))
    found = await projects.list()
    assert [(project.name, project.path) for project in found] == [
        ("a", str((tmp_path / "a").resolve())),
        ("b", str((tmp_path / "b").resolve())),
    ]


async def test_a_removed_project_keeps_its_folder(database: Database, tmp_path: Path) -> None:
    projects = ProjectStore(database)
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "file").touch()
    opened = await projects.open(str(folder))
    await projects.remove(opened.path)
    await projects.remove(opened.path)
    assert await projects.list() == []
    assert (folder / "file").exists()


async def test_a_folder_that_has_gone_can_be_removed(database: Database, tmp_path: Path) -> None:
    projects = ProjectStore(database)
    (tmp_path / "gone").mkdir()
    opened = await projects.open(str(tmp_path / "gone"))
    (tmp_path / "gone").rmdir()
    assert await projects.list() == [opened]
    await projects.remove(opened.path)
    assert await projects.list() == []


async def test_a_folder_whose_name_is_no_text_is_refused(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "\udcff"
    folder.mkdir()
    with pytest.raises(UsageError, match="UTF-8"):
        await ProjectStore(database).open(str(folder))
    await ProjectStore(database).remove(str(folder))


@pytest.mark.parametrize("path", ["nowhere", "file", "with\0nul", "~nobody-of-this-name/x"])
async def test_what_is_no_folder_is_refused(database: Database, tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    name = path if path.startswith("~") else f"{tmp_path}/{path}"
    with pytest.raises(UsageError, match="folder"):
        await ProjectStore(database).open(name)
