"""One chat request to a server and the events of its answer, whatever the server makes of the dialect."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aqe_desktop.core.chat import ChatEvent, Message, Noted, ReasoningDelta, Sampling, TextDelta, Turn
from aqe_desktop.core.embedding import Embedded
from aqe_desktop.core.errors import PrivacyRefused, ProviderFailed
from aqe_desktop.core.figures import grouped
from aqe_desktop.core.models import Zone
from aqe_desktop.core.tools import names_of
from aqe_desktop.runtimes.servers import failures
from aqe_desktop.runtimes.servers.asking import LIMIT, answered, bounded
from aqe_desktop.runtimes.servers.kinds import Remote
from aqe_desktop.runtimes.servers.places import Options, Trace
from aqe_desktop.wires import embeddings, openai_chat
from aqe_desktop.wires.attachments import render
from aqe_desktop.wires.openai_calls import Calls
from aqe_desktop.wires.openai_chat import Decoder
from aqe_desktop.wires.packing import packed
from aqe_desktop.wires.sse import SseParser

if TYPE_CHECKING:
    import httpx

CHAT, EMBED = "/v1/chat/completions", "/v1/embeddings"
# Bytes of UTF-8 behind a token where no tokenizer is asked: no text has more tokens than bytes, code has about 3 each.
_BYTES, _AROUND, _BEFORE = 2.5, 8, 32
# Seconds for the end of a stream that has said that it is over.
_LAST_S = 1.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A cleared turn with all that its answer is held against. `guard` looks at the connection before it is used."""

    options: Options
    turn: Turn
    remote: Remote
    guard: Trace | None = None

    async def body(self) -> bytes:
        return await packed(lambda shown: openai_chat.encode(self.turn, self.turn.model.model, shown))

    @property
    def embedding(self) -> dict[str, Any]:
        return embeddings.encode_openai(self.turn.model.model, embeddings.texts_of(self.turn.messages))

    def decoder(self) -> Decoder:
        return Decoder(self._refuse, self.remote.fields, calls=Calls(names_of(self.turn.sampling.tools)))

    def require_promise(self, decoder: Decoder, headers: Mapping[str, str] | None = None) -> None:
        """Raises PrivacyRefused where another machine answers for a model that was to be nearer than a cloud."""
        named = next((headers[name] for name in self.remote.headers if headers.get(name)), "") if headers else ""
        decoder.strayed = failures.shown(decoder.strayed or named)
        if decoder.strayed and self.turn.place.zone is not Zone.CLOUD:
            raise PrivacyRefused(
                f"The server passed the question on to {decoder.strayed}, so its answer was stopped.",
                "Choose another model, or say that this server is in the zone cloud.",
            )

    def _refuse(self, status: int, text: str) -> ProviderFailed:
        return failures.refused(self.options, status, text, self.turn.model.model)


def least(messages: Sequence[Message]) -> int:
    """Tokens that these messages have at the very least: no tokenizer puts two words into one."""
    return sum(len(render(each).split()) for each in messages)


def estimate(messages: Sequence[Message]) -> int:
    """Tokens, rather too many than too few."""
    size = sum(len(render(each).encode("utf-8", "replace")) for each in messages)
    return int(size / _BYTES) + _AROUND * len(messages) + _BEFORE


async def talk(http: httpx.AsyncClient, asked: Asked, decoder: Decoder) -> AsyncGenerator[ChatEvent]:
    """Raises ContextTooLong before any text, PrivacyRefused where the answer comes from elsewhere, EngineCrashed or
    another ProviderFailed where it breaks off. Closing this closes the connection, and the server stops its work."""
    started, first, seen = time.monotonic(), None, False
    if note := _unheard(asked.turn.sampling):
        yield Noted(note)
    async with aclosing(_data(http, asked, decoder)) as pieces:
        async for data in pieces:
            events = decoder.feed(data)
            asked.require_promise(decoder)
            for event in (*_renamed(asked, decoder, seen=seen), *events):
                if first is None and isinstance(event, TextDelta | ReasoningDelta):
                    first = time.monotonic() - started
                yield event
            seen = seen or bool(decoder.model)
    if not decoder.ended:
        raise failures.empty(asked.options) if first is None else failures.broken_off(asked.options)
    if note := _cut(asked.turn.messages, decoder):
        yield Noted(note)
    yield decoder.finish(ttft_s=first, total_s=time.monotonic() - started)


