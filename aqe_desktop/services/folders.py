"""The folders whose model files are listed: what they hold, and which of them, changed by command and by the window."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.folders import ModelFolder

_KEY = "llamacpp.folders"


class Folders(Protocol):
    """The folders themselves. Methods may block and are called in a thread."""

    def look(self) -> tuple[ModelFolder, ...]:
        """Ours, those added, then those found that could be."""

    def require(self, path: Path) -> Path:
        """As it is to be kept. UsageError for one that cannot be added."""


class FolderSettings(Protocol):
    """The settings as this service needs them."""

    def load_or_default(self) -> tuple[Any, Any]:
        """The settings, and what is wrong with them. May block."""

    async def change(self, changes: Mapping[str, Any]) -> Any:
        """Set `{"section.key": value}`. Raises UsageError, or StorageFailed or a kind of it."""


class FolderService:
    """What is changed here counts from the next look at the models. No file is copied, moved or deleted by it."""

    def __init__(self, folders: Folders, settings: FolderSettings) -> None:
        self._folders = folders
        self._settings = settings

    async def list(self) -> tuple[ModelFolder, ...]:
        """Ours first, then those the user added, then those of other programs that could be added."""
        return await asyncio.to_thread(self._folders.look)

    async def add(self, path: Path) -> None:
        """List the models of this folder and those below it. UsageError for what is no folder or is there already."""
        whole = await asyncio.to_thread(self._folders.require, path)
        await self._settings.change({_KEY: [*await self._added(), str(whole)]})

    async def remove(self, path: Path) -> None:
        """List its models no more. UsageError for one that was not added."""
        added = await self._added()
        left = _without(added, path)
        if len(left) == len(added):
            raise UsageError(f"{path} is not among the folders that were added.", "`aqe models folders` lists them.")
        await self._settings.change({_KEY: left or None})

    async def _added(self) -> Sequence[str]:
        chosen, _ = await asyncio.to_thread(self._settings.load_or_default)
        return [*chosen.llamacpp.folders]


def _without(added: Sequence[str], path: Path) -> list[str]:
    return [each for each in added if Path(each).expanduser() != path.expanduser()]
