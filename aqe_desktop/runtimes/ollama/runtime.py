"""Ollama as a Runtime: what a server has, where each model really runs, and the one way to let one answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any

from aqe_desktop.core.chat import ChatEvent, Loading, Message, Sampling, Turn
from aqe_desktop.core.consent import Body
from aqe_desktop.core.embedding import Embedded
from aqe_desktop.core.errors import (
    AqeError,
    EngineCrashed,
    ModelBroken,
    Offline,
    PrivacyRefused,
    ProviderFailed,
    Unreachable,
)
from aqe_desktop.core.feed import Feed
from aqe_desktop.core.ledger import Purpose
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import Loaded, Model, ModelRef, Phase, Place, RuntimeStatus
from aqe_desktop.core.ports import LoadSettingsKept
from aqe_desktop.machine import hardware
from aqe_desktop.machine.door import Door, Rehearsed
from aqe_desktop.machine.door.passage import stays_here
from aqe_desktop.machine.paths import Paths
from aqe_desktop.runtimes.ollama import capabilities, listing, places, statuses, talk
from aqe_desktop.runtimes.ollama.blobs import with_files
from aqe_desktop.runtimes.ollama.client import native, warm_up
from aqe_desktop.runtimes.ollama.listing import FACTS, HOST, Listing, full_name
from aqe_desktop.runtimes.ollama.server import Server
from aqe_desktop.runtimes.ollama.statuses import Seen
from aqe_desktop.runtimes.ollama.talk import CHAT, Plan
from aqe_desktop.wires.attachments import images
from aqe_desktop.wires.embeddings import decode_native, texts_of
from aqe_desktop.wires.ollama import Decoder, Promise, remote_of

log = logging.getLogger(__name__)
# Seconds: a look at a list or a model, and a show of two hundred.
_ANSWER_S = 30.0
# Its runners end at an image that they cannot decode (WebP in 0.17.4), and do not say so.
_PICTURE = "It may not read an image of this chat: save that as PNG or JPEG and attach it in its place."
_LOOK = "Choose a model that runs on this device; `aqe models` shows where each does."


class Ollama:
    """Implements core.ports.Runtime over one server. `kept` holds the load settings of each model."""

    def __init__(self, paths: Paths, door: Door, server: Server, kept: LoadSettingsKept | None = None) -> None:
        self._door = door
        self._server = server
        self._kept = kept
        self._listing = Listing(paths.home / FACTS)
        self._status = Feed(statuses.resting())
        self._facts: dict[str, capabilities.Facts] = {}
        self._contexts: dict[str, int] = {}
        self._sizes: dict[str, int] = {}
        self._measured: dict[str, float] = {}
        self._last: ModelRef | None = None
        self._loaded_with: dict[ModelRef, LoadSettings] = {}

    @property
    def id(self) -> str:
        return HOST

    @property
    def takes(self) -> frozenset[str]:
        return capabilities.TAKES

    @property
    def status(self) -> Feed[RuntimeStatus]:
        return self._status

    async def look(self) -> RuntimeStatus:
        try:
            self._status.put(statuses.ready(await self._seen(), self._last))
        except Unreachable:
            installed = await asyncio.to_thread(self._server.binary) is not None
            self._status.put(statuses.silent(self._server.endpoint.url, installed=installed))
        except (ProviderFailed, Offline) as error:
            self._status.put(statuses.failed(self._server.endpoint.url, error))
        return self._status.value

    async def models(self, *, read: bool = True) -> list[Model]:
        try:
            async with self._errand(Purpose.MODELS) as client:
                found = await self._listing.models(client, self._server.endpoint.url, read=read)
        except (ProviderFailed, Offline) as error:
            log.info("no models of Ollama: %s", error.kind)
            return []
        self._sizes = {each.ref.model: each.size for each in found}
        store = self._server.store
        return found if store is None else await asyncio.to_thread(with_files, found, store)

    async def load(self, model: ModelRef) -> None:
        """Of a model that is not proved to be here nothing is loaded: that is done when it is asked, and until then
        nothing may go there."""
        await self._server.ensure()
        if stays_here(await self.place(model)):
            plan = await self._plan(model, here=True)
            loaded_with = self._loaded_with.get(model, LoadSettings())
            if plan.settings != loaded_with or not await self._is_loaded(plan):
                await self._load(model, plan)
                self._loaded_with[model] = plan.settings
        self._last = model
        if (self._status.value.phase, self._status.value.model) != (Phase.READY, model):
            await self.look()

    async def unload(self, model: ModelRef | None = None) -> None:
        async with self._errand(Purpose.LOAD) as client:
            names = [each.model.model for each in await listing.loaded(client)] if model is None else [model.model]
            for name in names:
                with suppress(ModelBroken):
                    await client.ask("POST", CHAT, {"model": name, "messages": [], "keep_alive": 0}, name)
        await self.look()

    async def place(self, model: ModelRef) -> Place:
        return await self._server.place(await self._remote(model.model))

    async def count(self, turn: Turn) -> int:
        """An estimate, rather too high than too low, for Ollama has no tokenizer to ask; nothing is sent. Once a model
        has answered, by what it counted then."""
        return talk.estimate(turn.messages, self._measured.get(turn.model.model))

    async def embed(self, turn: Turn) -> Embedded:
        here = stays_here(turn.place)
        plan = await (self._plan_here(turn.model) if here else self._plan(turn.model, here=False))
        if here:
            await self._check_place(turn, plan)
        talk.require_vectors(plan)
        texts, promise = texts_of(turn.messages), self._promise(plan, turn)
        async with await self._door.client(turn, self._server.endpoint.address(turn.place)) as http:
            told = await talk.embed(native(http), plan, texts, await self._trace(turn))
        try:
            promise.hold(told, plan.model)
        except PrivacyRefused:
            await self._tell_of(remote_of(told), turn, talk.EMBED, plan.embedding(texts))
            raise
        return decode_native(told, texts)

    async def context(self, model: ModelRef) -> int:
        """As loaded; else as it would be asked for."""
        place = await self.place(model)
        return (await self._plan(model, here=stays_here(place))).context

    async def body(self, model: ModelRef, messages: Sequence[Message], sampling: Sampling) -> Body | None:
        place = await self.place(model)
        if stays_here(place):
            return None
        plan = await self._plan(model, here=False)
        return await self._rehearsed(place, CHAT, await plan.body(messages, sampling))

    async def stream(self, turn: Turn) -> AsyncGenerator[ChatEvent]:
        here = stays_here(turn.place)
        plan = await (self._plan_here(turn.model) if here else self._plan(turn.model, here=False))
        if here:
            await self._check_place(turn, plan)
        talk.require_tools(plan, turn.sampling)
        words = talk.require_room(plan, turn.messages)
        if here and not await self._is_loaded(plan):
            yield Loading(plan.loading)
            await self._load(turn.model, plan)
        decoder = talk.decoder(plan, self._promise(plan, turn), words, turn.sampling.tools)
        async with aclosing(self._answer(turn, plan, decoder)) as events:
            async for event in events:
                yield event

    async def aclose(self) -> None:
        await self._server.aclose()

    async def _answer(self, turn: Turn, plan: Plan, decoder: Decoder) -> AsyncGenerator[ChatEvent]:
        body = await plan.body(turn.messages, turn.sampling)
        to = self._server.endpoint.address(turn.place)
        try:
            async with (
                await self._door.client(turn, to) as http,
                aclosing(talk.talk(native(http), plan, body, decoder, await self._trace(turn))) as events,
            ):
                async for event in events:
                    yield event
        except PrivacyRefused:
            await self._tell_of(decoder.strayed, turn, CHAT, body)
            raise
        except EngineCrashed as error:
            if stays_here(turn.place):
                await self.look()
            if any(map(images, turn.messages)):
                raise EngineCrashed(error.message, _PICTURE) from error
            raise
        self._last = turn.model
        if decoder.prompt_tokens and not decoder.was_cut and not any(map(images, turn.messages)):
            self._measured[plan.model] = max(1.0, talk.size(turn.messages) / decoder.prompt_tokens)

    async def _trace(self, turn: Turn) -> Mapping[str, Any]:
        """What is cleared for this device goes to the very server that was proved to be on it."""
        if not stays_here(turn.place):
            return {}
        return {"trace": places.same_server(self._server.endpoint, await self._server.known())}

    async def _tell_of(self, strayed: str, turn: Turn, path: str, body: Mapping[str, Any] | bytes) -> None:
        """A promise was broken: what was to stay has gone on to another machine, and the ledger is to say so."""
        if strayed:
            sent = await self._rehearsed(turn.place, path, body)
            await self._door.passage(turn, strayed, HOST).strayed(len(sent.content), sent.sha256)

    async def _rehearsed(self, place: Place, path: str, body: Mapping[str, Any] | bytes) -> Body:
        await asyncio.to_thread(warm_up)
        async with self._door.rehearsal(self._server.endpoint.address(place)) as http:
            try:
                async with aclosing(native(http).lines(path, body)) as lines:
                    async for _ in lines:
                        break
            except Rehearsed as rehearsed:
                return rehearsed.body
        raise AssertionError("a rehearsal answers nothing")

    async def _check_place(self, turn: Turn, plan: Plan) -> None:
        """What routing was told must still hold when the text is about to go."""
        now = await self._server.place(plan.facts.remote)
        if not stays_here(now):
            raise PrivacyRefused(
                f"It is not proved any more that {turn.model.model} runs on this device, so nothing was sent to it.",
                now.hint or _LOOK,
            )

    def _promise(self, plan: Plan, turn: Turn) -> Promise:
        """A model that counts as another machine's anyway may answer from wherever it says, if nobody said where."""
        if stays_here(turn.place) or not plan.facts.remote:
            return Promise("")
        return Promise(None if plan.facts.remote == places.UNKNOWN else plan.facts.remote)

    async def _remote(self, model: str) -> str:
        """Whose machine answers, by the server's description read anew; UNKNOWN where it gives none."""
        try:
            async with self._errand(Purpose.MODELS) as client:
                facts = capabilities.facts_of(await listing.show(client, model))
        except (ProviderFailed, Offline):
            facts = capabilities.Facts()
        self._facts[full_name(model)] = facts
        return facts.remote

    async def _plan_here(self, model: ModelRef) -> Plan:
        """Starts a server of ours where none runs; reads the description anew."""
        await self._server.ensure()
        await self._remote(model.model)
        return await self._plan(model, here=True)

    async def _plan(self, model: ModelRef, *, here: bool) -> Plan:
        """By the description read last. Of a server elsewhere nothing more is asked, so that the body stays the same
        from the question to its sending."""
        name = full_name(model.model)
        if name not in self._facts:
            await self._remote(model.model)
        facts, settings = self._facts[name], await self._settings(model)
        return Plan(model.model, facts, settings, await self._context(model, facts, settings, here=here))

    async def _context(self, model: ModelRef, facts: capabilities.Facts, settings: LoadSettings, *, here: bool) -> int:
        """The same from turn to turn: another number would load the model anew."""
        name = full_name(model.model)
        if settings.context or not here:
            return capabilities.context_for(facts, settings, 0, None)
        if name not in self._contexts:
            entry = await self._entry(name)
            free = await asyncio.to_thread(hardware.free_memory)
            fits = capabilities.context_for(facts, settings, self._sizes.get(name, 0), free)
            self._contexts[name] = entry.context if entry is not None and entry.context else fits
        return min(self._contexts[name], facts.context or self._contexts[name])

    async def _settings(self, model: ModelRef) -> LoadSettings:
        return LoadSettings() if self._kept is None else await self._kept.get(model)

    async def _is_loaded(self, plan: Plan) -> bool:
        return listing.fitting(plan.settings, await self._entry(full_name(plan.model)), plan.context)

    async def _entry(self, name: str) -> Loaded | None:
        async with self._errand(Purpose.MODELS) as client:
            return next((each for each in await listing.loaded(client) if each.model.model == name), None)

    async def _load(self, model: ModelRef, plan: Plan) -> None:
        before = self._status.value
        self._status.put(statuses.loading(before, model, plan.loading))
        try:
            async with self._errand(Purpose.LOAD, read_s=None) as client:
                told = await client.ask("POST", *plan.load, plan.model)
            if remote := remote_of(told):
                raise PrivacyRefused(f"{model.model} runs on {remote}, so nothing was sent to it.", _LOOK)
            self._last = model
            await self.look()
        except AqeError as error:
            self._status.put(statuses.failed(self._server.endpoint.url, error))
            raise
        except BaseException:
            self._status.put(before)
            raise

    async def _seen(self) -> Seen:
        await self._server.find()
        version, place = await self._server.version(), await self._server.place()
        async with self._errand(Purpose.MODELS) as client:
            loaded = await listing.loaded(client)
        warnings = (*await self._server.warnings(version), *statuses.age(version))
        server = self._server
        return Seen(server.endpoint.url, version, place, loaded, server.ours, server.pid, warnings)

    @asynccontextmanager
    async def _errand(self, purpose: Purpose, *, read_s: float | None = _ANSWER_S) -> AsyncGenerator[Any]:
        await asyncio.to_thread(warm_up)
        await self._server.find()
        async with await self._server.client(purpose, read_s=read_s) as http:
            yield native(http)
