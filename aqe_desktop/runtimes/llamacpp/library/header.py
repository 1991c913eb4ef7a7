"""What the list of models says of a file, from its header. Runs in a worker process only: a file is untrusted input."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.core.models import Capability
from aqe_desktop.runtimes.llamacpp import gguf_tensors
from aqe_desktop.runtimes.llamacpp.gguf import FILE_TYPES, text_of, whole_of
from aqe_desktop.runtimes.llamacpp.gguf_reader import Reader

TEMPLATE = "tokenizer.chat_template"
PROJECTOR = "clip"
"""The architecture of a companion that reads pictures (llama.cpp's clip.cpp)."""
_LONGEST, _LONGEST_FACT, _MOST_FACTS = 200, 300, 200
_LONGEST_TEXT = 1 << 20
_SHORT_LICENCE = 80
# Architectures that only embed (llama.cpp's llama-arch.cpp); others say so by their pooling, 0 being none.
_EMBED = re.compile(r"(nomic-|jina-|modern-|neo-|eurobert)?bert.*|t5encoder|.*-embedding")
_TOOLS = re.compile(rb"""(?<![\w'"-])tools(?![\w'"-])""")
_THINKING = re.compile(rb"think>|enable_thinking|reasoning_content|reasoning_effort")


@dataclass(slots=True)
class Header:
    """The pairs of a model's first file, and of the tensors in all its files: how many there are of each type, how many
    values of each, and how many bytes of them are not there, at the least."""

    values: dict[str, Any]
    kinds: Counter[str] = field(default_factory=Counter)
    weights: Counter[str] = field(default_factory=Counter)
    missing: int = 0


def read_header(files: Sequence[Path]) -> Header:
    """Raises ModelBroken with the cause for what is not a whole and sane header."""
    header: Header | None = None
    for file in files:
        one = _read(file)
        if header is None:
            header = one
        else:
            header.kinds += one.kinds
            header.weights += one.weights
            header.missing += one.missing
    assert header is not None, "a model has files"
    return header


def facts_of(files: Sequence[Path]) -> dict[str, Any]:
    """What the list shows, as JSON: short texts and counts; `error` where the weights are not all there."""
    header = read_header(files)
    values = header.values
    architecture = text_of(values.get("general.architecture"))
    return {
        "name": text_of(values.get("general.name"))[:_LONGEST],
        "architecture": architecture[:_LONGEST],
        "parameters": header.weights.total(),
        "quantization": FILE_TYPES.get(whole_of(values.get("general.file_type"), missing=-1), "") or _most(header),
        "context": whole_of(values.get(f"{architecture}.context_length")),
        "licence": _licence(values)[:_SHORT_LICENCE],
        "capabilities": [str(each) for each in _capabilities(architecture, values)],
        "error": _incomplete(header.missing),
    }


def details_of(files: Sequence[Path]) -> dict[str, Any]:
    """Everything else that the file says, bounded."""
    header = read_header(files)
    plain = {key: _shown(value) for key, value in header.values.items() if key != TEMPLATE}
    facts = [(key, value) for key, value in plain.items() if value][:_MOST_FACTS]
    return {
        "facts": [(f"tensors.{kind}", str(count)) for kind, count in header.kinds.most_common()] + facts,
        "template": text_of(header.values.get(TEMPLATE))[:_LONGEST_TEXT],
        "licence": text_of(header.values.get("general.license"))[:_LONGEST_TEXT],
    }


def _read(file: Path) -> Header:
    """In a hurry first; what does not come out then is read as it stands."""
    try:
        return _read_by(file, hurried=True)
    except ModelBroken:
        return _read_by(file, hurried=False)


def _read_by(file: Path, *, hurried: bool) -> Header:
    try:
        with file.open("rb") as opened:
            reader = Reader(opened, file.name, lambda key: not key.startswith("tokenizer."), hurried=hurried)
            values = reader.values()
            tensors = reader.tensors()
            end = gguf_tensors.end_of(tensors, reader.position, whole_of(values.get("general.alignment"), missing=32))
            size = file.stat().st_size
    except OSError as error:
        raise ModelBroken(f"{file.name} cannot be read: {error.strerror}.", "Choose another model file.") from error
    header = Header(values, missing=max(0, end - size))
    for tensor in tensors:
        header.kinds[gguf_tensors.name_of(tensor.kind)] += 1
        header.weights[gguf_tensors.name_of(tensor.kind)] += tensor.elements
    return header


def _most(header: Header) -> str:
    """The type of most weights, for a file that does not name its own."""
    return next((kind for kind, _ in header.weights.most_common(1)), "")


def _licence(values: dict[str, Any]) -> str:
    told = text_of(values.get("general.license")).strip() or text_of(values.get("general.license.name")).strip()
    return told.partition("\n")[0]


def _capabilities(architecture: str, values: dict[str, Any]) -> tuple[Capability, ...]:
    if architecture == PROJECTOR or text_of(values.get("general.type")) in ("mmproj", "adapter"):
        return ()
    pooling = whole_of(values.get(f"{architecture}.pooling_type"))
    if pooling or _EMBED.fullmatch(architecture):
        return (Capability.EMBEDDINGS,)
    template = _templates(values)
    can = [Capability.CHAT]
    can += [Capability.CODE] if "code" in _called(values) or "codestral" in _called(values) else []
    can += [Capability.TOOLS] if _TOOLS.search(template) or f"{TEMPLATE}.tool_use" in values else []
    can += [Capability.THINKING] if _THINKING.search(template) else []
    return tuple(can)


def _templates(values: dict[str, Any]) -> bytes:
    found = (value for key, value in values.items() if key.startswith(TEMPLATE) and isinstance(value, bytes))
    return b"\n".join(found)[:_LONGEST_TEXT]


def _called(values: dict[str, Any]) -> str:
    tags = values.get("general.tags")
    words = [values.get(f"general.{key}") for key in ("name", "basename", "finetune")]
    words += tags if isinstance(tags, list) else []
    return " ".join(text_of(each)[:_LONGEST] for each in words[:_MOST_FACTS]).lower()


def _shown(value: Any) -> str:
    """A list is a count, "" for one that was passed over."""
    if isinstance(value, bytes):
        return text_of(value[: 4 * _LONGEST_FACT])[:_LONGEST_FACT]
    if isinstance(value, tuple | list):
        return ", ".join(_shown(each) for each in value[:_MOST_FACTS])[:_LONGEST_FACT]
    # Its file has 32 bits of it: more digits than those tell would be made up.
    return f"{value:.7g}" if isinstance(value, float) else str(value)


def _incomplete(missing: int) -> str:
    if not missing:
        return ""
    return f"This file is incomplete: at least {missing / 1e6:.1f} MB are missing. Download it again."
