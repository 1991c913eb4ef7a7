"""Ollama's own chat dialect: messages become a body of /api/chat, its lines become chat events.

Not its /v1 routes: those cannot set the context, hide where a model runs, and cut a prompt in silence."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from aqe_desktop.core.chat import (
    ChatEvent,
    Finished,
    Message,
    Noted,
    ReasoningDelta,
    Sampling,
    TextDelta,
    ToolCalled,
)
from aqe_desktop.core.errors import EngineCrashed, PrivacyRefused, ProviderFailed
from aqe_desktop.core.figures import grouped
from aqe_desktop.core.shown import shown as visible
from aqe_desktop.core.tools import not_offered, schema_of, strict_json, tools_of
from aqe_desktop.core.usage import Timing, Usage
from aqe_desktop.wires.attachments import base64_of, images, render
from aqe_desktop.wires.ollama_failures import failure
from aqe_desktop.wires.packing import Shown

# After 30 equal tokens Ollama gives up without a word; fewer in our hands, for some may be joined or trimmed.
_REPEATED = 25
_REASONS = {"stop": "stop", "length": "length"}
# The token that no longer fits is computed before that shows.
_SLACK = 2
_SECOND = 1e9  # nanoseconds


@dataclass(frozen=True, slots=True)
class Promise:
    """Where the answer is to come from: `remote` "" means this server's own machine, a name that machine and no other;
    None where nobody said, and the text was cleared for anywhere."""

    remote: str | None

    def hold(self, told: Mapping[str, Any], model: str) -> None:
        """Raises PrivacyRefused where an answer of the model comes from elsewhere: `remote_of` it."""
        remote = remote_of(told)
        if not remote or self.remote in (None, remote):
            return
        was = f"on {self.remote}" if self.remote else "on this server's own machine"
        raise PrivacyRefused(
            f"The answer comes from {remote}, but the model {model} was to run {was}. It was stopped; your text has "
            "reached that machine.",
            "Look at the models of this server: `aqe models` shows where each runs.",
        )


def encode(
    model: str,
    messages: Sequence[Message],
    sampling: Sampling,
    options: Mapping[str, Any],
    keep_alive: int | None = None,
    shown: Shown = base64_of,
) -> dict[str, Any]:
    """The streaming body of a turn; without messages it loads the model. The same values give the same bytes.

    `options` are those that the model is loaded with, num_ctx always among them. `truncate` and `shift` say that
    nothing is to be cut in silence; a server that does not know them (before 0.17) passes over them. Raises UsageError
    for a schema or tools that are no JSON."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [_message(each, shown) for each in messages],
        "stream": True,
        "truncate": False,
        "shift": False,
        "options": {**options, **_sampled(sampling)},
    }
    if sampling.think:
        body["think"] = {"on": True, "off": False}.get(sampling.think, sampling.think)
    if sampling.schema:
        body["format"] = schema_of(sampling.schema)
    if sampling.tools:
        body["tools"] = tools_of(sampling.tools)
    return body if keep_alive is None else {**body, "keep_alive": keep_alive}


def _message(message: Message, shown: Shown) -> dict[str, Any]:
    told: dict[str, Any] = {"role": message.role.value, "content": render(message)}
    if pictures := images(message):
        told["images"] = [shown(each) for each in pictures]
    return told


def object_of(line: str) -> dict[str, Any]:
    """The object of one line or body. Raises ProviderFailed where it is something else."""
    try:
        found = strict_json(line)
    except (ValueError, RecursionError) as error:
        raise ProviderFailed(
            "The server sent something that is not JSON.", "Check that it is the server you mean."
        ) from error
    if not isinstance(found, dict):
        raise ProviderFailed("The server sent an answer of an unknown form.", "Check that it is the server you mean.")
    return found


def remote_of(told: Mapping[str, Any]) -> str:
    """The machine that an answer, a list's row or a model's description names as the one that computes, as it may be
    shown; "" for none."""
    host, model = told.get("remote_host"), told.get("remote_model")
    if not host and not model:
        return ""
    return (visible(_machine(str(host))) if host else "") or "unknown machine"


def _machine(host: str) -> str:
    try:
        return urlsplit(host).netloc or host
    except ValueError:  # brackets that are no address
        return host


