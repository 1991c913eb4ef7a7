"""A server of the user's own as a Runtime: asked only when somebody looks, started and stopped by nobody here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from aqe_desktop.core.chat import ChatEvent, Message, Sampling, Turn
from aqe_desktop.core.consent import Body
from aqe_desktop.core.embedding import Embedded
from aqe_desktop.core.errand import Errand
from aqe_desktop.core.errors import Offline, PrivacyRefused, ProviderFailed
from aqe_desktop.core.feed import Feed
from aqe_desktop.core.ledger import Purpose
from aqe_desktop.core.models import Model, ModelRef, Place, RuntimeStatus
from aqe_desktop.machine.door import Door, Rehearsed, warm_up
from aqe_desktop.machine.door.passage import stays_here
from aqe_desktop.runtimes.servers import asking, failures, kinds, listing, places, statuses, talk
from aqe_desktop.runtimes.servers.kinds import UNKNOWN, Kind
from aqe_desktop.runtimes.servers.listing import Entry
from aqe_desktop.runtimes.servers.places import Options, Owner, Trace
from aqe_desktop.wires import openai_chat
from aqe_desktop.wires.openai_chat import Decoder
from aqe_desktop.wires.packing import packed

log = logging.getLogger(__name__)
# Seconds for a look at a list; a chat waits as long as the user says.
_ANSWER_S = 15.0


class PlainServer:
    """Implements core.ports.Runtime over one row of the settings."""

    def __init__(self, door: Door, options: Options) -> None:
        self._door = door
        self._options = options
        self._status = Feed(statuses.resting(options))
        self._kind: Kind | None = None
        self._entries: dict[str, Entry] = {}
        self._version = ""

    @property
    def id(self) -> str:
        return self._options.id

    @property
    def takes(self) -> frozenset[str]:
        """None: such a server loads its models its own way."""
        return frozenset()

    @property
    def status(self) -> Feed[RuntimeStatus]:
        return self._status

    async def look(self) -> RuntimeStatus:
        owner = await self._owner()
        place = places.place_of(self._options, owner)
        try:
            kind = await self._read(owner)
            await self._require_health(owner, kind)
            version = await self._read_version(owner, kind)
            loaded = [one for each in self._entries.values() if (one := listing.loaded_of(self.id, each))]
            self._status.put(statuses.ready(self._options, kind, owner, place, version, loaded))
        except (ProviderFailed, Offline) as error:
            self._status.put(statuses.failed(self._options, self._kind, place, error))
        return self._status.value

    async def models(self, *, read: bool = True) -> list[Model]:
        """One request, two where its kind tells more elsewhere and `read` asks for that."""
        try:
            await self._read(await self._owner(), more=read)
        except (ProviderFailed, Offline) as error:
            log.info("no models of the server %s: %s", self.id, error.kind)
            return []
        return [listing.model_of(self.id, each, vision=self._options.vision) for each in self._entries.values()]

    async def load(self, model: ModelRef) -> None:
        """It loads by itself. Raises ModelBroken where it has no such model."""
        await self._read(await self._owner())
        if model.model not in self._entries:
            raise failures.unknown_model(model.model)
        await self.look()

    async def unload(self, model: ModelRef | None = None) -> None:  # noqa: ARG002 - none is singled out
        """It lets go by itself; what is known of it is read anew at the next look."""
        self._kind, self._version = None, ""
        self._entries.clear()

    async def place(self, model: ModelRef) -> Place:
        """Nothing is asked of a server that is not proved to be here: its zone is the user's word alone."""
        owner = await self._owner()
        if not owner.proved:
            known = self._entries.get(model.model)
            return places.place_of(self._options, owner, remote="" if known is None else known.remote)
        kind = await self._read_or_unknown(owner)
        entry = self._entries.get(model.model)
        if entry is None or listing.works_elsewhere(entry.row):
            kind = UNKNOWN
        return places.place_of(self._options, owner, kind, "" if entry is None else entry.remote)

    async def count(self, turn: Turn) -> int:
        """By the server's tokenizer where it is proved to be here; elsewhere an estimate, rather too high than too low:
        text is not sent only to be counted, and not while it is still being written."""
        tokenize = "" if self._kind is None else self._kind.tokenize
        if not tokenize or not stays_here(turn.place):
            return await asyncio.to_thread(talk.estimate, turn.messages)
        await self._check_place(turn)
        messages = openai_chat.encode_texts(turn.messages)
        async with await self._client(turn, turn.place) as http:
            return await self._counted(http, tokenize, turn, messages)

    async def embed(self, turn: Turn) -> Embedded:
        if stays_here(turn.place):
            await self._check_place(turn)
        remote = await asyncio.to_thread(kinds.remote)
        asked = talk.Asked(self._options, turn, remote, self._guard(turn.place))
        decoder = asked.decoder()
        try:
            async with await self._client(turn, turn.place, self._options.patience) as http:
                return await talk.embed(http, asked, decoder)
        except PrivacyRefused:
            await self._tell_of(decoder, turn, talk.EMBED, asked.embedding)
            raise

    async def context(self, model: ModelRef) -> int:
        """0 where the server does not tell."""
        if model.model not in self._entries:
            await self.models()
        entry = self._entries.get(model.model)
        return 0 if entry is None else entry.loaded

    async def body(self, model: ModelRef, messages: Sequence[Message], sampling: Sampling) -> Body | None:
        place = await self.place(model)
        if stays_here(place):
            return None
        content = await packed(lambda shown: openai_chat.encode_request(model.model, messages, sampling, shown))
        return await self._rehearsed(place, talk.CHAT, content)

    async def stream(self, turn: Turn) -> AsyncGenerator[ChatEvent]:
        if stays_here(turn.place):
            await self._check_place(turn)
        remote = await asyncio.to_thread(kinds.remote)
        asked = talk.Asked(self._options, turn, remote, self._guard(turn.place))
        decoder = asked.decoder()
        try:
            async with (
                await self._client(turn, turn.place, self._options.patience) as http,
                aclosing(talk.talk(http, asked, decoder)) as events,
            ):
                async for event in events:
                    yield event
        except PrivacyRefused:
            await self._tell_of(decoder, turn, talk.CHAT, await asked.body())
            raise

    async def aclose(self) -> None:
        """Connections are the door's."""

    async def _owner(self) -> Owner:
        return await asyncio.to_thread(places.owner_of, self._options)

    async def _read(self, owner: Owner, *, more: bool = True) -> Kind:
        """The list and what recognises it; kept for `context` and `place`."""
        if owner.silent:
            raise failures.silent(self._options)
        told, headers = await self._told(owner, listing.MODELS)
        try:
            rows = listing.rows_of(told)
        except ValueError as error:
            raise failures.other_protocol(self._options) from error
        remote = await asyncio.to_thread(kinds.remote)

        async def ask(path: str) -> Mapping[str, Any]:
            return (await self._told(owner, path))[0]

        kind = self._kind
        if kind is None or kind not in kinds.candidates(rows[0] if rows else {}, headers.get("server", "")):
            kind = await listing.kind_of(rows, headers.get("server", ""), ask)
        if more:
            rows = await listing.enriched(kind, rows, ask)
        self._kind = kind
        self._entries = {row["id"]: listing.entry_of(kind, row, remote.fields) for row in rows}
        return kind

    async def _read_or_unknown(self, owner: Owner) -> Kind:
        try:
            return await self._read(owner, more=False)
        except (ProviderFailed, Offline):
            return UNKNOWN

    async def _require_health(self, owner: Owner, kind: Kind) -> None:
        if not kind.health:
            return
        async with await self._errand(Purpose.HEALTH, owner) as http:
            if not await asking.works(http, self._options, kind.health):
                raise ProviderFailed(
                    f"{kind.name} answers, and says that it cannot work.", "Look at its log, or start it again."
                )

    async def _read_version(self, owner: Owner, kind: Kind) -> str:
        """Once: a new version is a new process, which breaks the connection and is noticed then."""
        if kind.version and not self._version:
            try:
                told, _ = await self._told(owner, kind.version)
                self._version = failures.shown(str(told.get(kind.key) or ""))[:40]
            except ProviderFailed as error:
                log.info("no version of the server %s: %s", self.id, error.kind)
        return self._version

    async def _told(self, owner: Owner, path: str) -> tuple[dict[str, Any], Mapping[str, str]]:
        async with await self._errand(Purpose.MODELS, owner) as http:
            told, headers = await asking.ask(http, self._options, path)
        return told, headers

    async def _errand(self, purpose: Purpose, owner: Owner) -> Any:
        place = places.place_of(self._options, owner)
        return await self._client(Errand(purpose, self.id, place), place, _ANSWER_S)

    async def _client(self, leave: Turn | Errand, place: Place, read_s: float = _ANSWER_S) -> Any:
        await asyncio.to_thread(warm_up)
        return await self._door.client(leave, self._options.address(place), read_s=read_s)

    def _guard(self, place: Place) -> Trace | None:
        """What is cleared for this device goes to the very process that was proved to be on it."""
        return places.same_server(self._options) if stays_here(place) else None

    async def _counted(self, http: Any, tokenize: str, turn: Turn, messages: Sequence[Mapping[str, str]]) -> int:
        guard, model = self._guard(turn.place), turn.model.model
        if tokenize == "vllm":
            told, _ = await asking.ask(
                http, self._options, "/tokenize", {"model": model, "messages": messages}, guard, model
            )
            return int(told.get("count") or 0)
        template = {"model": model, "messages": messages}
        prompt, _ = await asking.ask(http, self._options, "/apply-template", template, guard, model)
        text = {"model": model, "content": prompt.get("prompt", ""), "add_special": True, "parse_special": True}
        told, _ = await asking.ask(http, self._options, "/tokenize", text, guard, model)
        tokens = told.get("tokens")
        return len(tokens) if isinstance(tokens, list) else talk.estimate(turn.messages)

    async def _check_place(self, turn: Turn) -> None:
        """What routing was told must still hold when the text is about to go."""
        now = await self.place(turn.model)
        if not stays_here(now):
            raise PrivacyRefused(
                f"It is not proved any more that {turn.model.model} runs on this device, so nothing was sent to it.",
                now.hint or "Choose a model that runs on this device; `aqe models` shows where each does.",
            )

    async def _rehearsed(self, place: Place, path: str, body: Mapping[str, Any] | bytes) -> Body:
        await asyncio.to_thread(warm_up)
        async with self._door.rehearsal(self._options.address(place)) as http:
            try:
                async with asking.answered(http, "POST", path, body):
                    pass
            except Rehearsed as rehearsed:
                return rehearsed.body
        raise AssertionError("a rehearsal answers nothing")

    async def _tell_of(self, decoder: Decoder, turn: Turn, path: str, body: Mapping[str, Any] | bytes) -> None:
        """A promise was broken: the text has gone on to another machine, and the ledger is to say so."""
        if decoder.strayed:
            sent = await self._rehearsed(turn.place, path, body)
            await self._door.passage(turn, decoder.strayed, self.id).strayed(len(sent.content), sent.sha256)
