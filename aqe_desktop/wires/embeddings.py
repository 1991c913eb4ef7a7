"""Texts to vectors in Ollama's dialect and in OpenAI's: what is asked, and what an answer must be to be believed."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from aqe_desktop.core.chat import Message
from aqe_desktop.core.embedding import Embedded
from aqe_desktop.core.errors import ContextTooLong, ModelBroken, ProviderFailed
from aqe_desktop.core.figures import grouped
from aqe_desktop.core.usage import Usage

_OTHER = "Choose a model that is made for embeddings; `aqe models` lists what each can."


def texts_of(messages: Sequence[Message]) -> list[str]:
    """The text of each message, that of its files included, as it is: nothing is put around it."""
    return [
        "\n\n".join([*(each.text for each in one.attachments), *([one.text] if one.text else [])]) for one in messages
    ]


def encode_native(
    model: str, texts: Sequence[str], options: Mapping[str, Any], keep_alive: int | None = None
) -> dict[str, Any]:
    """For Ollama's /api/embed; without texts it loads the model. `truncate` says that nothing is to be cut."""
    body = {"model": model, "input": list(texts), "truncate": False, "options": dict(options)}
    return body if keep_alive is None else {**body, "keep_alive": keep_alive}


def encode_openai(model: str, texts: Sequence[str]) -> dict[str, Any]:
    return {"model": model, "input": list(texts), "encoding_format": "float"}


def decode_native(told: Mapping[str, Any], texts: Sequence[str]) -> Embedded:
    """Raises ContextTooLong where the server read less than there was, ProviderFailed for what are no vectors."""
    return _embedded(told.get("embeddings"), texts, told.get("prompt_eval_count"))


def decode_openai(told: Mapping[str, Any], texts: Sequence[str]) -> Embedded:
    """The same; a row says by its index which text it is of."""
    rows = told.get("data")
    found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    usage = told.get("usage")
    vectors = [row.get("embedding") for row in sorted(found, key=_index)]
    return _embedded(vectors, texts, usage.get("prompt_tokens") if isinstance(usage, dict) else None)


def too_long() -> ContextTooLong:
    return ContextTooLong(
        "A text is longer than the model's context. Nothing was cut, and no vectors were made.",
        "Split the text into shorter ones, or raise the model's context length.",
    )


def _embedded(vectors: Any, texts: Sequence[str], read: Any) -> Embedded:
    tokens = read if isinstance(read, int) and not isinstance(read, bool) and read > 0 else 0
    _require_read(tokens, texts)
    found = [_vector(each) for each in vectors] if isinstance(vectors, list) else []
    if len(found) != len(texts) or len({len(each) for each in found}) != 1 or not found[0]:
        raise ProviderFailed("The server did not give one vector for each text.", "Look at the server's own log.")
    return Embedded(tuple(found), Usage(input=tokens))


def _vector(numbers: Any) -> tuple[float, ...]:
    if isinstance(numbers, list) and numbers and isinstance(numbers[0], list):
        raise ModelBroken("The model gives a vector for each token, and none for the text.", _OTHER)
    if not isinstance(numbers, list) or not all(_is_number(each) for each in numbers):
        raise ProviderFailed("The server sent something that is no vector.", "Look at the server's own log.")
    return tuple(float(each) for each in numbers)


def _require_read(tokens: int, texts: Sequence[str]) -> None:
    """A text has a token for each of its words at least; a server that counts fewer has not read it all."""
    words = sum(len(each.split()) for each in texts)
    if 0 < tokens < words:
        raise ContextTooLong(
            f"The server read {grouped(tokens)} tokens of texts that have {grouped(words)} at least: it cut them, so "
            "their vectors are not taken.",
            "Split the text into shorter ones, or raise the model's context length.",
            tokens=words,
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _index(row: Mapping[str, Any]) -> int:
    index = row.get("index")
    return index if isinstance(index, int) else 0