@dataclass
class Decoder:
    """Gathers one answer: `feed` each line's object, then ask `finish`. Every line is held against the promise first.

    `ended` tells a whole answer from a cut one. `context` is what was sent as num_ctx, `least` a count of tokens that
    the prompt cannot be below. `offered` are the names of the tools that the model may ask for, `tools` those it asked
    for besides. `strayed` names the machine that answered against the promise."""

    promise: Promise
    model: str = ""
    context: int = 0
    least: int = 0
    offered: frozenset[str] = frozenset()
    reason: str = ""
    told: dict[str, Any] = field(default_factory=dict)
    tools: list[str] = field(default_factory=list)
    strayed: str = ""
    _words: int = 0
    _called: int = 0
    _thoughts: int = 0
    _last: str = ""
    _times: int = 0

    @property
    def ended(self) -> bool:
        return bool(self.reason)

    @property
    def prompt_tokens(self) -> int:
        """As the server counted them; 0 where it did not say."""
        return _count(self.told.get("prompt_eval_count"))

    def feed(self, told: dict[str, Any]) -> list[ChatEvent]:
        """The events of one line. Raises PrivacyRefused where it comes from elsewhere than promised, and ProviderFailed
        or a kind of it for an error in mid-stream."""
        try:
            self.promise.hold(told, self.model)
        except PrivacyRefused:
            self.strayed = remote_of(told)
            raise
        if "error" in told:
            raise failure(200, json.dumps(told), self.model)
        if told.get("done"):
            self.told = told
            self.reason = _REASONS.get(str(told.get("done_reason") or "stop"), str(told.get("done_reason")))
        message = told.get("message")
        return self._message(message) if isinstance(message, dict) else []

    def broken_off(self) -> ProviderFailed:
        """Why there is no end: called where the stream is over and `ended` is not."""
        if self._times >= _REPEATED:
            return ProviderFailed(
                "The model repeated itself without an end, so the server ended the answer. What had arrived is kept.",
                "Ask in other words, or raise the temperature.",
            )
        return EngineCrashed("The answer broke off before its end.", "Ask again; the text that had arrived is kept.")

    def notes(self) -> list[Noted]:
        """What the user should know of a whole answer, besides its text."""
        found = []
        if self.was_cut:
            known = f"{grouped(self.prompt_tokens)} tokens of a context of {grouped(self.context)}"
            found.append(f"The server cut the prompt without asking: the model saw {known}.")
        elif self.has_shifted:
            found.append("The context was full before the answer was: the model lost sight of the beginning.")
        if self.tools:
            found.append(not_offered(self.tools))
        elif not self._words and not self._called:
            thought = "only thought, and gave no answer" if self._thoughts else "gave an empty answer"
            found.append(f"The model {thought}.")
        return [Noted(each) for each in found]

    @property
    def was_cut(self) -> bool:
        """Whether the server read less than the prompt: it read all that fits to the brim, or less than there was."""
        read = self.prompt_tokens
        return bool(read) and (read < self.least or 0 < self.context <= read)

    @property
    def has_shifted(self) -> bool:
        """Whether prompt and answer are longer than the context, which no server does without dropping a part."""
        used = self.prompt_tokens + _count(self.told.get("eval_count"))
        return bool(self.context) and used > self.context + _SLACK

    def finish(self, *, ttft_s: float | None, total_s: float) -> Finished:
        output, spent = _count(self.told.get("eval_count")), _count(self.told.get("eval_duration"))
        speed = output * _SECOND / spent if output and spent else None
        return Finished(self.reason, Usage(input=self.prompt_tokens, output=output), Timing(ttft_s, total_s, speed))

    def _message(self, message: dict[str, Any]) -> list[ChatEvent]:
        events: list[ChatEvent] = []
        if thought := _text(message.get("thinking")):
            self._thoughts += 1
            events.append(ReasoningDelta(thought))
        if text := _text(message.get("content")):
            self._words += bool(text.strip())
            self._watch(text)
            events.append(TextDelta(text))
        calls = message.get("tool_calls")
        called = [_call(call) for call in calls] if isinstance(calls, list) else []
        events += [each for each in called if each.name in self.offered]
        self.tools += [each.name for each in called if each.name not in self.offered]
        self._called += len(called)
        return events

    def _watch(self, text: str) -> None:
        piece = text.strip()
        self._times = self._times + 1 if piece == self._last else 1
        self._last = piece


def _sampled(sampling: Sampling) -> dict[str, Any]:
    named = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "seed": sampling.seed,
        "num_predict": sampling.max_output,
        "stop": list(sampling.stop) or None,
    }
    return {name: value for name, value in named.items() if value is not None}


def _call(call: Any) -> ToolCalled:
    """Each comes in one piece, its arguments as an object; its id since 0.17."""
    inner = call.get("function") if isinstance(call, dict) else None
    if not isinstance(inner, dict):
        return ToolCalled("of an unknown name", "{}")
    arguments = inner.get("arguments")
    text = json.dumps(arguments if isinstance(arguments, dict) else {}, ensure_ascii=False)
    return ToolCalled(str(inner.get("name", "")), text, _text(call.get("id")))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
