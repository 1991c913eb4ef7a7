"""The models as the window holds them: every runtime's list, the chosen one, what is being loaded or downloaded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Collection, Coroutine
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from aqe_desktop.core.chat import Loading
from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import ModelDetails, ModelRef, Phase, Removal, RuntimeStatus
from aqe_desktop.core.plan import Hardware, Plan, Recommended
from aqe_desktop.core.transfers import Transfer
from aqe_desktop.services.models import ModelService, RuntimeList, newer, restated
from aqe_desktop.services.planning import PlanningService
from aqe_desktop.services.stock import Pull, PullState, StockService
from aqe_desktop.ui.screens.models.listing import Order, Row, Wanted, chosen, rows_of
from aqe_desktop.ui.tasks import Tasks

_LOG_LINES = 500


class ModelsViewModel(QObject):
    """`lists` by runtime, in their order; `all` every model and `rows` those that `wanted` lets through.

    `changed`: rows or how a runtime stands. `pulls_changed`: downloads. `chosen_changed`: another model is chosen, or
    more is known of it (`details`, `plan`, None until then). `hardware_changed`. `log_came(line)`. `failed(AqeError)`:
    an act failed; what is shown is as it was. `done(text)`: a short word about an act."""

    changed = Signal()
    pulls_changed = Signal()
    chosen_changed = Signal()
    hardware_changed = Signal()
    recommended_changed = Signal()
    log_came = Signal(str)
    failed = Signal(object)
    done = Signal(str)

    def __init__(
        self,
        models: ModelService,
        stock: StockService,
        planning: PlanningService | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.wanted = Wanted()
        self.lists: dict[str, RuntimeList] = {}
        self.all: list[Row] = []
        self.rows: list[Row] = []
        self.looking = False
        self.looked = False
        self._turn = 0
        self._asked: frozenset[str] = frozenset()
        self.error: AqeError | None = None
        self.pulls: tuple[Pull, ...] = ()
        self.chosen: ModelRef | None = None
        self.details: ModelDetails | None = None
        self.plan: Plan | None = None
        self.hardware: Hardware | None = None
        self.recommended: tuple[Recommended, ...] = ()
        self.busy: dict[str, str] = {}
        self._logs: set[str] = set()
        self._loading: dict[ModelRef, Loading] = {}
        self._models, self._stock, self._planning = models, stock, planning
        self._tasks, self._reading, self._watching = Tasks(self), Tasks(self), Tasks(self)
        self._choosing, self._following, self._replanning = Tasks(self), Tasks(self), Tasks(self)
        for tasks in self._all_tasks():
            tasks.failed.connect(self.failed)

    @property
    def plans(self) -> bool:
        """Whether anybody can say here what a model would take."""
        return self._planning is not None

    def load(self) -> None:
        """Look at every runtime anew; an older look that is under way is given up."""
        self._look_at(self._models.runtime_ids)

    def want(self, **changes: Any) -> None:
        """Other words, another filter or order."""
        self.wanted = replace(self.wanted, **changes)
        self._show()

    def clear(self) -> None:
        """Show every model again, in the same order."""
        self.wanted = Wanted(order=self.wanted.order, falling=self.wanted.falling)
        self._show()

    def sort(self, order: Order) -> None:
        """By this; asked for again, the other way round. Figures begin with the largest."""
        again = order is self.wanted.order
        large_first = order in (Order.SIZE, Order.CONTEXT, Order.SPEED)
        self.want(order=order, falling=not self.wanted.falling if again else large_first)

    def choose(self, model: ModelRef | None) -> None:
        """Read what its runtime knows of it, and what it would take."""
        if model == self.chosen:
            return
        self.chosen, self.details, self.plan = model, None, None
        self._choosing.cancel()
        self._replanning.cancel()
        self.chosen_changed.emit()
        if (row := self.row(model)) is not None:
            self._choosing.start(self._read(row), name="read a model")

    def row(self, model: ModelRef | None) -> Row | None:
        return next((row for row in self.all if row.ref == model), None)

    def gives_way(self, row: Row) -> list[str]:
        """Names of the models that a load of this one puts out of memory."""
        part = self.lists.get(row.ref.host)
        if part is None or not part.status.single:
            return []
        return [each.model.name for each in part.models if each.loaded is not None and each.model.ref != row.ref]

    def replan(self, settings: LoadSettings) -> None:
        """What the chosen model would take with these; the memory picture follows."""
        row = self.row(self.chosen)
        if row is not None and self._planning is not None:
            self._replanning.cancel()
            self._replanning.start(self._plan(self._planning, row, settings), name="plan a model")

    def runtimes_with(self, setting: str, but: str) -> list[str]:
        """Names of the other runtimes that know this load setting."""
        others = [key for key in self.lists if key != but]
        return [self.lists[key].status.name for key in others if setting in self._takes(key)]

    def _takes(self, runtime: str) -> frozenset[str]:
        return self._models.runtime(ModelRef(runtime, "")).takes

    def can_stock(self, runtime: str) -> bool:
        return self._stock.can_stock(runtime)

    def can_control(self, runtime: str) -> bool:
        return self._stock.can_control(runtime)

    @property
    def stocking(self) -> list[tuple[str, str]]:
        """Name and id of each runtime that models are brought into: downloaded, made of a file, copied."""
        return [(part.status.name, key) for key, part in self.lists.items() if self._stock.can_create(key)]

    def has_log(self, runtime: str) -> bool:
        """As of the last look."""
        return runtime in self._logs

    def load_model(self, model: ModelRef) -> None:
        if model not in self._loading:
            self._loading[model] = Loading("", None)
            self._tasks.start(self._load_model(model), name=f"load {model}")
            self._show()

    def load_again(self, model: ModelRef) -> None:
        """Let go and load, with the settings as they are saved now."""
        self._do(self._load_again(model), f"load {model} again")

    def unload(self, model: ModelRef) -> None:
        self._do(self._then_look(self._models.unload(model.host, model), model.host), f"unload {model}")

    def start(self, runtime: str) -> None:
        """Start its server; pressed twice it is one start."""
        self._lead(runtime, "Starting", self._stock.start(runtime))

    def stop(self, runtime: str) -> None:
        self._lead(runtime, "Stopping", self._stock.stop(runtime))

    def pull(self, model: ModelRef) -> None:
        """Begin the download, join it or go on with it."""
        try:
            self._stock.pull(model)
        except AqeError as error:
            self.failed.emit(error)

    def cancel(self, model: ModelRef) -> None:
        self._do(self._stock.cancel(model), f"cancel {model}")

    def dismiss(self, model: ModelRef) -> None:
        self._do(self._stock.dismiss(model), f"dismiss {model}")

    def delete(self, model: ModelRef) -> None:
        self._do(self._deleting(model), f"delete {model}")

    async def copy(self, model: ModelRef, name: str) -> ModelRef:
        return await self._stock.copy(model, name)

    def create(self, runtime: str, name: str, file: Path) -> AsyncGenerator[Transfer]:
        """Make a model of a GGUF file; closing the generator cancels."""
        return self._stock.create(runtime, name, file)

    async def warnings_of(self, model: ModelRef) -> tuple[str, ...]:
        """What its runtime says it cannot do."""
        return (await self._stock.details(model)).warnings

    def removes(self, runtime: str) -> Removal:
        """What a delete does there."""
        return self._stock.removes(runtime)

    async def also_used_by(self, model: ModelRef) -> tuple[str, ...]:
        return await self._stock.also_used_by(model)

    def follow_log(self, runtime: str) -> None:
        """Until `leave_log`; nothing is read for a log that nobody sees."""
        self._following.cancel()
        self._following.start(self._log(runtime), name="read a log")

    def leave_log(self) -> None:
        self._following.cancel()

    def watch(self, every: float = 3.0) -> None:
        """Downloads, engines and the hardware, until `unwatch`. What others pull shows at the next look."""
        if not self._watching.busy:
            for runtime in self._models.runtime_ids:
                self._watching.start(self._watch_engine(runtime), name=f"watch {runtime}")
            self._watching.start(self._watch_pulls(), name="watch downloads")
            if self._planning is not None:
                self._watching.start(self._watch_hardware(self._planning, every), name="watch the hardware")

    def unwatch(self) -> None:
        self._watching.cancel()

    def recommend(self) -> None:
        """Which models suit this computer."""
        if self._planning is not None:
            self._do(self._recommend(self._planning), "recommend models")

    async def aclose(self) -> None:
        for tasks in self._all_tasks():
            await tasks.aclose()

    def _all_tasks(self) -> tuple[Tasks, ...]:
        read = (self._following, self._replanning, self._choosing, self._watching, self._reading)
        return (*read, self._tasks)

    def _do(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._tasks.start(work, name=name)

    async def _then_look(self, work: Awaitable[Any], runtime: str) -> None:
        """Afterwards its list is read anew, whatever came of it."""
        try:
            await work
        finally:
            self._look_at((runtime,))

    def _lead(self, runtime: str, what: str, work: Coroutine[Any, Any, None]) -> None:
        if runtime in self.busy:
            work.close()
            return
        self.busy[runtime] = what
        self.changed.emit()
        self._do(self._leading(runtime, work), f"{what} {runtime}")

    async def _leading(self, runtime: str, work: Awaitable[None]) -> None:
        try:
            await work
        finally:
            self.busy.pop(runtime, None)
            self._look_at((runtime,))

    def _look_at(self, runtimes: Collection[str]) -> None:
        """Only these are asked, and those that an older look which is given up had not come to the end of."""
        self._asked = self._asked.union(runtimes)
        self._reading.cancel()
        self._turn += 1
        self._reading.start(self._look(self._turn, self._asked), name="look at the models")

    async def _look(self, turn: int, runtimes: frozenset[str]) -> None:
        self.looking, self.error = True, None
        self.changed.emit()
        try:
            await self._stock.recall()
            self._logs = {key for key in self._models.runtime_ids if await self._stock.has_log(key)}
            async with aclosing(self._models.lists(runtimes)) as lists:
                async for part in lists:
                    self.lists[part.status.id] = newer(self.lists.get(part.status.id), part)
                    self._show()
        except AqeError as error:
            self.error = error
        finally:
            # One that was given up may end after the next has begun.
            if turn == self._turn:
                self.looking, self.looked, self._asked = False, True, frozenset()
                self._show()

    def _show(self) -> None:
        order = [key for key in self._models.runtime_ids if key in self.lists]
        self.all = rows_of((self.lists[key] for key in order), self._loading)
        self.rows = chosen(self.all, self.wanted)
        self.changed.emit()
        if self.chosen is not None:
            self.chosen_changed.emit()

    async def _read(self, row: Row) -> None:
        if self._planning is not None:
            self.plan = await self._planning.plan(row.listed.model)
            self.chosen_changed.emit()
        if self._stock.can_stock(row.ref.host):
            self.details = await self._stock.details(row.ref)
            self.chosen_changed.emit()

    async def _plan(self, planning: PlanningService, row: Row, settings: LoadSettings) -> None:
        self.plan = await planning.plan(row.listed.model, settings)
        self.chosen_changed.emit()

    async def _load_again(self, model: ModelRef) -> None:
        await self._models.unload(model.host, model)
        self.load_model(model)

    async def _load_model(self, model: ModelRef) -> None:
        try:
            async with aclosing(self._models.loading(model)) as steps:
                async for step in steps:
                    self._loading[model] = step
                    self._show()
        finally:
            self._loading.pop(model, None)
            self._look_at((model.host,))

    async def _deleting(self, model: ModelRef) -> None:
        """Another runtime's model may have stood on the same files."""
        try:
            await self._delete(model)
        finally:
            self.load()

    async def _delete(self, model: ModelRef) -> None:
        await self._stock.delete(model)
        if self.chosen == model:
            self.choose(None)
        trash = self.removes(model.host) is Removal.TRASH
        self.done.emit(f"{model} lies in the trash." if trash else f"{model} was deleted.")

    async def _watch_pulls(self) -> None:
        async with aclosing(self._stock.pulls.follow()) as changes:
            async for pulls in changes:
                ended = [pull for pull in pulls if pull.state is PullState.DONE]
                self.pulls = tuple(pull for pull in pulls if pull.state is not PullState.DONE)
                self.pulls_changed.emit()
                for pull in ended:
                    await self._stock.dismiss(pull.model)
                    self.done.emit(f"{pull.model} is here.")
                if ended:
                    self.load()

    async def _watch_engine(self, runtime: str) -> None:
        """A chat, too, loads models and sees servers end."""
        status = self._models.status(runtime)
        last = status.value
        async with aclosing(status.follow()) as changes:
            async for change in changes:
                before, last = last, change
                moved = _stands(before) != _stands(change)
                # One that rests here may run in another process, by the word of the last look.
                if moved or before.loaded != change.loaded or change.phase not in (Phase.STOPPED, Phase.ABSENT):
                    self._restate(runtime, change)
                if moved:
                    self._look_at((runtime,))

    def _restate(self, runtime: str, status: RuntimeStatus) -> None:
        """How far a load is and when a model is let go move by themselves; nobody is asked for that."""
        part = self.lists.get(runtime)
        if part is not None and (now := restated(part, status)) != part:
            self.lists[runtime] = now
            self._show()

    async def _watch_hardware(self, planning: PlanningService, every: float) -> None:
        while True:
            self.hardware = await planning.hardware()
            self.hardware_changed.emit()
            await asyncio.sleep(every)

    async def _recommend(self, planning: PlanningService) -> None:
        self.recommended = await planning.recommended()
        self.recommended_changed.emit()

    async def _log(self, runtime: str) -> None:
        async with aclosing(self._stock.logs(runtime, _LOG_LINES)) as lines:
            async for line in lines:
                self.log_came.emit(line)


def _stands(status: RuntimeStatus) -> tuple[Phase, ModelRef | None]:
    return status.phase, status.model
