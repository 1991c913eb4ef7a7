"""The files that are loaded beside a model, looked at before the engine does, which would only say that it failed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.runtimes.llamacpp.gguf import text_of
from aqe_desktop.runtimes.llamacpp.gguf_reader import Reader
from aqe_desktop.runtimes.llamacpp.options import LoadOptions

_HINT = "Choose another file in the model's load settings, or none."


def paths_of(options: LoadOptions) -> tuple[Path, ...]:
    """All of them, which the engine must be able to read."""
    return tuple(path for path, _ in _named(options))


def require(options: LoadOptions, architecture: str) -> None:
    """Raises ModelBroken for one that is not there, or that is no file of its kind for this architecture."""
    for path, what in _named(options):
        kind, of = _said(path, what)
        is_adapter = what == "LoRA adapter"
        if is_adapter != (kind == "adapter"):
            raise ModelBroken(f"{path} is no {what}.", _HINT)
        if is_adapter and of != architecture:
            raise ModelBroken(f"{path} is a {what} for another kind of model ({of or 'not named'}).", _HINT)


def size_of(options: LoadOptions) -> int:
    """Bytes of all of them together."""
    return sum(path.stat().st_size for path in paths_of(options))


def _named(options: LoadOptions) -> Iterator[tuple[Path, str]]:
    yield from ((Path(path), "LoRA adapter") for path in options.lora)
    if options.draft:
        yield Path(options.draft), "draft model"
    if options.mmproj:
        yield Path(options.mmproj), "reader of pictures"


def _said(path: Path, what: str) -> tuple[str, str]:
    """Type and architecture by the file's own word."""
    try:
        with path.open("rb") as file:
            values = Reader(file, str(path), lambda key: key.startswith("general.")).values()
    except OSError as error:
        raise ModelBroken(f"The {what} {path} cannot be read: {error.strerror}.", _HINT) from error
    except ModelBroken as error:
        raise ModelBroken(f"The {what} {error.message}", _HINT) from error
    return text_of(values.get("general.type")), text_of(values.get("general.architecture"))