async def embed(http: httpx.AsyncClient, asked: Asked, decoder: Decoder) -> Embedded:
    """Raises PrivacyRefused where the vectors are another machine's, which `decoder` then names, and ProviderFailed
    where the server makes none."""
    texts, model = embeddings.texts_of(asked.turn.messages), asked.turn.model.model
    with failures.translated(asked.options):
        async with answered(http, "POST", EMBED, asked.embedding, asked.guard) as response:
            text = await bounded(response, LIMIT)
    if response.status_code != 200:
        raise failures.no_vectors(asked.options, response.status_code, text or "", model)
    told = failures.parsed(asked.options, text)
    decoder.strayed = next((str(told[name]) for name in asked.remote.fields if told.get(name)), "")
    asked.require_promise(decoder, response.headers)
    return embeddings.decode_openai(told, texts)


async def _data(http: httpx.AsyncClient, asked: Asked, decoder: Decoder) -> AsyncGenerator[str]:
    """The data of each event, whether it was sent as a stream or, by servers that cannot, in one piece."""
    options = asked.options
    async with _opened(http, asked) as response:
        asked.require_promise(decoder, response.headers)
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in ("text/html", "application/grpc"):
            raise failures.other_protocol(options)
        if kind == "application/json":
            with failures.translated(options):
                text = await bounded(response, LIMIT)
            yield _as_event(options, text)
            return
        async with aclosing(_events(response, options)) as events:
            async for event in events:
                yield event


@asynccontextmanager
async def _opened(http: httpx.AsyncClient, asked: Asked) -> AsyncGenerator[httpx.Response]:
    """The response, once its status is known to be good."""
    options, model, text = asked.options, asked.turn.model.model, None
    body = await asked.body()
    async with AsyncExitStack() as stack:
        with failures.translated(options):
            response = await stack.enter_async_context(answered(http, "POST", CHAT, body, asked.guard))
            if response.status_code != 200:
                text = await bounded(response, LIMIT)
        if response.status_code != 200:
            raise failures.refused(options, response.status_code, text or "", model)
        yield response


async def _events(response: httpx.Response, options: Options) -> AsyncGenerator[str]:
    parser, waiting = SseParser(), 0
    async with aclosing(_pieces(response, options)) as pieces:
        async for piece in pieces:
            events = parser.feed(piece)
            waiting = 0 if events else waiting + len(piece)
            if waiting > LIMIT:
                raise failures.other_protocol(options)
            for event in events:
                if event.strip() == openai_chat.END:
                    await _to_the_end(pieces)
                    return
                yield event
    # Some end without the blank line that ends an event; half an event is none.
    for event in parser.feed(b"\n\n"):
        if _is_whole(event):
            yield event


async def _pieces(response: httpx.Response, options: Options) -> AsyncGenerator[bytes]:
    pieces, begun = response.aiter_bytes(), False
    while True:
        with failures.in_mid_stream(options) if begun else failures.translated(options):
            piece = await anext(pieces, None)
        if piece is None:
            return
        begun = True
        yield piece


async def _to_the_end(pieces: AsyncGenerator[bytes]) -> None:
    """It has said that it is over: a connection that then stays open, or breaks, takes nothing away."""
    with suppress(TimeoutError, ProviderFailed):
        async with asyncio.timeout(_LAST_S):
            async for _ in pieces:
                pass


def _as_event(options: Options, text: str | None) -> str:
    """A whole answer as the one event that would say the same."""
    try:
        told = json.loads(text or "")
    except (ValueError, RecursionError) as error:
        raise failures.other_protocol(options) from error
    choices = told.get("choices") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not (told.get("error") or isinstance(choices, list)):
        raise failures.other_protocol(options)
    whole = [{**each, "delta": each.get("message")} for each in choices or () if isinstance(each, dict)]
    return json.dumps({**told, "choices": whole})


def _is_whole(event: str) -> bool:
    try:
        return isinstance(json.loads(event), dict)
    except (ValueError, RecursionError):
        return False


def _renamed(asked: Asked, decoder: Decoder, *, seen: bool) -> tuple[Noted, ...]:
    """Said once: servers answer with what they have loaded when they do not know the name."""
    wanted = asked.turn.model.model
    if seen or not decoder.model or decoder.model == wanted:
        return ()
    return (Noted(f"The server says that another model answers: {failures.shown(decoder.model)}."),)


def _unheard(sampling: Sampling) -> str:
    return "How much the model thinks cannot be set on this server." if sampling.think else ""


def _cut(messages: Sequence[Message], decoder: Decoder) -> str:
    """A prompt has a token for each of its words at least; a server that counts fewer has not read it all."""
    read, words = decoder.usage.prompt, least(messages)
    if not 0 < read < words:
        return ""
    return f"The server read {grouped(read)} tokens of a prompt that has {grouped(words)} at least: it cut the rest."
