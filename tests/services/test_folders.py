"""Folders are added and removed in the settings; the rest of that file stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.folders import FolderKind, ModelFolder
from aqe_desktop.services.folders import FolderService
from aqe_desktop.settings.file import SettingsFile


class Folders:
    """Takes every folder but one."""

    def look(self) -> tuple[ModelFolder, ...]:
        return (ModelFolder(Path("/ours"), FolderKind.OURS, "", 1, 2),)

    def require(self, path: Path) -> Path:
        if path.name == "none":
            raise UsageError("It is not there.")
        return path


@pytest.fixture
def settings(tmp_path: Path) -> SettingsFile:
    file = tmp_path / "settings.toml"
    file.write_text('# mine\n[llamacpp]\nengine = "auto" # as it comes\n')
    return SettingsFile(file)


async def test_a_folder_is_added_and_removed_and_every_other_line_stays(settings: SettingsFile) -> None:
    service, before = FolderService(Folders(), settings), settings.path.read_text()
    await service.add(Path("/models/a"))
    await service.add(Path("/models/b"))
    assert settings.load().llamacpp.folders == ["/models/a", "/models/b"]
    assert settings.path.read_text().replace('folders = ["/models/a", "/models/b"]\n', "") == before
    await service.remove(Path("/models/a"))
    await service.remove(Path("/models/b"))
    assert settings.path.read_text() == before
    assert [each.kind for each in await service.list()] == [FolderKind.OURS]


async def test_one_that_cannot_be_added_or_was_not_changes_nothing(settings: SettingsFile) -> None:
    service, before = FolderService(Folders(), settings), settings.path.read_text()
    with pytest.raises(UsageError, match="not there"):
        await service.add(Path("/models/none"))
    with pytest.raises(UsageError, match="not among the folders"):
        await service.remove(Path("/models/a"))
    assert settings.path.read_text() == before


async def test_a_folder_in_the_home_is_removed_by_its_whole_path(
    settings: SettingsFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    await settings.change({"llamacpp.folders": ["~/models"]})
    await FolderService(Folders(), settings).remove(tmp_path / "models")
    assert settings.load().llamacpp.folders == []


@pytest.mark.parametrize("folder", ["models", "", "./x", "/a\nb"])
async def test_only_whole_paths_are_kept(settings: SettingsFile, folder: str) -> None:
    with pytest.raises(UsageError, match="whole path"):
        await settings.change({"llamacpp.folders": [folder]})
