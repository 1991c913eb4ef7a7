"""OpenAI's chat completions dialect: a Turn becomes a request body, its stream of chunks becomes chat events."""

from __future__ import annotations

import json
from collections.abc import Sequence
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
from aqe_desktop.core.usage import Timing, Usage
from aqe_desktop.wires.attachments import render

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
_REASONS = {"stop": "stop", "length": "length", "tool_calls": "stop", "content_filter": "stop"}


def encode(turn: Turn, model: str) -> dict[str, Any]:
    """The streaming request body of a turn; `model` is the name the server knows."""
    return {
        "model": model,
        "messages": encode_messages(turn.messages),
        "stream": True,
        "stream_options": {"include_usage": True},
        **_encode_sampling(turn.sampling),
    }


def encode_messages(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": message.role.value, "content": render(message)} for message in messages]


def _encode_sampling(sampling: Sampling) -> dict[str, Any]:
    named = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "seed": sampling.seed,
        "max_tokens": sampling.max_output,
        "stop": list(sampling.stop) or None,
    }
    return {name: value for name, value in named.items() if value is not None}


@dataclass
class Decoder:
    """Gathers one answer: `feed` each event's data, then ask `finish`. `ended` tells a whole answer from a cut one."""

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
            raise failure(200, data)
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
        settings = (chunk.get("__verbose") or {}).get("generation_settings")
        if isinstance(settings, dict):
            self.received = {ours: _read_back(settings[name]) for name, ours in _RECEIVED.items() if name in settings}

    def _choice(self, choice: dict[str, Any]) -> list[ChatEvent]:
        reason = choice.get("finish_reason")
        if reason:
            self.reason = _REASONS.get(reason, str(reason))
        delta = choice.get("delta") or {}
        events: list[ChatEvent] = []
        if thought := delta.get("reasoning_content") or delta.get("reasoning"):
            events.append(ReasoningDelta(thought))
        if text := delta.get("content"):
            events.append(TextDelta(text))
        return events


def decode_usage(usage: dict[str, Any]) -> Usage:
    """Usage in our one shape: this dialect counts cached tokens inside `prompt_tokens`."""
    cached = _count((usage.get("prompt_tokens_details") or {}).get("cached_tokens"))
    return Usage(
        input=max(0, _count(usage.get("prompt_tokens")) - cached),
        cache_read=cached,
        output=_count(usage.get("completion_tokens")),
        reasoning=_count((usage.get("completion_tokens_details") or {}).get("reasoning_tokens")),
    )


def failure(status: int, body: str) -> ProviderFailed:
    """The error behind a refused request. Bodies come as {"error": {...}}, {"error": text}, {"detail": ...} or text."""
    detail = _detail(body)
    message = _message(detail) or f"The server answered with status {status}."
    tokens, limit = _count(detail.get("n_prompt_tokens")), _count(detail.get("n_ctx"))
    if detail.get("type") == "exceed_context_size_error" or detail.get("code") == "context_length_exceeded":
        return too_long(tokens, limit)
    return ProviderFailed(f"The engine refused the request: {message[:300]}", _hint(status))


def _hint(status: int) -> str:
    if status in (401, 403):
        return "Stop the engine and start it again."
    return "Try again." if status >= 500 else "Change the request and try again."


def too_long(tokens: int, limit: int) -> ContextTooLong:
    known = f"has {grouped(tokens)} tokens; the model holds {grouped(limit)}"
    counts = known if tokens and limit else "exceeds the model's context"
    return ContextTooLong(f"The prompt {counts}. Nothing was cut, and no answer was begun.", tokens=tokens, limit=limit)


def _detail(body: str) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except ValueError:
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
    except ValueError as error:
        raise ProviderFailed("The server sent an event that is not JSON.", "Try again.") from error
    if not isinstance(chunk, dict):
        raise ProviderFailed("The server sent an event of an unknown form.", "Try again.")
    return chunk


def _choices(chunk: dict[str, Any]) -> list[dict[str, Any]]:
    return [choice for choice in chunk.get("choices") or [] if isinstance(choice, dict)]


def _progress(chunk: dict[str, Any]) -> list[ChatEvent]:
    seen = chunk.get("prompt_progress")
    if not isinstance(seen, dict):
        return []
    return [ReadingPrompt(_count(seen.get("processed")), _count(seen.get("total")), _count(seen.get("cache")))]


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _read_back(value: Any) -> Any:
    """The engine computes with 32 bits: 0.3 comes back as 0.30000001192092896."""
    return round(value, 6) if isinstance(value, float) else value


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and value > 0 else None
