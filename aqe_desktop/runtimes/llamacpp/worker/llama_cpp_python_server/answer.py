"""One streamed answer, in the events of llama.cpp's own server."""

from __future__ import annotations

import json
import time
from typing import Any, Protocol

from .model import Model
from .refusals import Refused

# llama.cpp's own defaults, so that the same question means the same to every engine.
_USUAL = {"temperature": 0.8, "top_p": 0.95, "top_k": 40, "min_p": 0.05}


class Reader(Protocol):
    """Whoever asked, as long as it is there."""

    def require_reader(self) -> None: ...

    def write(self, text: str) -> None: ...


class Answer:
    """One streamed answer: its events as llama.cpp's server would send them."""

    def __init__(self, model: Model, body: dict[str, Any], reader: Reader) -> None:
        self._model, self._body, self._reader = model, body, reader
        self._tokens = model.tokens(model.prompt(body), first=True)
        self._limit = model.llama.n_ctx()
        if len(self._tokens) >= self._limit:
            counts = {"n_prompt_tokens": len(self._tokens), "n_ctx": self._limit}
            raise Refused(400, "The prompt exceeds the context.", type="exceed_context_size_error", **counts)
        self._settings = _settings(body)

    def send(self) -> None:
        llama, started = self._model.llama, time.monotonic()
        llama.begin(self._read)
        reason, first = "stop", 0.0
        for chunk in llama.create_completion(prompt=self._tokens, stream=True, **self._sampling()):
            first = first or time.monotonic()
            self._reader.require_reader()
            choice = chunk["choices"][0]
            reason = choice["finish_reason"] or reason
            if choice["text"]:
                self._event({"choices": [_choice({"content": choice["text"]})]})
        self._finish(reason, started, first or time.monotonic())
        self._reader.write("data: [DONE]\n\n")

    def _read(self, done: int) -> None:
        """Between two batches of the prompt; the place to notice that nobody wants the answer any more."""
        self._reader.require_reader()
        total = len(self._tokens)
        cache = self._model.llama.reused
        self._event({"choices": [], "prompt_progress": {"total": total, "cache": cache, "processed": done}})

    def _finish(self, reason: str, started: float, first: float) -> None:
        llama = self._model.llama
        total, cached, output = len(self._tokens), llama.reused, llama.sampled
        read, wrote = max(first - started, 1e-6), max(time.monotonic() - first, 1e-6)
        self._event(
            {
                "choices": [_choice({}, reason)],
                "usage": {
                    "prompt_tokens": total,
                    "completion_tokens": output,
                    "prompt_tokens_details": {"cached_tokens": cached},
                },
                "timings": {
                    "prompt_n": total - cached,
                    "prompt_per_second": (total - cached) / read,
                    "predicted_n": output,
                    "predicted_per_second": output / wrote,
                },
                "__verbose": {"generation_settings": self._settings},
            }
        )

    def _sampling(self) -> dict[str, Any]:
        named = self._settings
        wanted = {name: named[name] for name in (*_USUAL, "seed", "stop")}
        rest = self._limit - len(self._tokens)
        most = rest if named["n_predict"] < 0 else min(rest, named["n_predict"])
        return {**wanted, "max_tokens": most, "repeat_penalty": 1.0, "grammar": _grammar(self._body)}

    def _event(self, told: dict[str, Any]) -> None:
        self._reader.write(f"data: {json.dumps(told)}\n\n")


def _settings(body: dict[str, Any]) -> dict[str, Any]:
    """What will really be used, by llama.cpp's names."""
    stop = body.get("stop") or []
    return {
        **{name: body.get(name, usual) for name, usual in _USUAL.items()},
        "seed": int(body.get("seed") or 0),
        "stop": [stop] if isinstance(stop, str) else list(stop),
        "n_predict": int(body.get("max_tokens") or -1),
    }


def _grammar(body: dict[str, Any]) -> Any:
    wanted = body.get("response_format")
    if not isinstance(wanted, dict) or wanted.get("type") not in ("json_schema", "json_object"):
        return None
    from llama_cpp import LlamaGrammar

    inner = wanted.get("json_schema")
    schema = inner.get("schema", {}) if isinstance(inner, dict) else wanted.get("schema", {"type": "object"})
    try:
        return LlamaGrammar.from_json_schema(json.dumps(schema), verbose=False)
    except Exception as error:  # whatever its converter finds wrong
        raise Refused(400, f"The schema cannot be used: {error}") from error


def _choice(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": reason}
