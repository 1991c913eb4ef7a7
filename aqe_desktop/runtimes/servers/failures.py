"""What goes wrong with a server of the user's own, in our words, each with the one next step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aqe_desktop.core.errors import EngineCrashed, ModelBroken, ProviderFailed, Unreachable, UsageError
from aqe_desktop.runtimes.servers.places import Options
from aqe_desktop.wires import embeddings, openai_chat

_SHOWN = 200
_AGAIN = "Try again; the server's own log says more."


@contextmanager
def translated(options: Options) -> Iterator[None]:
    """What the client library raises before the first word of an answer."""
    import httpx

    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise silent(options) from error
    except httpx.TimeoutException as error:
        raise Unreachable(
            f"{_who(options)} accepted the connection and sent nothing for {options.patience:g} seconds.",
            f"Look whether it is busy, or raise `patience` of {options.id} in settings.toml.",
        ) from error
    except httpx.RemoteProtocolError as error:
        raise other_protocol(options) from error
    except httpx.InvalidURL as error:
        raise UsageError(f"{options.url} is not the URL of a server.", _address(options)) from error
    except httpx.HTTPError as error:
        raise EngineCrashed(f"The connection to {_who(options)} broke off.", _AGAIN) from error


@contextmanager
def in_mid_stream(options: Options) -> Iterator[None]:
    """The same once an answer has begun: what had arrived is kept."""
    import httpx

    try:
        yield
    except httpx.TimeoutException as error:
        raise EngineCrashed(
            f"{_who(options)} stopped in the middle of the answer and sent nothing for {options.patience:g} seconds.",
            f"Look at the server, then retry; `patience` of {options.id} in settings.toml is how long is waited.",
        ) from error
    except httpx.HTTPError as error:
        raise broken_off(options) from error


def silent(options: Options) -> Unreachable:
    return Unreachable(f"Nothing answers at {options.base}.", f"Start the server, or: {_address(options)}")


def other_protocol(options: Options) -> ProviderFailed:
    return ProviderFailed(
        f"What answers at {options.base} is no server of the OpenAI kind.", f"Look at the address: {_address(options)}"
    )


def broken_off(options: Options) -> EngineCrashed:
    return EngineCrashed(f"{_who(options)} ended the answer before its end.", f"{_AGAIN} The text so far is kept.")


def empty(options: Options) -> ProviderFailed:
    return ProviderFailed(
        f"{_who(options)} ended the answer before its first word. A prompt longer than its context does this.",
        "Shorten the prompt, or look at the server's own log.",
    )


def unknown_model(model: str) -> ModelBroken:
    return ModelBroken(f"The server has no model {shown(model)!a}.", "Choose one that it has: `aqe models` lists them.")


def refused(options: Options, status: int, body: str, model: str = "") -> ProviderFailed:
    """The error behind a status, or behind an error event of a stream (status 200)."""
    told = openai_chat.refusal(body)
    if told.too_long and status in (200, 400, 413, 422, 500):
        return openai_chat.too_long(told.tokens, told.limit)
    if unseen := openai_chat.not_seen(told.message):
        return unseen
    if 300 <= status < 400:
        return ProviderFailed(
            f"{options.base} answers with a redirect to another address, and none is followed.",
            f"Set the address that it really has: {_address(options)}",
        )
    if status in (401, 403, 407):
        return ProviderFailed(
            f"{_who(options)} asks for an API key, and a server of your own cannot be given one yet.",
            "Start the server without a key, or choose another model.",
        )
    if status in (404, 405, 501):
        named = bool(model) and "model" in told.message.casefold()
        return unknown_model(model) if named else other_protocol(options)
    return _busy(options, status, told.message) or _plainly(options, status, shown(told.message))


def no_vectors(options: Options, status: int, body: str, model: str) -> ProviderFailed:
    """The error behind a status where vectors were asked for: many servers make none."""
    told = openai_chat.refusal(body)
    if told.too_long:
        return embeddings.too_long()
    if status in (404, 405, 501) or "embedding" in told.message.casefold():
        return ProviderFailed(
            f"{_who(options)} makes no vectors with {shown(model)}.",
            "Choose a model that is made for embeddings, or start the server with them (llama-server: --embeddings).",
        )
    return refused(options, status, body, model)


def parsed(options: Options, text: str | None) -> dict[str, Any]:
    """A whole answer. Raises ProviderFailed for what is no JSON object, or none of such a server by its size."""
    try:
        told = json.loads(text or "")
    except (ValueError, RecursionError) as error:
        raise other_protocol(options) from error
    if not isinstance(told, dict):
        raise other_protocol(options)
    return told


def shown(text: str) -> str:
    """The first line of what a stranger wrote, short and without what would not show as it is."""
    line = next((each.strip() for each in text.splitlines() if each.strip()), "")
    plain = "".join(letter for letter in line if letter.isprintable())
    return plain[:_SHOWN] + ("…" if len(plain) > _SHOWN else "")


def _busy(options: Options, status: int, message: str) -> ProviderFailed | None:
    if status == 503 and "loading" in message.casefold():
        return ProviderFailed(f"{_who(options)} is still loading its model.", "Try again in a moment.")
    if status in (429, 502, 503, 504):
        return ProviderFailed(f"{_who(options)} is too busy to answer.", "Try again in a moment.")
    return None


def _plainly(options: Options, status: int, message: str) -> ProviderFailed:
    """A page of HTML is nobody's message."""
    words = "" if message.startswith("<") else message
    if status == 200:
        return ProviderFailed(f"{_who(options)} failed in the middle of the answer{_after(words)}", _AGAIN)
    if status >= 500:
        return ProviderFailed(f"{_who(options)} failed at this request (status {status}){_after(words)}", _AGAIN)
    return ProviderFailed(
        f"{_who(options)} refused the request (status {status}){_after(words)}", "Change the request and try again."
    )


def _after(words: str) -> str:
    return f": {words.rstrip('.')}." if words else "."


def _who(options: Options) -> str:
    return f"The server {options.name or options.id}"


def _address(options: Options) -> str:
    return f"aqe runtimes set {options.id} --url URL"
