"""What can answer and how it stands: the models of every runtime, the default one, loading and letting go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from aqe_desktop.core.chat import Loading
from aqe_desktop.core.errors import AqeError, ModelBroken, NothingLocal, UsageError
from aqe_desktop.core.feed import Feed
from aqe_desktop.core.models import Model, ModelRef, Phase, Place, RuntimeStatus
from aqe_desktop.core.ports import Runtime


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model with its state: `phase` is that of its runtime where it is the one loaded, STOPPED otherwise."""

    model: Model
    phase: Phase
    default: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that will answer. `note` is one sentence where it is not the one the user would expect, else empty."""

    model: Model
    note: str = ""


class ModelService:
    """Models and runtimes as the front doors see them; `preferred` tells the model for new chats, "" the first one."""

    def __init__(self, runtimes: Sequence[Runtime], preferred: Callable[[], Awaitable[str]]) -> None:
        self._runtimes = {runtime.id: runtime for runtime in runtimes}
        self._preferred = preferred
        self._known: dict[ModelRef, Model] = {}

    @property
    def runtime_ids(self) -> tuple[str, ...]:
        return tuple(self._runtimes)

    def status(self, runtime: str) -> Feed[RuntimeStatus]:
        """The live status of one runtime; `.value` now, `.follow()` for changes. UsageError for an unknown id."""
        return self._runtime(runtime).status

    def statuses(self) -> tuple[RuntimeStatus, ...]:
        """Every runtime as this process uses it; costs nothing, so views may call it."""
        return tuple(runtime.status.value for runtime in self._runtimes.values())

    async def look(self) -> tuple[RuntimeStatus, ...]:
        """Every runtime read anew, also where another process of this profile runs it; starts nothing."""
        return tuple([await runtime.look() for runtime in self._runtimes.values()])

    async def list(self) -> list[ListedModel]:
        """Every model that can be loaded, in the order of the runtimes, looked up anew; loads nothing."""
        await self._look_up(read=True)
        default = self._default(await self._preferred())
        loaded = {status.model: status.phase for status in await self.look()}
        models = self._known.values()
        return [ListedModel(model, loaded.get(model.ref, Phase.STOPPED), model == default) for model in models]

    async def choose(self, wanted: ModelRef | None = None) -> Model:
        """The model that was named, or else the default; raises what `pick` raises."""
        return (await self.pick(wanted)).model

    async def pick(self, wanted: ModelRef | None = None) -> Choice:
        """The model that was named, or else the default. A named model is never replaced; a default that has gone is.

        Raises UsageError for an unknown runtime, ModelBroken for a missing model, NothingLocal where there is none."""
        if wanted is not None:
            self._runtime(wanted.host)
            _require_text(wanted)
        if not self._known or (wanted is not None and wanted not in self._known):
            await self._look_up(read=False)
        if wanted is None:
            return await self._pick_default()
        if wanted not in self._known:
            raise _missing(wanted)
        return Choice(self._known[wanted])

    def runtime(self, model: ModelRef) -> Runtime:
        """The engine that serves this model. UsageError where none does."""
        return self._runtime(model.host)

    async def place(self, model: ModelRef) -> Place:
        """The zone of this model with the facts behind it, read anew."""
        return await self.runtime(model).place(model)

    async def load(self, model: ModelRef) -> None:
        """Returns when the model is ready; progress shows in `status`. Loading a loaded model is free."""
        await self.runtime(model).load(model)

    async def loading(self, model: ModelRef) -> AsyncGenerator[Loading]:
        """Load the model and tell of the progress, each change once; ends when it is ready, free where it is already.

        Raises what `load` raises. Closing the generator ends the waiting, not the loading."""
        runtime = self.runtime(model)
        work = asyncio.ensure_future(runtime.load(model))
        told: Loading | None = None
        try:
            async with aclosing(runtime.status.follow()) as changes:
                while not work.done():
                    change = asyncio.ensure_future(anext(changes))
                    try:
                        await asyncio.wait({work, change}, return_when=asyncio.FIRST_COMPLETED)
                    finally:
                        # Also where this is cancelled: a generator that still runs cannot be closed.
                        if not change.done():
                            change.cancel()
                            await asyncio.wait({change})
                    if change.cancelled():
                        break
                    event = _progress(change.result())
                    if event is not None and event != told:
                        told = event
                        yield event
            await work
        finally:
            work.cancel()

    async def unload(self, runtime: str) -> None:
        """Let go of the runtime's model; a failed engine is cleared, so that the next load starts anew."""
        await self._runtime(runtime).unload()

    async def clear_failure(self, runtime: str) -> None:
        """Let a failed engine go; a sound one is left alone."""
        if self.status(runtime).value.phase is Phase.FAILED:
            await self.unload(runtime)

    def _runtime(self, runtime: str) -> Runtime:
        try:
            return self._runtimes[runtime]
        except KeyError:
            raise UsageError(f"There is no runtime “{runtime}”.", "`aqe runtimes` lists them.") from None

    async def _look_up(self, *, read: bool) -> None:
        """Without reading the files where only their names matter: a folder may hold many, or hostile ones."""
        found = [model for runtime in self._runtimes.values() for model in await runtime.models(read=read)]
        self._known = {model.ref: model for model in found}

    def _default(self, preferred: str) -> Model | None:
        """The user's choice where it still exists, else the first model whose name can be kept."""
        models = [model for model in self._known.values() if _is_text(model.ref)]
        named = (model for model in models if str(model.ref) == preferred)
        return next(named, models[0] if models else None)

    async def _pick_default(self) -> Choice:
        preferred = await self._preferred()
        model = self._default(preferred)
        if model is None:
            raise _missing(None)
        if preferred in ("", str(model.ref)):
            return Choice(model)
        return Choice(model, f"The model {preferred} is not on this device; {model.name} answers instead.")


def _progress(status: RuntimeStatus) -> Loading | None:
    if status.phase not in (Phase.STARTING, Phase.LOADING):
        return None
    return Loading(status.message, status.progress)


def _is_text(ref: ModelRef) -> bool:
    """A file may have a name of bytes that are no text; nothing can keep it, so nothing could say who answered."""
    try:
        str(ref).encode()
    except UnicodeEncodeError:
        return False
    return True


def _require_text(ref: ModelRef) -> None:
    if not _is_text(ref):
        raise ModelBroken(f"The name of the model {ref} is not text.", "Give its file another name.")


def _missing(wanted: ModelRef | None) -> AqeError:
    if wanted is not None:
        return ModelBroken(f"There is no model {wanted} on this device.", "`aqe models` lists those there are.")
    return NothingLocal(
        "There is no model on this device.",
        "Install the starter model with `make run`, or put a GGUF file into the models folder of the data folder.",
    )
