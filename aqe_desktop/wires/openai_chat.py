"""OpenAI's chat completions dialect: a Turn becomes a request body, its stream of chunks becomes chat events."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aqe_desktop.core.chat import (
    ChatEvent,
    Finished,
    Message,
    ReadingPrompt,
    ReasoningDelta,
    Sampling,
    TextDelta,
    Turn,
)
from aqe_desktop.core.errors import ContextTooLong, ProviderFailed
from aqe_desktop.core.figures import grouped
from aqe_desktop.core.tools import schema_of, tools_of
from aqe_desktop.core.usage import Timing, Usage
from aqe_desktop.wires.attachments import base64_of, images, render
from aqe_desktop.wires.openai_calls import Calls
from aqe_desktop.wires.packing import Shown

END = "[DONE]"
# The names under which the inspector shows what the engine received, by the engine's own names.
_RECEIVED = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "min_p": "min_p",
    "seed": "seed",
    "stop": "stop",
    "n_predict": "max_output",
}
# How servers say in prose what fits and what came (vLLM and llama-cpp-python as recorded; TGI by its sources).
_LIMIT = re.compile(r"maximum context length is (\d{1,12})|must have less than (\d{1,12}) tokens")
_TOKENS = re.compile(r"\((\d{1,12}) in the messages|Given: (\d{1,12})")
# And how they refuse an image (llama.cpp and vLLM as recorded, the others by their sources).
_BLIND = re.compile(r"image input is not supported|not a multimodal model|missing data required for image", re.I)
_UNREADABLE = re.compile(
    r"(failed to|cannot|could not|unable to) (load|decode|process|identify|open) (the )?image|invalid image",
    re.I,
)
_REASONS = {"stop": "stop", "length": "length", "tool_calls": "stop", "content_filter": "stop"}


def encode(turn: Turn, model: str, shown: Shown = base64_of) -> dict[str, Any]:
    """The streaming request body of a turn; `model` is the name the server knows."""
    return encode_request(model, turn.messages, turn.sampling, shown)


def encode_request(
    model: str, messages: Sequence[Message], sampling: Sampling, shown: Shown = base64_of
) -> dict[str, Any]:
    """The same for the same question, so that a consent can name it."""
    return {
        "model": model,
        "messages": encode_messages(messages, shown),
        "stream": True,
        "stream_options": {"include_usage": True},
        **_encode_sampling(sampling),
    }


def encode_messages(messages: Sequence[Message], shown: Shown = base64_of) -> list[dict[str, Any]]:
    return [{"role": message.role.value, "content": _content(message, shown)} for message in messages]


def encode_texts(messages: Sequence[Message]) -> list[dict[str, str]]:
    """For who counts tokens: an image is no text, and what it costs only the model's own encoder knows."""
    return [{"role": message.role.value, "content": render(message)} for message in messages]


def _content(message: Message, shown: Shown) -> str | list[dict[str, Any]]:
    """Text where there is nothing else: some servers know no parts. Images come first, as files do in the text."""
    pictures = [
        {"type": "image_url", "image_url": {"url": f"data:{each.media};base64,{shown(each)}"}}
        for each in images(message)
    ]
    text = render(message)
    return [*pictures, {"type": "text", "text": text}] if pictures else text


def _encode_sampling(sampling: Sampling) -> dict[str, Any]:
    named: dict[str, Any] = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "seed": sampling.seed,
        "max_tokens": sampling.max_output,
        "stop": list(sampling.stop) or None,
        "tools": tools_of(sampling.tools) or None,
    }
    if sampling.schema:
        named["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": schema_of(sampling.schema), "strict": True},
        }
    return {name: value for name, value in named.items() if value is not None}


