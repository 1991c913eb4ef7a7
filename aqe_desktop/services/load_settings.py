"""The load settings of each model for the front doors: shown, checked and kept until the next load."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.load_checks import KNOWN, chosen, require
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import ModelRef
from aqe_desktop.core.ports import LoadSettingsKept, Runtime


class LoadSettingsService:
    """`runtime` finds a model's engine; `file` gives the absolute path of a model file that is there, else raises
    UsageError; it may block."""

    def __init__(
        self, kept: LoadSettingsKept, runtime: Callable[[ModelRef], Runtime], file: Callable[[str], str]
    ) -> None:
        self._kept = kept
        self._runtime = runtime
        self._file = file

    def takes(self, model: ModelRef) -> frozenset[str]:
        """Names of core.loading.SETTINGS that its engine knows. UsageError for an unknown runtime."""
        return self._runtime(model).takes

    async def get(self, model: ModelRef) -> LoadSettings:
        """Those that are saved, else all defaults."""
        return await self._kept.get(model)

    async def save(self, model: ModelRef, settings: LoadSettings) -> None:
        """They count from the next load on. UsageError says which one makes no sense and what to give."""
        require(settings)
        saved = await self._kept.get(model)
        self._require_taken(model, settings, saved)
        lora = tuple([await self._found(path, saved.lora) for path in settings.lora])
        draft = await self._found(settings.draft, (saved.draft,)) if settings.draft else ""
        await self._kept.save(model, replace(settings, lora=lora, draft=draft))

    def _require_taken(self, model: ModelRef, settings: LoadSettings, saved: LoadSettings) -> None:
        """What was saved for another engine may stay; it is shown as lacking."""
        takes, before = self.takes(model), chosen(saved)
        for name, value in chosen(settings).items():
            if name not in takes and before.get(name) != value:
                known = ", ".join(each for each in KNOWN if each in takes) or "none"
                raise UsageError(f"{model.host} does not take the setting {name}.", f"It takes: {known}.")

    async def _found(self, path: str, saved: tuple[str, ...]) -> str:
        """One that was there when it was saved and has gone since must not keep the others from being changed: the load
        says that it is gone."""
        return path if path in saved else await asyncio.to_thread(self._file, path)
