"""Plans of models for the front doors: reads what is needed once, and reckons anew for every change in the form."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aqe_desktop.core.errors import AqeError, StorageFailed
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import Model
from aqe_desktop.core.plan import Fit, Hardware, Measured, Plan, Recommended, Running, Shape
from aqe_desktop.core.ports import MeasuredKept
from aqe_desktop.services.planning.deciding import planned, unknown
from aqe_desktop.services.planning.learning import factor_of, key_of, predicted_of
from aqe_desktop.services.planning.recommended import recommended

_REMEMBERED = 200


@dataclass(frozen=True, slots=True)
class Sources:
    """How the service reaches what it needs; the first four may block and are called in a thread.

    `shape` raises AqeError; `batch` is what the engine takes by itself, in tokens; `recommended` is the shipped list as
    TOML. `engine` names engine and version that would load the model; `running` tells of it while it is in memory."""

    shape: Callable[[Sequence[Path]], Shape]
    hardware: Callable[[], Hardware]
    batch: Callable[[Path], int]
    recommended: Callable[[], str]
    settings: Callable[[Model], Awaitable[LoadSettings]] | None = None
    engine: Callable[[Model], str] | None = None
    running: Callable[[Model], Running | None] | None = None
    measured: MeasuredKept | None = None


class PlanningService:
    """What fits on this computer."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._shapes: dict[tuple[object, ...], Shape] = {}
        self._learned: set[tuple[object, ...]] = set()

    async def hardware(self) -> Hardware:
        """This computer, read anew."""
        return await asyncio.to_thread(self._sources.hardware)

    async def recommended(self) -> tuple[Recommended, ...]:
        """The shipped list of models for this computer as it is now, what suits it best first."""
        text = await asyncio.to_thread(self._sources.recommended)
        return recommended(text, await self.hardware())

    async def plan(self, model: Model, settings: LoadSettings | None = None) -> Plan:
        """Never raises for what a model's file says: that is told in the plan. Without settings those saved hold."""
        hardware = await self.hardware()
        devices = (hardware.memory, *hardware.gpus)
        files = model.files or ((model.file,) if model.file else ())
        if model.remote:
            return unknown(model.name, f"{model.remote} computes it, not this computer", devices)
        if not files:
            return unknown(model.name, "which file holds its weights is not known here", devices)
        try:
            shape = await self._shape(files)
        except AqeError as error:
            return unknown(model.name, _clause(error.message), devices)
        batch = await asyncio.to_thread(self._batch, files[0])
        saved = await self._saved(model)
        await self._learn(model, shape, saved, batch)
        factor = await self._factor(model)
        return planned(model.name, shape, settings or saved, hardware, batch=batch, factor=factor)

    async def _learn(self, model: Model, shape: Shape, saved: LoadSettings, batch: int | None) -> None:
        """What the model holds while it is loaded, once for each process of its engine. A model with layers on a GPU
        teaches nothing: how much it holds there is not known."""
        kept, running = self._sources.measured, self._running(model)
        if kept is None or running is None or (model.ref, running.pid) in self._learned:
            return
        as_loaded = replace(saved, context=running.context)
        plan = planned(model.name, shape, as_loaded, Hardware(), batch=batch)
        if plan.fit is Fit.UNKNOWN:
            return
        self._learned.add((model.ref, running.pid))
        found = Measured(predicted_of(plan), running.memory)
        with contextlib.suppress(StorageFailed):  # a plan is as good without
            await kept.keep(_name(model), running.engine, key_of(as_loaded, running.context), found)

    async def _factor(self, model: Model) -> float:
        kept, engine = self._sources.measured, self._sources.engine
        if kept is None or engine is None:
            return 1.0
        with contextlib.suppress(StorageFailed):
            return factor_of(await kept.of(_name(model), engine(model)))
        return 1.0

    def _running(self, model: Model) -> Running | None:
        return None if self._sources.running is None else self._sources.running(model)

    async def _saved(self, model: Model) -> LoadSettings:
        return LoadSettings() if self._sources.settings is None else await self._sources.settings(model)

    async def _shape(self, files: Sequence[Path]) -> Shape:
        """Kept as long as the files are the same ones."""
        mark = await asyncio.to_thread(_mark, files)
        if mark not in self._shapes:
            shape = await asyncio.to_thread(self._sources.shape, files)
            if len(self._shapes) >= _REMEMBERED:
                self._shapes.clear()
            self._shapes[mark] = shape
        return self._shapes[mark]

    def _batch(self, file: Path) -> int | None:
        with contextlib.suppress(OSError):
            return self._sources.batch(file)
        return None


def _name(model: Model) -> str:
    """Another file under the same name is another model."""
    return f"{model.ref}:{model.size}"


def _mark(files: Sequence[Path]) -> tuple[object, ...]:
    found: list[object] = []
    for file in files:
        try:
            facts = file.stat()
        except OSError:
            found.append((file, 0, 0))
        else:
            found.append((file, facts.st_size, facts.st_mtime_ns))
    return tuple(found)


def _clause(sentence: str) -> str:
    """A sentence as the end of another one."""
    plain = sentence.rstrip(".")
    return plain[:1].lower() + plain[1:] if plain.startswith(("It ", "Its ", "This ")) else plain
