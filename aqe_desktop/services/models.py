"""What can answer and how it stands: the models of every runtime, the default one, loading and letting go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace

from aqe_desktop.core.chat import Loading
from aqe_desktop.core.errors import AqeError, ModelBroken, NothingLocal, StorageFailed, Unreachable, UsageError
from aqe_desktop.core.feed import Feed
from aqe_desktop.core.models import Capability, Model, ModelRef, Phase, Place, RuntimeStatus, SeenModels, Zone
from aqe_desktop.core.ports import ModelsSeen, Runtime
from aqe_desktop.services.model_lists import (
    Answer,
    Known,
    ListedModel,
    RuntimeList,
    newer,
    of_kept,
    parts,
    place_of,
    restated,
    with_places,
)
from aqe_desktop.services.together import together

__all__ = ["Choice", "ListedModel", "ModelService", "RuntimeList", "newer", "restated"]
PATIENCE = 8.0


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that will answer. `note` is one sentence where it is not the one the user would expect, else empty."""

    model: Model
    note: str = ""


class ModelService:
    """Models and runtimes as the front doors see them; `preferred` tells the model for new chats, "" the first one.

    `seen` keeps what each runtime had last; `patience` is how many seconds a runtime may take before that is shown
    instead."""

    def __init__(
        self,
        runtimes: Sequence[Runtime],
        preferred: Callable[[], Awaitable[str]],
        seen: ModelsSeen | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._runtimes = {runtime.id: runtime for runtime in runtimes}
        self._preferred = preferred
        self._seen = seen
        self._patience = patience
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
        """Every runtime read anew, also where another process of this profile runs it; starts nothing. One that does
        not answer in time is as it was last."""
        return tuple(await asyncio.gather(*map(self._looked_at, self._runtimes.values())))

    async def list(self, *, anew: bool = False, places: bool = False) -> list[ListedModel]:
        """Every model that can be used, in the order of the runtimes; loads nothing. As `settled` has them."""
        return [model for part in await self.settled(anew=anew, places=places) for model in part.models]

    async def settled(self, *, anew: bool = False, places: bool = False) -> Sequence[RuntimeList]:
        """What each runtime has, once all have answered or were given up.

        A server is only asked `anew` where it was never seen: each question to one that is not proved to be here is a
        row of the ledger. With `places`, where each model runs."""
        kept, known = await self._kept(), await self._made_with()
        asked = [self._last(runtime, kept.get(name), known, anew, places) for name, runtime in self._runtimes.items()]
        return _with_default(await asyncio.gather(*asked))

    async def lists(self, only: Collection[str] | None = None) -> AsyncGenerator[RuntimeList]:
        """What each runtime has: as it was seen last, at once; then as it answers; then with places. Each part takes
        the place of the one before of the same runtime. With `only`, of these runtimes: the others are not asked."""
        kept, known = await self._kept(), await self._made_with()
        asked = {name: runtime for name, runtime in self._runtimes.items() if only is None or name in only}
        for name, runtime in asked.items():
            if name in kept:
                yield of_kept(runtime, kept[name], known)
        streams = [self._told(runtime, kept.get(name), known) for name, runtime in asked.items()]
        async with aclosing(together(streams)) as parts_of_all:
            async for part in parts_of_all:
                yield part

    async def choose(self, wanted: ModelRef | None = None) -> Model:
        """The model that was named, or else the default; raises what `pick` raises."""
        return (await self.pick(wanted)).model

    async def pick(self, wanted: ModelRef | None = None) -> Choice:
        """The model that was named, or else the default. A named model is never replaced; a default that has gone is.

        Only runtimes are asked that may have it. Raises UsageError for an unknown runtime, ModelBroken for a missing
        model, Unreachable where its server does not answer, NothingLocal where there is none."""
        if wanted is None:
            return await self._pick_default()
        self._runtime(wanted.host)
        _require_text(wanted)
        found = self._known.get(wanted) or await self._find(wanted) or self._known.get(_latest(wanted))
        if found is None:
            raise self._missing(wanted)
        return Choice(found)

    async def sees(self, model: Model) -> bool:
        """Whether it can look at images. What is known by its name only is read for that."""
        if Capability.VISION in model.capabilities:
            return True
        read = await self.runtime(model.ref).models()
        return any(each.ref == model.ref and Capability.VISION in each.capabilities for each in read)

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

    async def unload(self, runtime: str, model: ModelRef | None = None) -> None:
        """Let go of that model of the runtime, None of all; a failed engine is cleared, so that the next load starts
        anew."""
        await self._runtime(runtime).unload(model)

    async def clear_failure(self, runtime: str) -> None:
        """Let a failed engine go; a sound one is left alone."""
        if self.status(runtime).value.phase is Phase.FAILED:
            await self.unload(runtime)

    def _runtime(self, runtime: str) -> Runtime:
        try:
            return self._runtimes[runtime]
        except KeyError:
            raise UsageError(f"There is no runtime “{runtime}”.", "`aqe runtimes` lists them.") from None

    async def _looked_at(self, runtime: Runtime) -> RuntimeStatus:
        try:
            async with asyncio.timeout(self._patience):
                return await runtime.look()
        except TimeoutError:
            message = f"{runtime.status.value.name} has not answered for {self._patience:.0f} s."
        except AqeError as error:
            message = error.message
        return replace(runtime.status.value, phase=Phase.FAILED, message=message)

    async def _told(self, runtime: Runtime, kept: SeenModels | None, known: Known) -> AsyncGenerator[RuntimeList]:
        async with aclosing(parts(runtime, kept, known, self._patience)) as told:
            async for part, answer in told:
                yield part
                if answer is not None:
                    await self._keep(runtime.id, answer, kept)
                    yield await with_places(runtime, part, self._patience)

    async def _last(
        self, runtime: Runtime, kept: SeenModels | None, known: Known, anew: bool, places: bool
    ) -> RuntimeList:
        """The runtime's part once it is settled."""
        last: RuntimeList | None = None
        if kept is not None and kept.address and not anew:
            last = of_kept(runtime, kept, known)
            self._know(runtime.id, kept.models)
        else:
            async with aclosing(parts(runtime, kept, known, self._patience)) as told:
                async for part, answer in told:
                    last = part
                    if answer is not None:
                        await self._keep(runtime.id, answer, kept)
        assert last is not None, "a runtime's parts are never none"
        return await with_places(runtime, last, self._patience) if places else last

    async def _keep(self, runtime: str, answer: Answer, kept: SeenModels | None) -> None:
        """A list that cannot be kept is none the worse; the next start has to wait for it."""
        assert answer.told is not None
        self._know(runtime, answer.told)
        now = SeenModels(int(time.time() * 1000), answer.status.address, answer.told)
        if self._seen is not None and (kept is None or replace(kept, seen=now.seen) != now):
            with suppress(StorageFailed):
                await self._seen.keep(runtime, now)

    async def _kept(self) -> Mapping[str, SeenModels]:
        return {} if self._seen is None else await self._seen.all()

    async def _made_with(self) -> Known:
        return Known(await self._preferred(), {} if self._seen is None else await self._seen.speeds())

    def _know(self, runtime: str, models: Sequence[Model]) -> None:
        """In place of what was known of this runtime; the others' models stay."""
        for ref in [ref for ref in self._known if ref.host == runtime]:
            del self._known[ref]
        self._known.update({model.ref: model for model in models})

    async def _find(self, wanted: ModelRef) -> Model | None:
        """As its runtime knows it, or knew it: a server of ours that does not run yet is started by whoever loads."""
        models = await self._names(self._runtimes[wanted.host])
        self._know(wanted.host, models)
        found = self._known.get(wanted)
        if found is None and not models:
            kept = (await self._kept()).get(wanted.host)
            if kept is not None and kept.address:
                found = next((model for model in kept.models if model.ref == wanted), None)
        return found

    async def _names(self, runtime: Runtime) -> Sequence[Model]:
        """Without reading the files where only their names matter: a folder may hold many, or hostile ones."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                return await runtime.models(read=False)
        return ()

    async def _pick_default(self) -> Choice:
        preferred = await self._preferred()
        host = preferred.partition("/")[0]
        if host in self._runtimes:
            wanted = ModelRef.parse(preferred)
            if (found := self._known.get(wanted) or await self._find(wanted)) is not None and _is_text(found.ref):
                return Choice(found)
        model = await self._first()
        if model is None:
            raise _nothing()
        if preferred in ("", str(model.ref)):
            return Choice(model)
        return Choice(model, f"The model {preferred} is not on this device; {model.name} answers instead.")

    async def _first(self) -> Model | None:
        """The first model whose name can be kept and that answers on this device, in the order of the runtimes."""
        for runtime in self._runtimes.values():
            known = [model for model in self._known.values() if model.ref.host == runtime.id]
            sound = [each for each in known or await self._names(runtime) if _is_text(each.ref) and not each.remote]
            if sound and await self._is_here(runtime, sound[0].ref):
                self._known.setdefault(sound[0].ref, sound[0])
                return sound[0]
        return None

    async def _is_here(self, runtime: Runtime, model: ModelRef) -> bool:
        """An engine that listens nowhere is our own, and says by itself where it runs before anything is sent to it."""
        if not (await self._looked_at(runtime)).address:
            return True
        return (await place_of(runtime, model, self._patience)).zone is Zone.DEVICE

    def _missing(self, wanted: ModelRef) -> AqeError:
        status = self._runtimes[wanted.host].status.value
        if status.address and status.phase in (Phase.STOPPED, Phase.FAILED):
            return Unreachable(status.message or f"{status.name} does not answer at {status.address}.", status.hint)
        return ModelBroken(f"There is no model {wanted} on this device.", "`aqe models` lists those there are.")


def _latest(model: ModelRef) -> ModelRef:
    """How Ollama's own tools read a name without a tag."""
    return model if ":" in model.model.rpartition("/")[2] else ModelRef(model.host, f"{model.model}:latest")


def _with_default(parts_of_all: Sequence[RuntimeList]) -> Sequence[RuntimeList]:
    """The user's choice where it still exists, else the first model that can be one."""
    listed = [each for part in parts_of_all for each in part.models]
    first = next((each for each in listed if _may_be_default(each)), None)
    if first is None or any(each.default for each in listed):
        return parts_of_all
    return [
        replace(part, models=tuple(replace(each, default=each is first) for each in part.models))
        for part in parts_of_all
    ]


def _may_be_default(listed: ListedModel) -> bool:
    here = listed.place is None or listed.place.zone is Zone.DEVICE
    return here and not listed.model.remote and _is_text(listed.model.ref)


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


def _nothing() -> AqeError:
    return NothingLocal(
        "There is no model on this device.",
        "Install the starter model with `make run`, or put a GGUF file into the models folder of the data folder.",
    )
