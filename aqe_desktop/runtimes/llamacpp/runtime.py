"""The embedded engine as a Runtime: loads a model into a process that is shared, and lets it answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from aqe_desktop.core.chat import ChatEvent, Loading, Message, Noted, Sampling, Turn
from aqe_desktop.core.errors import AqeError, EngineCrashed, PrivacyRefused, ProviderFailed, Unreachable
from aqe_desktop.core.feed import Feed
from aqe_desktop.core.models import Model, ModelRef, Phase, Place, Proof, RuntimeStatus
from aqe_desktop.machine.door import Door, warm_up
from aqe_desktop.machine.paths import Paths, prepare
from aqe_desktop.runtimes.llamacpp import control_tokens, places, speeds, statuses, talk
from aqe_desktop.runtimes.llamacpp.control_tokens import ControlTokens
from aqe_desktop.runtimes.llamacpp.library import HOST, Library
from aqe_desktop.runtimes.llamacpp.library.library import FACTS
from aqe_desktop.runtimes.llamacpp.link import Link, Ready, find_link, open_link
from aqe_desktop.runtimes.llamacpp.options import TAKES, Job, LoadOptions
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
    ) -> None:
        """Without a library, the profile's own folder of models is all of it."""
        self._paths = paths
        self._door = door
        self._options = options or LoadOptions()
        self._library = library or Library(paths.models, paths.home / FACTS)
        self._loopback = not hasattr(asyncio, "open_unix_connection") if loopback is None else loopback
        self._status = Feed(statuses.resting())
        self._link: Link | None = None
        self._changing = asyncio.Lock()
        self._openings: set[asyncio.Future[Link]] = set()
        self._breaking: tuple[tuple[str, ...], ControlTokens] = ((), ControlTokens(()))

    @property
    def id(self) -> str:
        return HOST

    @property
    def takes(self) -> frozenset[str]:
        return TAKES

    @property
    def status(self) -> Feed[RuntimeStatus]:
        return self._status

    async def look(self) -> RuntimeStatus:
        if self._link is None or self._link.lost.is_set():
            for model in await self.models(read=False):
                if (seen := await self._look_at(model)) is not None:
                    return seen
        return self._status.value

    async def models(self, *, read: bool = True) -> list[Model]:
        return await asyncio.to_thread(self._library.models if read else self._library.names)

    async def load(self, model: ModelRef) -> None:
        await self._ready(model)

    async def unload(self, model: ModelRef | None = None) -> None:
        """There is one model at most; another than that one is not loaded, so there is nothing to let go of."""
        if model is not None and model != self._status.value.model:
            return
        while self._openings:
            for opening in self._openings:
                opening.cancel()
            await asyncio.wait(set(self._openings))
        async with self._changing:
            await self._let_go()
        self._status.put(statuses.resting())

    async def place(self, model: ModelRef) -> Place:
        found = await asyncio.to_thread(self._library.find, model)
        link = self._link
        if link is None or link.lost.is_set() or not link.ready.done() or link.job != self._job(found):
            return await asyncio.to_thread(places.before_start, found, self._paths.run, loopback=self._loopback)
        return await places.of(link)

    async def count(self, turn: Turn) -> int:
        ready = await self._ready(turn.model)
        await self._check_place(turn)
        plain = replace(turn, messages=await self._plain(turn.messages, ready))
        async with await self._http(plain, ready) as client:
            return await talk.count(client, plain)

    async def context(self, model: ModelRef) -> int:
        return (await self._ready(model)).context

    async def body(self, model: ModelRef, messages: Sequence[Message], sampling: Sampling) -> None:
        """The engine is on this device, always."""

    async def stream(self, turn: Turn) -> AsyncGenerator[ChatEvent]:
        loading = asyncio.create_task(self._ready(turn.model))
        try:
            async with aclosing(self._while_loading(loading)) as events:
                async for event in events:
                    yield event
            ready = await loading
        finally:
            loading.cancel()
        await self._check_place(turn)
        messages = await self._plain(turn.messages, ready)
        if messages != turn.messages:
            yield Noted(control_tokens.NOTE)
        decoder = Decoder()
        async with aclosing(self._answer(ready, replace(turn, messages=messages), decoder)) as answer:
            async for event in answer:
                yield event

    async def aclose(self) -> None:
        await self.unload()

    async def _answer(self, ready: Ready, turn: Turn, decoder: Decoder) -> AsyncGenerator[ChatEvent]:
        try:
            async with (
                await self._http(turn, ready) as client,
                aclosing(talk.talk(client, turn, decoder)) as events,
            ):
                async for event in events:
                    yield event
        except EngineCrashed:
            await self._forget_engine()
            raise
        await self._remember_speed(decoder)

    async def _while_loading(self, loading: asyncio.Task[Ready]) -> AsyncGenerator[ChatEvent]:
        """Loading events until `loading` is done: a look at the status ten times a second, changes only."""
        seen: Loading | None = None
        while not loading.done():
            status = self._status.value
            event = Loading(status.message, status.progress)
            if status.phase in (Phase.STARTING, Phase.LOADING) and event != seen:
                seen = event
                yield event
            await asyncio.wait({loading}, timeout=_LOOK_S)

    async def _ready(self, ref: ModelRef) -> Ready:
        """The loaded engine of this model, started if need be; giving up the wait stops nothing."""
        opening = asyncio.ensure_future(self._link_to(ref))
        self._openings.add(opening)
        opening.add_done_callback(self._opened)
        link = await _unless_unloaded(opening)
        ready = await _unless_unloaded(link.ready)
        await self._show_place(link)
        return ready

    def _opened(self, opening: asyncio.Future[Link]) -> None:
        """Whoever waited may have left; the status tells of a failure all the same."""
        self._openings.discard(opening)
        if not opening.cancelled():
            opening.exception()

    async def _link_to(self, ref: ModelRef) -> Link:
        async with self._changing:
            model = await asyncio.to_thread(self._library.find, ref)
            link = self._link
            if link is None or link.lost.is_set() or link.job != self._job(model):
                link = await self._switch(model)
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

    async def _switch(self, model: Model) -> Link:
        await self._let_go()
        self._status.put(statuses.starting(model.ref))
        try:
            await asyncio.to_thread(prepare, self._paths)
            await asyncio.to_thread(warm_up)
            await asyncio.to_thread(_shorten, self._paths.logs / _LOG)
            self._link = await open_link(
                self._job(model), self._paths.logs / _LOG, lambda state: self._hear(model, state)
            )
        except AqeError as error:
            self._status.put(statuses.failed(model.ref, error.message, error.hint))
            raise
        return self._link

    async def _let_go(self) -> None:
        if self._link is not None:
            link, self._link = self._link, None
            await link.aclose()

    async def _look_at(self, model: Model) -> RuntimeStatus | None:
        """The state of the engine that others use for this model, told by a connection that is closed again."""
        link: Link | None = None
        try:
            link = await find_link(self._job(model))
            if link is None:
                return None
            status = statuses.of(model.ref, link.greeting)
            return replace(status, place=await places.of(link)) if link.ready.done() else status
        except Unreachable as error:
            return statuses.failed(model.ref, error.message, error.hint)
        except AqeError:
            return self._status.value
        finally:
            if link is not None:
                await link.aclose()

    def _job(self, model: Model) -> Job:
        assert model.file is not None
        return Job(model.file, self._paths.run, self._paths.home, self._options, model.sha256, loopback=self._loopback)

    def _hear(self, model: Model, state: dict[str, Any]) -> None:
        self._status.put(statuses.of(model.ref, state))

    async def _forget_engine(self) -> None:
        """After a broken reply: show it at once, and let the next use start a fresh engine."""
        if self._link is None:
            return
        await self._let_go()
        if self._status.value.phase is not Phase.FAILED:
            self._status.put(
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

    async def _remember_speed(self, decoder: Decoder) -> None:
        link, timings = self._link, decoder.timings
        if link is not None:
            await asyncio.to_thread(
                speeds.remember,
                link.job.model,
                self._paths.home / speeds.FILE,
                tokens=int(timings.get("prompt_n") or 0),
                tokens_per_s=float(timings.get("prompt_per_second") or 0),
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


def _shorten(log: Any) -> None:
    """Start the log afresh once it is large; engines append to it and nobody else reads it."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
