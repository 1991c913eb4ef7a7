"""What Ollama says when something fails, in our words: its own are for who knows its inside."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from aqe_desktop.core.errors import (
    ContextTooLong,
    EngineCrashed,
    ModelBroken,
    NotEnoughMemory,
    ProviderFailed,
    Unreachable,
)

_CHOOSE = "Choose another model; `aqe models` lists them."
_AGAIN = "Try again in a moment."
_LOG = "Try again; the server's log says why."
_MEMORY = re.compile(r"more system memory \(([^)]+)\) than is available \(([^)]+)\)")
_OPTION = re.compile(r"option \"?(\w+)\"? must be of type")


def failure(status: int, text: str, model: str = "") -> ProviderFailed:
    """The error behind a refused request, or behind an error line in mid-stream (status 200). `text` is the body or the
    line: {"error": text}, {"StatusCode": n, "error": text} or plain text. A sign-in address in it is not repeated: it
    holds the computer's name and key."""
    said = _said(text)
    for pattern, make in _KNOWN:
        if found := re.search(pattern, said, re.IGNORECASE):
            return make(found, _name(model))
    return _BY_STATUS.get(status, _other)(status, _name(model))


_TOO_LONG = "The prompt is longer than the model's context. Nothing was cut, and no answer was begun."
_Make = Callable[[re.Match[str], str], ProviderFailed]


def _fixed(kind: type[ProviderFailed], message: str, hint: str = "") -> _Make:
    return lambda _found, model: kind(message.replace("{model}", model), hint)


def _no_memory(found: re.Match[str], model: str) -> ProviderFailed:
    sizes = _MEMORY.search(found.string)
    if sizes is None:
        return NotEnoughMemory(f"{model} does not fit into the memory that is free.")
    return NotEnoughMemory(f"{model} needs {sizes[1]} of memory; {sizes[2]} are free.")


def _bad_option(found: re.Match[str], _model: str) -> ProviderFailed:
    option = _OPTION.search(found.string)
    name = option[1] if option else "an option"
    return ProviderFailed(f"The server takes no such value for {name}.", "Change that parameter and try again.")


_KNOWN: tuple[tuple[str, _Make], ...] = (
    (r"input length exceeds|exceeds (the )?(maximum |available )?context", _fixed(ContextTooLong, _TOO_LONG)),
    (
        r"missing data required for image|does not support (images|vision)",
        _fixed(
            ProviderFailed, "{model} cannot see images.", "Choose a model that can; `aqe models` lists what each can."
        ),
    ),
    (
        r"image: unknown format|invalid image|(failed to|cannot|unable to) (load|decode|process) (the )?image",
        _fixed(ProviderFailed, "The server cannot read this image.", "Save it as PNG or JPEG, and attach that."),
    ),
    (r"does not support thinking", _fixed(ProviderFailed, "{model} cannot think first.", "Turn thinking off.")),
    (
        r"think value .* is not supported",
        _fixed(ProviderFailed, "{model} knows no levels of thinking.", "Turn thinking on or off instead."),
    ),
    (r"does not support tools", _fixed(ProviderFailed, "{model} cannot use tools.", _CHOOSE)),
    (
        r"does not support (chat|generate|completion)",
        _fixed(ModelBroken, "{model} cannot chat: its file is gone, or it is made for something else.", _CHOOSE),
    ),
    (
        r"does not support",
        _fixed(ProviderFailed, "{model} cannot do what was asked of it.", _CHOOSE),
    ),
    (
        r"cloud is disabled",
        _fixed(ProviderFailed, "{model} runs on another machine, and this server's cloud switch is off.", _CHOOSE),
    ),
    (
        r"cannot run this remote model",
        _fixed(ProviderFailed, "{model} runs on a machine that this server may not use.", _CHOOSE),
    ),
    (
        r"^unauthorized",
        _fixed(
            ProviderFailed,
            "{model} runs on another machine, and the server is not signed in there.",
            "Sign in with `ollama signin`, or choose another model.",
        ),
    ),
    (r"dial tcp|no such host", _fixed(Unreachable, "The machine that runs {model} does not answer.", _AGAIN)),
    (r"model requires more system memory|out of memory|unable to allocate|failed to allocate", _no_memory),
    (
        r"runner|unexpected EOF|signal: (killed|segmentation)|connection reset|error was encountered while running",
        _fixed(EngineCrashed, "The engine ended during the work.", _AGAIN),
    ),
    (
        r"exceeds file size|invalid file magic|invalid gguf|error loading model|unable to load model|checksum|digest",
        _fixed(ModelBroken, "The file of {model} is damaged.", "Delete the model and bring it in again."),
    ),
    (
        r"unknown model architecture|unsupported (model )?architecture|unsupported model",
        _fixed(ModelBroken, "This version of Ollama does not know the kind of {model}.", "Update Ollama."),
    ),
    (r"not found|file does not exist", _fixed(ModelBroken, "{model} is not on the server.", _CHOOSE)),
    (
        r"invalid json schema|failed to parse grammar|schema",
        _fixed(ProviderFailed, "The server cannot use this JSON schema.", "Simplify the schema and try again."),
    ),
    (r"server busy|maximum pending", _fixed(ProviderFailed, "The server has too many requests waiting.", _AGAIN)),
    (r"option .* must be of type", _bad_option),
    (r"no space left", _fixed(ProviderFailed, "The server's disk is full.", "Free some disk space and try again.")),
)


def _not_ollama(status: int, _model: str) -> ProviderFailed:
    return ProviderFailed(
        f"What answers there does not speak Ollama's protocol (status {status}).",
        "Check the address: `aqe runtimes` shows it.",
    )


def _other(status: int, _model: str) -> ProviderFailed:
    if status == 200:
        return ProviderFailed("The server broke off with an error that this app does not know.", _LOG)
    return ProviderFailed(f"The server refused the request with status {status}.", _LOG)


_BY_STATUS: dict[int, Callable[[int, str], ProviderFailed]] = dict.fromkeys((404, 405, 426, 501), _not_ollama)


def _name(model: str) -> str:
    return f"The model “{model}”" if model else "The model"


def _said(text: str) -> str:
    """The server's words, bounded: a body may be megabytes of something else."""
    try:
        parsed: Any = json.loads(text)
    except (ValueError, RecursionError):
        return text.strip()[:500]
    said = parsed.get("error", "") if isinstance(parsed, dict) else parsed
    return str(said)[:500]