@dataclass
class Decoder:
    """Gathers one answer: `feed` each event's data, then ask `finish`. `ended` tells a whole answer from a cut one.

    `model` is who answers by the server's word; `strayed` what it says in one of the `remote_fields`, which name the
    machine that answers where it is another. `refuse` makes the error of one that arrives in mid-stream. `calls`
    gathers those of tools, and knows which were offered."""

    refuse: Callable[[int, str], ProviderFailed] | None = None
    remote_fields: tuple[str, ...] = ()
    model: str = ""
    strayed: str = ""
    calls: Calls = field(default_factory=Calls)
    reason: str = ""
    usage: Usage = field(default_factory=Usage)
    timings: dict[str, Any] = field(default_factory=dict)
    received: dict[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        return bool(self.reason)

    def feed(self, data: str) -> list[ChatEvent]:
        """The events of one chunk. Raises ProviderFailed for an error that arrives in mid-stream or broken JSON."""
        if data == END:
            return []
        chunk = _parse(data)
        if chunk.get("error"):
            raise (self.refuse or failure)(200, data)
        self._note(chunk)
        return [*_progress(chunk), *(event for choice in _choices(chunk) for event in self._choice(choice))]

    def finish(self, *, ttft_s: float | None, total_s: float) -> Finished:
        speed = _number(self.timings.get("predicted_per_second"))
        return Finished(self.reason, self.usage, Timing(ttft_s, total_s, speed), self.received)

    def _note(self, chunk: dict[str, Any]) -> None:
        if isinstance(chunk.get("usage"), dict):
            self.usage = decode_usage(chunk["usage"])
        if isinstance(chunk.get("timings"), dict):
            self.timings = chunk["timings"]
        if isinstance(chunk.get("model"), str):
            self.model = chunk["model"] or self.model
        self.strayed = self.strayed or next((str(chunk[name]) for name in self.remote_fields if chunk.get(name)), "")
        settings = _object(chunk.get("__verbose")).get("generation_settings")
        if isinstance(settings, dict):
            self.received = {ours: _read_back(settings[name]) for name, ours in _RECEIVED.items() if name in settings}

    def _choice(self, choice: dict[str, Any]) -> list[ChatEvent]:
        delta = _object(choice.get("delta"))
        self.calls.take(delta.get("tool_calls"))
        events: list[ChatEvent] = []
        if thought := _text(delta.get("reasoning_content")) or _text(delta.get("reasoning")):
            events.append(ReasoningDelta(thought))
        if text := _text(delta.get("content")):
            events.append(TextDelta(text))
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self.reason = _REASONS.get(reason, reason)
            events += self.calls.end()
        return events


def decode_usage(usage: dict[str, Any]) -> Usage:
    """Usage in our one shape: this dialect counts cached tokens inside `prompt_tokens`."""
    cached = _count(_object(usage.get("prompt_tokens_details")).get("cached_tokens"))
    return Usage(
        input=max(0, _count(usage.get("prompt_tokens")) - cached),
        cache_read=cached,
        output=_count(usage.get("completion_tokens")),
        reasoning=_count(_object(usage.get("completion_tokens_details")).get("reasoning_tokens")),
    )


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an error body says: its words, and whether the prompt was too long (0 for counts that it does not give)."""

    message: str
    too_long: bool = False
    tokens: int = 0
    limit: int = 0


def refusal(body: str) -> Refusal:
    """Bodies come as {"error": {...}}, {"error": text}, {"detail": ...} or text."""
    detail = _detail(body)
    message = _message(detail)
    said = _LIMIT.search(message)
    limit = _count(detail.get("n_ctx")) or _said(said)
    tokens = _count(detail.get("n_prompt_tokens")) or _said(_TOKENS.search(message))
    named = detail.get("type") == "exceed_context_size_error" or detail.get("code") == "context_length_exceeded"
    # Where the prompt fits, it is the length asked for the answer that does not.
    fits = 0 < tokens < limit
    return Refusal(message, (named or said is not None) and not fits, tokens, limit)


def failure(status: int, body: str) -> ProviderFailed:
    """The error behind a refused request of an engine of ours."""
    told = refusal(body)
    if told.too_long:
        return too_long(told.tokens, told.limit)
    if unseen := not_seen(told.message):
        return unseen
    message = told.message or f"The server answered with status {status}."
    return ProviderFailed(f"The engine refused the request: {message[:300]}", _hint(status))


def not_seen(said: str) -> ProviderFailed | None:
    """The error of a server that refuses an image, by what it said; None where that is not the trouble."""
    if _BLIND.search(said):
        return ProviderFailed(
            "The model cannot see images.", "Choose a model that can; `aqe models` lists what each can."
        )
    if _UNREADABLE.search(said):
        return ProviderFailed("The engine cannot read this image.", "Save it as PNG or JPEG, and attach that.")
    return None


def _hint(status: int) -> str:
    if status in (401, 403):
        return "Stop the engine and start it again."
    return "Try again." if status >= 500 else "Change the request and try again."


def too_long(tokens: int, limit: int) -> ContextTooLong:
    known = f"has {grouped(tokens)} tokens; the model holds {grouped(limit)}"
    vague = f"exceeds the model's context of {grouped(limit)} tokens" if limit else "exceeds the model's context"
    counts = known if tokens and limit else vague
    return ContextTooLong(f"The prompt {counts}. Nothing was cut, and no answer was begun.", tokens=tokens, limit=limit)


def _detail(body: str) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {"message": body.strip()}
    if not isinstance(parsed, dict):
        return {"message": str(parsed)}
    inner = parsed.get("error", parsed.get("detail", parsed))
    return inner if isinstance(inner, dict) else {"message": str(inner)}


def _message(detail: dict[str, Any]) -> str:
    return str(detail.get("message") or detail.get("error") or "")


def _parse(data: str) -> dict[str, Any]:
    try:
        chunk = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ProviderFailed("The server sent an event that is not JSON.", "Try again.") from error
    if not isinstance(chunk, dict):
        raise ProviderFailed("The server sent an event of an unknown form.", "Try again.")
    return chunk


def _choices(chunk: dict[str, Any]) -> list[dict[str, Any]]:
    choices = chunk.get("choices")
    return [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []


def _progress(chunk: dict[str, Any]) -> list[ChatEvent]:
    seen = chunk.get("prompt_progress")
    if not isinstance(seen, dict):
        return []
    return [ReadingPrompt(_count(seen.get("processed")), _count(seen.get("total")), _count(seen.get("cache")))]


def _said(found: re.Match[str] | None) -> int:
    return int(next((each for each in found.groups() if each), 0)) if found else 0


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _read_back(value: Any) -> Any:
    """The engine computes with 32 bits: 0.3 comes back as 0.30000001192092896."""
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and 0 < value <= sys.float_info.max else None
