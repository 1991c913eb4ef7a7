"""The embedded engine as a Runtime: loads a model into a process that is shared, and lets it answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from aqe_desktop.core.chat import ChatEvent, Loading, Message, Noted, Sampling, Turn
from aqe_desktop.core.embedding import Embedded
from aqe_desktop.core.errors import AqeError, EngineCrashed, ModelBroken, PrivacyRefused, ProviderFailed
from aqe_desktop.core.feed import Feed
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import Capability, Loaded, Model, ModelRef, Phase, Place, Proof, RuntimeStatus
from aqe_desktop.core.ports import LoadSettingsKept
from aqe_desktop.core.tools import names_of
from aqe_desktop.machine.door import Door, warm_up
from aqe_desktop.machine.paths import Paths, prepare
from aqe_desktop.runtimes.llamacpp import control_tokens, others, places, speeds, statuses, talk
from aqe_desktop.runtimes.llamacpp.control_tokens import ControlTokens
from aqe_desktop.runtimes.llamacpp.engines import Engines, Wanted
from aqe_desktop.runtimes.llamacpp.library import HOST, Library
from aqe_desktop.runtimes.llamacpp.library.library import FACTS
from aqe_desktop.runtimes.llamacpp.link import Link, Ready, open_link
from aqe_desktop.runtimes.llamacpp.options import Job, LoadOptions, limit_of
from aqe_desktop.wires.openai_calls import Calls
from aqe_desktop.wires.openai_chat import Decoder

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
_LOG = "engine.log"
_LOG_LIMIT = 1_000_000
_LOOK_S = 0.1


class LlamaCpp:
    """Implements core.ports.Runtime. One model at a time for this user; loading another lets go of the first."""

    def __init__(
        self,
        paths: Paths,
        door: Door,
        options: LoadOptions | None = None,
        *,
        loopback: bool | None = None,
        library: Library | None = None,
        wanted: Wanted | None = None,
        kept: LoadSettingsKept | None = None,
        stays: bool = False,
    ) -> None:
        """Without a library, the profile's own folder of models is all of it; without `wanted`, the engine is chosen by
        what it can use. `kept` has the load settings of each model; with `stays`, what is loaded on purpose outlives
        this process for as long as its settings let it be idle."""
        self._paths = paths
        self._door = door
        self._options = options or LoadOptions()
        self._library = library or Library(paths.models, paths.home / FACTS)
        self._loopback = not hasattr(asyncio, "open_unix_connection") if loopback is None else loopback
        self._kept = kept
        self._stays = stays
        self._engines = Engines(wanted or Wanted(), paths.home)
        self._status = Feed(statuses.resting(self._engines.guessed()))
        self._link: Link | None = None
        self._leaving: tuple[Loaded, ...] = ()
        self._changing = asyncio.Lock()
        self._openings: set[asyncio.Future[Link]] = set()
        self._breaking: tuple[tuple[str, ...], ControlTokens] = ((), ControlTokens(()))

    @property
    def id(self) -> str:
        return HOST

    @property
    def takes(self) -> frozenset[str]:
        return self._engines.takes

    @property
    def status(self) -> Feed[RuntimeStatus]:
        return self._status

    async def look(self) -> RuntimeStatus:
        if self._link is None or self._link.lost.is_set():
            await self._show_engine()
            engine = self._engines.guessed()
            seen = await others.seen(self._paths.run, self._named, engine, loopback=self._loopback)
            if seen is not None:
                return seen
        return self._status.value

    async def _named(self, file: Path) -> ModelRef | None:
        """How the library calls this file."""
        return next((each.ref for each in await self.models(read=False) if each.file == file), None)

    async def models(self, *, read: bool = True) -> list[Model]:
        found = await asyncio.to_thread(self._library.models if read else self._library.names)
        return found if self._engines.guessed().sees else [_unseeing(model) for model in found]

    async def load(self, model: ModelRef) -> None:
        async with self._in_use(model) as link:
            if self._stays and limit_of(link.job.options.idle_s) is not None:
                link.stay()

    async def unload(self, model: ModelRef | None = None) -> None:
        """There is one model at most in this process; another may stay from a command that has ended."""
        if model in (None, self._status.value.model):
            await self._unload(stays=False)
        with suppress(ModelBroken):  # what has no file here any more stays no longer than it may be idle
            file = None if model is None else (await asyncio.to_thread(self._library.find, model)).file
            await others.dismiss(self._paths.run, file, loopback=self._loopback)

    async def _unload(self, *, stays: bool) -> None:
        while self._openings:
            for opening in self._openings:
                opening.cancel()
            await asyncio.wait(set(self._openings))
        async with self._changing:
            await self._let_go(stays=stays)
        self._put(statuses.resting(self._engines.guessed()))

    async def place(self, model: ModelRef) -> Place:
        found = await asyncio.to_thread(self._library.find, model)
        link = self._link
        if link is None or link.lost.is_set() or not link.ready.done() or not link.job.is_same(await self._job(found)):
            return await asyncio.to_thread(places.before_start, found, self._paths.run, loopback=self._loopback)
        return await places.of(link)

    async def count(self, turn: Turn) -> int:
        async with self._in_use(turn.model) as link:
            ready = await link.ready
            await self._check_place(turn)
            plain = replace(turn, messages=await self._plain(turn.messages, ready))
            async with await self._http(plain, ready) as client:
                return await talk.count(client, plain)

    async def embed(self, turn: Turn) -> Embedded:
        """Only a model that is made for it is loaded so that it can."""
        if Capability.EMBEDDINGS not in (await asyncio.to_thread(self._library.find, turn.model)).capabilities:
            await self.models()  # it may not have been read yet
        async with self._in_use(turn.model) as link:
            ready = await link.ready
            await self._check_place(turn)
            plain = replace(turn, messages=await self._plain(turn.messages, ready))
            async with await self._http(plain, ready) as client:
                return await talk.embed(client, plain)

    async def context(self, model: ModelRef) -> int:
        return (await (await self._linked(model)).ready).context

    async def body(self, model: ModelRef, messages: Sequence[Message], sampling: Sampling) -> None:
        """The engine is on this device, always."""

    async def stream(self, turn: Turn) -> AsyncGenerator[ChatEvent]:
        loading = asyncio.create_task(self._linked(turn.model))
        try:
            async with aclosing(self._while_loading(loading)) as events:
                async for event in events:
                    yield event
            await loading
        finally:
            loading.cancel()
        async with self._in_use(turn.model) as link, aclosing(self._answered(turn, link)) as answer:
            async for event in answer:
                yield event

    async def aclose(self) -> None:
        await self._unload(stays=True)

    async def _answered(self, turn: Turn, link: Link) -> AsyncGenerator[ChatEvent]:
        ready = await link.ready
        await self._check_place(turn)
        messages = await self._plain(turn.messages, ready)
        if messages != turn.messages:
            yield Noted(control_tokens.NOTE)
        decoder = Decoder(calls=Calls(names_of(turn.sampling.tools)))
        try:
            async with (
                await self._http(turn, ready) as client,
                aclosing(talk.talk(client, replace(turn, messages=messages), decoder)) as events,
            ):
                async for event in events:
                    yield event
        except EngineCrashed:
            await self._forget_engine(link)
            raise
        await self._remember_speed(link, decoder)

    async def _while_loading(self, loading: asyncio.Task[Link]) -> AsyncGenerator[ChatEvent]:
        """Loading events until `loading` is done: a look at the status ten times a second, changes only."""
        seen: Loading | None = None
        while not loading.done():
            status = self._status.value
            event = Loading(status.message, status.progress)
            if status.phase in (Phase.STARTING, Phase.LOADING) and event != seen:
                seen = event
                yield event
            await asyncio.wait({loading}, timeout=_LOOK_S)

    @asynccontextmanager
    async def _in_use(self, ref: ModelRef) -> AsyncGenerator[Link]:
        """The loaded engine of this model, which is not idle meanwhile. One that was let go of just before this use is
        loaded again."""
        link = await self._linked(ref)
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(link.in_use(link.job.options.idle_s))
            except EngineCrashed:
                if link is self._link and not link.let_go:
                    raise
                link = await self._linked(ref)
                await stack.enter_async_context(link.in_use(link.job.options.idle_s))
            yield link

    async def _linked(self, ref: ModelRef) -> Link:
        """The loaded engine of this model, started if need be; giving up the wait stops nothing."""
        opening = asyncio.ensure_future(self._link_to(ref))
        self._openings.add(opening)
        opening.add_done_callback(self._opened)
        link = await _unless_unloaded(opening)
        await _unless_unloaded(link.ready)
        await self._show_place(link)
        return link

    def _opened(self, opening: asyncio.Future[Link]) -> None:
        """Whoever waited may have left; the status tells of a failure all the same."""
        self._openings.discard(opening)
        if not opening.cancelled():
            opening.exception()

    async def _link_to(self, ref: ModelRef) -> Link:
        async with self._changing:
            model = await asyncio.to_thread(self._library.find, ref)
            link = self._link
            job = await self._job(model)
            if link is None or link.lost.is_set() or not link.job.is_same(job):
                link = await self._switch(model, job)
            link.job = job  # how long it may be idle is told with each use
            return link

    async def _show_place(self, link: Link) -> None:
        if self._status.value.phase is Phase.READY and self._status.value.place is None:
            self._status.put(replace(self._status.value, place=await places.of(link)))

    async def _check_place(self, turn: Turn) -> None:
        """What routing was told must still hold when the text is about to go."""
        now = await self.place(turn.model)
        if turn.place.proof is Proof.PROVED and now.proof is not Proof.PROVED:
            raise PrivacyRefused(
                "It is not proved that the engine is this app's own and sends nothing, so nothing was sent to it.",
                now.hint or "Stop the engine and start it again.",
            )

    async def _switch(self, model: Model, job: Job) -> Link:
        """What is under way in the engine before comes to its end; one that nobody uses any more gives way."""
        if self._link is not None:
            link, self._link = self._link, None
            link.leave()
            await self._retire(link)
        await others.dismiss(self._paths.run, but=job.control, loopback=self._loopback)
        self._put(statuses.starting(model.ref))
        try:
            await asyncio.to_thread(prepare, self._paths)
            await asyncio.to_thread(warm_up)
            await asyncio.to_thread(_shorten, self._paths.logs / _LOG)
            self._link = await open_link(job, self._paths.logs / _LOG, lambda state: self._hear(model, state))
        except AqeError as error:
            self._put(statuses.failed(model.ref, error.message, error.hint))
            raise
        return self._link

    async def _retire(self, link: Link) -> None:
        """It is told as loaded for as long as it holds its memory."""
        status = self._status.value
        left = tuple(each for each in status.loaded if each.model == status.model)
        self._leaving += left
        await link.retire(lambda: self._left(left))

    def _left(self, left: tuple[Loaded, ...]) -> None:
        self._leaving = _without(self._leaving, left)
        self._status.put(replace(self._status.value, loaded=_without(self._status.value.loaded, left)))

    def _put(self, status: RuntimeStatus) -> None:
        """With the engines that come to the end of what they answer."""
        self._status.put(replace(status, loaded=(*status.loaded, *self._leaving)))

    async def _let_go(self, *, stays: bool) -> None:
        if self._link is not None:
            link, self._link = self._link, None
            if not stays:
                link.leave()
            await link.aclose()

    async def _job(self, model: Model) -> Job:
        """Raises ProviderFailed where the engine that the user chose cannot be used."""
        assert model.file is not None
        engine = await asyncio.to_thread(self._engines.chosen)
        engine.require_usable()
        chosen = LoadSettings() if self._kept is None else await self._kept.get(model.ref)
        return Job(
            model.file,
            self._paths.run,
            self._paths.home,
            replace(
                self._options.loaded_with(chosen),
                mmproj=self._projector(model) if engine.sees else "",
                embedding=Capability.EMBEDDINGS in model.capabilities,
            ),
            model.sha256,
            engine.name,
            engine.program,
            loopback=self._loopback,
        )

    def _projector(self, model: Model) -> str:
        found = self._library.projector(model.ref)
        return "" if found is None else str(found)

    async def _show_engine(self) -> None:
        """What would load a model, while none is loaded."""
        if self._status.value.phase in (Phase.STOPPED, Phase.ABSENT):
            engine = await asyncio.to_thread(self._engines.chosen)
            self._put(statuses.resting(engine))

    def _hear(self, model: Model, state: dict[str, Any]) -> None:
        """Where it runs does not change while it is loaded."""
        status, before = statuses.of(model.ref, state, self._engines.guessed()), self._status.value
        if status.phase is before.phase is Phase.READY and status.pid == before.pid:
            status = replace(status, place=before.place)
        self._put(status)

    async def _forget_engine(self, link: Link) -> None:
        """After a broken reply: show it at once, and let the next use start a fresh engine."""
        if self._link is not link:
            return
        await self._let_go(stays=False)
        if self._status.value.phase is not Phase.FAILED:
            self._put(
                statuses.failed(
                    self._status.value.model, "The engine ended during the reply.", EngineCrashed.default_hint
                )
            )

    async def _http(self, turn: Turn, ready: Ready) -> httpx.AsyncClient:
        return await self._door.client(turn, ready.address, {"Authorization": f"Bearer {ready.token}"})

    async def _plain(self, messages: Sequence[Message], ready: Ready) -> tuple[Message, ...]:
        """The messages without working control tokens; in a thread, for an attachment may have megabytes, and a
        vocabulary too."""
        return await asyncio.to_thread(self._without_control, messages, ready.control_tokens)

    def _without_control(self, messages: Sequence[Message], tokens: tuple[str, ...]) -> tuple[Message, ...]:
        known, breaking = self._breaking
        if known != tokens:
            breaking = ControlTokens(tokens)
            self._breaking = (tokens, breaking)
        return control_tokens.neutralise_messages(messages, breaking)

    async def _remember_speed(self, link: Link, decoder: Decoder) -> None:
        await asyncio.to_thread(
            speeds.remember,
            link.job.model,
            self._paths.home / speeds.FILE,
            tokens=int(decoder.timings.get("prompt_n") or 0),
            tokens_per_s=float(decoder.timings.get("prompt_per_second") or 0),
        )


async def _unless_unloaded(waited: asyncio.Future[T]) -> T:
    """Giving up the wait stops nothing. Raises ProviderFailed where what was waited for was given up by others."""
    try:
        return await asyncio.shield(waited)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if waited.cancelled() and not (task and task.cancelling()):
            raise ProviderFailed("The model was unloaded before it was ready.", "Load it again.") from None
        raise


def _without(loaded: tuple[Loaded, ...], left: tuple[Loaded, ...]) -> tuple[Loaded, ...]:
    return tuple(each for each in loaded if all(each is not one for one in left))


def _unseeing(model: Model) -> Model:
    return replace(model, capabilities=tuple(each for each in model.capabilities if each is not Capability.VISION))


def _shorten(log: Any) -> None:
    """Start the log afresh once it is large; engines append to it and nobody else reads it."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
