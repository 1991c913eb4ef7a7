"""One request to a server and the events of its answer, and what such a request is made of."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from aqe_desktop.core.chat import ChatEvent, Message, Noted, ReasoningDelta, Sampling, TextDelta
from aqe_desktop.core.errors import ContextTooLong, ModelBroken, ProviderFailed
from aqe_desktop.core.figures import grouped
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import Capability
from aqe_desktop.core.tools import names_of
from aqe_desktop.runtimes.ollama.capabilities import Facts, options_of
from aqe_desktop.runtimes.ollama.places import UNKNOWN
from aqe_desktop.wires import embeddings, ollama
from aqe_desktop.wires.attachments import base64_of, render
from aqe_desktop.wires.ollama import Decoder, Promise
from aqe_desktop.wires.packing import Shown, packed

CHAT, EMBED = "/api/chat", "/api/embed"
_NOTHING: Mapping[str, Any] = {}
# Bytes of UTF-8 behind a token, where no answer has told yet: code has about 3, English 4, Chinese nearly 3.
_BYTES = 3
# What a chat template puts around a message, and before the first.
_AROUND, _BEFORE = 8, 16


@dataclass(frozen=True, slots=True)
class Plan:
    """How a model is asked: `context` is what is sent as num_ctx, `facts` what the server said of it just before."""

    model: str
    facts: Facts
    settings: LoadSettings
    context: int

    async def body(self, messages: Sequence[Message], sampling: Sampling) -> bytes:
        """The same for the same question, so that a consent can name it."""
        return await packed(lambda shown: self._encoded(messages, sampling, shown))

    def embedding(self, texts: Sequence[str]) -> dict[str, Any]:
        options = options_of(self.settings, self.context)
        return embeddings.encode_native(self.model, texts, options, self.settings.keep_alive_s)

    @property
    def load(self) -> tuple[str, dict[str, Any]]:
        """What loads the model and computes nothing: one that cannot chat is loaded by asking for no vectors."""
        if Capability.EMBEDDINGS in self.facts.capabilities and Capability.CHAT not in self.facts.capabilities:
            return EMBED, self.embedding(())
        return CHAT, {**self._encoded((), Sampling(), base64_of), "stream": False}

    def _encoded(self, messages: Sequence[Message], sampling: Sampling, shown: Shown) -> dict[str, Any]:
        options = options_of(self.settings, self.context)
        return ollama.encode(self.model, messages, sampling, options, self.settings.keep_alive_s, shown)

    @property
    def loading(self) -> str:
        return f"Loading the model with a context of {grouped(self.context)} tokens"


def least(messages: Sequence[Message]) -> int:
    """Tokens that these messages have at the very least: no tokenizer puts two words into one."""
    return sum(len(render(each).split()) for each in messages)


def size(messages: Sequence[Message]) -> int:
    """Bytes of UTF-8."""
    return sum(len(render(each).encode("utf-8", "replace")) for each in messages)


def estimate(messages: Sequence[Message], bytes_per_token: float | None = None) -> int:
    """Tokens, rather too many than too few; `bytes_per_token` as the last answer showed it."""
    return int(size(messages) / (bytes_per_token or _BYTES)) + _AROUND * len(messages) + _BEFORE


def require_room(plan: Plan, messages: Sequence[Message]) -> int:
    """The least there is, for the decoder. Raises ContextTooLong where that much cannot fit: nothing is sent then."""
    words = least(messages)
    if words > plan.context:
        raise _too_long(plan, words)
    return words


def decoder(plan: Plan, promise: Promise, words: int, tools: str = "") -> Decoder:
    return Decoder(promise, plan.model, plan.context, words, names_of(tools))


def require_tools(plan: Plan, sampling: Sampling) -> None:
    """Raises ProviderFailed where tools are to be offered to a model that cannot call any: nothing is sent then."""
    if sampling.tools and Capability.TOOLS not in plan.facts.capabilities:
        raise ProviderFailed(
            f"The model {plan.model} cannot call tools, so nothing was sent to it.",
            "Choose a model that can, or ask without tools; `aqe models` shows what each can.",
        )


def require_vectors(plan: Plan) -> None:
    """Raises ModelBroken where another machine answers for a model that is not said to make vectors: nothing is sent.

    On its own machine a server makes them with any model; of one elsewhere it says that there is no such model."""
    facts = plan.facts
    if facts.remote not in ("", UNKNOWN) and Capability.EMBEDDINGS not in facts.capabilities:
        raise ModelBroken(
            f"The model {plan.model} is on {facts.remote} and makes no vectors, so nothing was sent to it.",
            "Choose a model that is made for embeddings; `aqe models` lists what each can.",
        )


async def talk(
    native: Any, plan: Plan, body: bytes, decoder: Decoder, extensions: Mapping[str, Any] = _NOTHING
) -> AsyncGenerator[ChatEvent]:
    """Raises ContextTooLong before any text, PrivacyRefused where the answer comes from elsewhere, EngineCrashed or
    another ProviderFailed where it breaks off. Closing this closes the connection, and the server stops its work."""
    started, first = time.monotonic(), None
    try:
        async with aclosing(native.lines(CHAT, body, extensions, plan.model)) as lines:
            async for told in lines:
                for event in decoder.feed(told):
                    if first is None and isinstance(event, TextDelta | ReasoningDelta):
                        first = time.monotonic() - started
                    yield event
    except ContextTooLong as error:
        raise _too_long(plan, 0) from error
    if not decoder.ended:
        raise decoder.broken_off()
    for note in decoder.notes():
        yield Noted(note.text)
    yield decoder.finish(ttft_s=first, total_s=time.monotonic() - started)


async def embed(
    native: Any, plan: Plan, texts: Sequence[str], extensions: Mapping[str, Any] = _NOTHING
) -> Mapping[str, Any]:
    """The answer as it came, from wherever. Raises ContextTooLong where a text is longer than the context."""
    try:
        told: Mapping[str, Any] = await native.ask("POST", EMBED, plan.embedding(texts), plan.model, extensions)
    except ContextTooLong as error:
        raise embeddings.too_long() from error
    return told


def _too_long(plan: Plan, words: int) -> ContextTooLong:
    known = f"has at least {grouped(words)} tokens" if words else "is too long"
    message = f"The prompt {known}; the model holds {grouped(plan.context)}. Nothing was cut, and no answer was begun."
    return ContextTooLong(message, tokens=words, limit=plan.context)
