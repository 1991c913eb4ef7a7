"""Models brought in and removed, and servers started and stopped: work that outlives the screen that asked for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from aqe_desktop.core.errors import AqeError, ProviderFailed, StorageFailed, UsageError
from aqe_desktop.core.feed import Feed
from aqe_desktop.core.models import Model, ModelDetails, ModelRef, Removal
from aqe_desktop.core.ports import Control, PullsKept, Stock
from aqe_desktop.core.transfers import Transfer
from aqe_desktop.services.models import ModelService


class PullState(StrEnum):
    """The life of a download. UNFINISHED: begun in an earlier run and not ended; it can go on."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Pull:
    """One look at a download; `message` and `hint` tell of a failure, `error` is its kind."""

    model: ModelRef
    state: PullState
    transfer: Transfer | None = None
    message: str = ""
    hint: str = ""
    error: str = ""


class StockService:
    """Stocks and controls by the id of their runtime. A runtime that lacks one is refused in words.

    `kept` remembers downloads that were begun, so that they can go on after a restart."""

    def __init__(
        self, stocks: Mapping[str, Stock], controls: Mapping[str, Control], models: ModelService, kept: PullsKept
    ) -> None:
        self.pulls: Feed[tuple[Pull, ...]] = Feed(())
        self._stocks = stocks
        self._controls = controls
        self._models = models
        self._kept = kept
        self._running: dict[ModelRef, asyncio.Task[None]] = {}
        self._failed: dict[ModelRef, AqeError] = {}

    def can_stock(self, runtime: str) -> bool:
        """Whether its models can be described and removed from here."""
        return runtime in self._stocks

    def can_control(self, runtime: str) -> bool:
        """Whether its server can be started and stopped from here."""
        return runtime in self._controls

    def can_create(self, runtime: str) -> bool:
        """Whether models can be made of files and copied there."""
        return runtime in self._stocks and self._stocks[runtime].creates

    async def recall(self) -> None:
        """Show what an earlier run began and did not end. Free when it was done."""
        known = {pull.model for pull in self.pulls.value}
        for model in await self._kept.all():
            if model not in known and model.host in self._stocks:
                self._put(Pull(model, PullState.UNFINISHED))

    def pull(self, model: ModelRef) -> None:
        """Begin the download, or join the one that runs. UsageError where the runtime has none."""
        self._stock(model.host)
        if model not in self._running:
            self._failed.pop(model, None)
            self._put(Pull(model, PullState.RUNNING))
            task = asyncio.create_task(self._pull(model), name=f"pull {model}")
            self._running[model] = task
            task.add_done_callback(lambda _: self._running.pop(model, None))

    async def following(self, model: ModelRef) -> AsyncGenerator[Pull]:
        """Begin or join the download, and tell each change of it until it ends. Raises what ended it.

        Closing the generator ends the following, not the download."""
        self.pull(model)
        async with aclosing(self.pulls.follow()) as changes:
            async for pulls in changes:
                now = next((pull for pull in pulls if pull.model == model), None)
                if now is None:
                    return
                yield now
                if now.state is not PullState.RUNNING:
                    break
        if error := self._failed.get(model):
            raise error

    async def cancel(self, model: ModelRef) -> None:
        """End the download; what arrived stays with the runtime, so that a later one goes on from there."""
        task = self._running.get(model)
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
            if task.cancelled():  # else it came to an end of its own meanwhile
                await self._forget(model)
                self._put(Pull(model, PullState.CANCELLED, self._transfer(model)))

    async def dismiss(self, model: ModelRef) -> None:
        """Take one that does not run out of the list, and forget it."""
        if model not in self._running:
            await self._forget(model)
            self.pulls.put(tuple(pull for pull in self.pulls.value if pull.model != model))

    def create(self, runtime: str, name: str, file: Path) -> AsyncGenerator[Transfer]:
        """Make a model of a GGUF file on this device. Closing the generator cancels."""
        return self._stock(runtime).create(name, file)

    async def copy(self, model: ModelRef, name: str) -> ModelRef:
        return await self._stock(model.host).copy(model, name)

    def removes(self, runtime: str) -> Removal:
        """What `delete` does with the files of a model there."""
        return self._stock(runtime).removes

    async def delete(self, model: ModelRef) -> None:
        """Remove the model; `also_used_by` tells before what else stands on its file."""
        await self._stock(model.host).delete(model)

    async def details(self, model: ModelRef) -> ModelDetails:
        return await self._stock(model.host).details(model)

    async def also_used_by(self, model: ModelRef) -> tuple[str, ...]:
        """One sentence for each other model that stands on the same files, and for what else does."""
        listed = [each.model for each in await self._models.list()]
        wanted = next((each for each in listed if each.ref == model), None)
        if wanted is None:
            return ()
        others = [each.ref for each in listed if each.ref != model and _share(wanted, each)]
        return (*(f"{each} stands on the same files." for each in others), *await self._used_by(model))

    async def _used_by(self, model: ModelRef) -> tuple[str, ...]:
        return await self._stocks[model.host].used_by(model) if model.host in self._stocks else ()

    async def start(self, runtime: str) -> None:
        """Returns when its server answers; free where one runs."""
        await self._control(runtime).start()

    async def stop(self, runtime: str) -> None:
        """End the server that this app started. UsageError for another's."""
        await self._control(runtime).stop()

    async def has_log(self, runtime: str) -> bool:
        """Whether its server has a log that can be read here."""
        return runtime in self._controls and await self._controls[runtime].has_log()

    def logs(self, runtime: str, lines: int = 500) -> AsyncGenerator[str]:
        """The last lines of its server's log, then what comes."""
        return self._control(runtime).logs(lines)

    async def aclose(self) -> None:
        """End what runs; it stays remembered, and can go on in the next run."""
        running = set(self._running.values())
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    async def _pull(self, model: ModelRef) -> None:
        try:
            with suppress(StorageFailed):  # then it is not remembered, which is no reason not to do it
                await self._kept.add(model)
            async with aclosing(self._stock(model.host).pull(model.model)) as transfers:
                async for transfer in transfers:
                    self._put(Pull(model, PullState.RUNNING, transfer))
        except AqeError as error:
            self._fail(model, error)
        except Exception as error:
            self._fail(model, _our_fault(error))
            raise
        else:
            await self._forget(model)
            self._put(Pull(model, PullState.DONE, self._transfer(model)))

    def _fail(self, model: ModelRef, error: AqeError) -> None:
        """It stays remembered: what arrived is there."""
        self._failed[model] = error
        last = self._transfer(model)
        self._put(Pull(model, PullState.FAILED, last, error.message, error.hint, error.kind))

    async def _forget(self, model: ModelRef) -> None:
        with suppress(StorageFailed):  # it is offered once more, then
            await self._kept.remove(model)

    def _put(self, pull: Pull) -> None:
        others = {each.model: each for each in self.pulls.value}
        self.pulls.put(tuple({**others, pull.model: pull}.values()))

    def _transfer(self, model: ModelRef) -> Transfer | None:
        return next((pull.transfer for pull in self.pulls.value if pull.model == model), None)

    def _stock(self, runtime: str) -> Stock:
        self._models.status(runtime)
        try:
            return self._stocks[runtime]
        except KeyError:
            message = f"The models of “{runtime}” cannot be changed from here."
            raise UsageError(message, "Do it with that server's own tools.") from None

    def _control(self, runtime: str) -> Control:
        self._models.status(runtime)
        try:
            return self._controls[runtime]
        except KeyError:
            message = f"“{runtime}” has no server that this app starts, stops or keeps a log of."
            raise UsageError(
                message, "Start or stop it with its own tools; `aqe runtimes` shows how it stands."
            ) from None


def _share(one: Model, other: Model) -> bool:
    """By the same files, or by what a server itself calls the same; two copies of one content do not share it."""
    files = {*one.files, one.file} & {*other.files, other.file} - {None}
    same = one.ref.host == other.ref.host and one.digest != "" and one.digest == other.digest
    return bool(files) or same


def _our_fault(error: Exception) -> AqeError:
    return ProviderFailed(
        f"A fault in the app ended the download ({type(error).__name__}).", "Try again; what arrived is kept."
    )
