"""Our own reader of GGUF metadata: a model file is untrusted input, so each count and length has a bound (threats T16).

Runs in a worker process only. Source of the format: the GGUF specification of the ggml project, versions 2 and 3."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.runtimes.llamacpp import vocabulary
from aqe_desktop.runtimes.llamacpp.gguf_reader import Reader

# llama.cpp's numbers for `general.file_type` (enum llama_ftype in llama.h).
FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M",
    13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS",
    21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S",
    29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Metadata:
    """What we need to know of a model before it is loaded; counts are 0 where the file does not say."""

    architecture: str
    name: str = ""
    quantization: str = ""
    context: int = 0
    blocks: int = 0
    kv_bytes_per_token: int = 0
    control_tokens: tuple[str, ...] = ()


def read_metadata(path: Path) -> Metadata:
    """Raises ModelBroken, with the cause, for anything that is not a whole and sane GGUF header."""
    kept = (vocabulary.TOKENS, vocabulary.TYPES)
    try:
        with path.open("rb") as file:
            reader = Reader(file, path.name, lambda key: key in kept or not key.startswith("tokenizer."))
            values = reader.values()
            reader.tensors()
    except OSError as error:
        raise ModelBroken(f"{path.name} cannot be read: {error.strerror}.", "Choose another model file.") from error
    control = vocabulary.control_tokens_of(values)
    if vocabulary.is_too_much(control):
        raise reader.broken("its vocabulary claims an impossible number of control tokens")
    return _describe(values, control)


def _describe(values: dict[str, Any], control: tuple[str, ...]) -> Metadata:
    architecture = text_of(values.get("general.architecture"))
    return Metadata(
        architecture=architecture,
        name=text_of(values.get("general.name")),
        quantization=FILE_TYPES.get(whole_of(values.get("general.file_type"), missing=-1), ""),
        context=whole_of(values.get(f"{architecture}.context_length")),
        blocks=whole_of(values.get(f"{architecture}.block_count")),
        kv_bytes_per_token=_kv_bytes(architecture, values),
        control_tokens=control,
    )


def _kv_bytes(architecture: str, values: dict[str, Any]) -> int:
    """Bytes of key and value cache for one token at 16 bits; 0 where the file does not give the figures."""
    blocks = whole_of(values.get(f"{architecture}.block_count"))
    heads = whole_of(values.get(f"{architecture}.attention.head_count"))
    kv_heads = whole_of(values.get(f"{architecture}.attention.head_count_kv")) or heads
    width = whole_of(values.get(f"{architecture}.embedding_length")) // heads if heads else 0
    key = whole_of(values.get(f"{architecture}.attention.key_length")) or width
    value = whole_of(values.get(f"{architecture}.attention.value_length")) or width
    return min(blocks * kv_heads * (key + value) * 2, 1 << 40)


def text_of(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def whole_of(value: Any, *, missing: int = 0) -> int:
    """A count from a scalar, or the largest of a list (some models have figures per layer)."""
    if isinstance(value, tuple):
        value = max((each for each in value if isinstance(each, int)), default=missing)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else missing
