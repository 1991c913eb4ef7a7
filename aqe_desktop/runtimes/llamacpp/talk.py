"""One request to a running engine, and the events of its answer."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aqe_desktop.core.chat import ChatEvent, ReasoningDelta, TextDelta, Turn
from aqe_desktop.core.embedding import Embedded
from aqe_desktop.core.errors import ContextTooLong, EngineCrashed, ModelBroken, ProviderFailed
from aqe_desktop.wires import embeddings, openai_chat
from aqe_desktop.wires.attachments import base64_of
from aqe_desktop.wires.packing import JSON, Shown, packed
from aqe_desktop.wires.sse import SseParser

if TYPE_CHECKING:
    import httpx

_DIGIT = re.compile(rb"[0-9]")
_MADE_FOR_IT = "Choose a model that is made for embeddings; `aqe models` lists what each can."
# llama.cpp's extensions of the dialect: progress while it reads, the settings it used, and reuse of what it has read.
_EXTRAS = {"return_progress": True, "verbose": True, "cache_prompt": True}


def body_of(turn: Turn, shown: Shown = base64_of) -> dict[str, Any]:
    """The request of a turn. A random seed is drawn here, so that every answer can be made again from its record."""
    seed = turn.sampling.seed if turn.sampling.seed is not None else secrets.randbelow(2**31)
    return {
        **openai_chat.encode(replace(turn, sampling=replace(turn.sampling, seed=seed)), turn.model.model, shown),
        **_EXTRAS,
    }


async def talk(client: httpx.AsyncClient, turn: Turn, decoder: openai_chat.Decoder) -> AsyncGenerator[ChatEvent]:
    """Raises ContextTooLong before any text, EngineCrashed when the answer breaks off. Closing this generator closes
    the connection, which is what makes the engine stop."""
    import httpx

    started, first = time.monotonic(), None
    try:
        body = await packed(lambda shown: body_of(turn, shown))
        async with aclosing(_events(client, body, decoder)) as events:
            async for event in events:
                if first is None and isinstance(event, TextDelta | ReasoningDelta):
                    first = time.monotonic() - started
                yield event
    except httpx.HTTPError as error:
        raise EngineCrashed("The engine ended during the reply.") from error
    if not decoder.ended:
        raise EngineCrashed("The engine ended during the reply.")
    yield decoder.finish(ttft_s=first, total_s=time.monotonic() - started)


async def _events(client: httpx.AsyncClient, body: bytes, decoder: openai_chat.Decoder) -> AsyncGenerator[ChatEvent]:
    parser = SseParser()
    async with client.stream("POST", "/v1/chat/completions", content=body, headers=JSON) as response:
        if response.status_code != 200:
            raise openai_chat.failure(response.status_code, (await response.aread()).decode("utf-8", "replace"))
        async for piece in response.aiter_raw():
            for data in parser.feed(piece):
                for event in decoder.feed(data):
                    yield event


async def count(client: httpx.AsyncClient, turn: Turn) -> int:
    """Tokens of the prompt as the engine would build it: its template, then its tokenizer."""
    encoded = openai_chat.encode_texts(turn.messages)
    prompt = (await _ask(client, "/apply-template", {"messages": encoded}))["prompt"]
    return await _count_numbers(client, "/tokenize", {"content": prompt, "add_special": True, "parse_special": True})


async def embed(client: httpx.AsyncClient, turn: Turn) -> Embedded:
    """Raises ModelBroken where the model was not loaded for that, for it is made for something else."""
    import httpx

    texts = embeddings.texts_of(turn.messages)
    try:
        response = await client.post("/v1/embeddings", json=embeddings.encode_openai(turn.model.model, texts))
    except httpx.HTTPError as error:
        raise EngineCrashed("The engine ended during the work.") from error
    if response.status_code in (404, 501):
        raise ModelBroken(f"{turn.model.model} is not made for embeddings, so it gives no vectors.", _MADE_FOR_IT)
    if response.status_code != 200:
        refused = openai_chat.failure(response.status_code, response.text)
        raise embeddings.too_long() if _is_too_long(refused) else refused
    return embeddings.decode_openai(json.loads(response.content), texts)


def _is_too_long(error: ProviderFailed) -> bool:
    """Of vectors it says so in words of their own: the whole text must fit into one batch."""
    return isinstance(error, ContextTooLong) or "too large to process" in error.message


async def _count_numbers(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> int:
    """How many numbers there are in the one list of the answer: a comma less than numbers, counted as it comes.

    A prompt of some megabytes has millions of tokens; parsing them held up the window for a quarter of a second."""
    import httpx

    commas, some = 0, False
    try:
        async with client.stream("POST", path, json=body) as response:
            if response.status_code != 200:
                raise openai_chat.failure(response.status_code, (await response.aread()).decode("utf-8", "replace"))
            async for piece in response.aiter_bytes():
                commas += piece.count(b",")
                some = some or _DIGIT.search(piece) is not None
    except httpx.HTTPError as error:
        raise EngineCrashed("The engine ended during the work.") from error
    return commas + some


async def _ask(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    import httpx

    try:
        response = await client.post(path, json=body)
    except httpx.HTTPError as error:
        raise EngineCrashed("The engine ended during the work.") from error
    if response.status_code != 200:
        raise openai_chat.failure(response.status_code, response.text)
    answer: dict[str, Any] = json.loads(response.content)
    return answer
