"""Our own reader of GGUF metadata: a model file is untrusted input, so each count and length has a bound (threats T16).

Runs in a worker process only. Source of the format: the GGUF specification of the ggml project, versions 2 and 3."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from aqe_desktop.core.errors import ModelBroken

_MAGIC = b"GGUF"
_MAX_KEYS = 10_000
_MAX_TENSORS = 200_000
_MAX_KEY = 1_024
_MAX_STRING = 4 * 1024 * 1024
_MAX_ELEMENTS = 3_000_000
_MAX_BYTES = 160 * 1024 * 1024
_MAX_DEPTH = 2
_STRING, _ARRAY = 8, 9
_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_TOKENS, _TOKEN_TYPES = "tokenizer.ggml.tokens", "tokenizer.ggml.token_type"
_CONTROL = 3
# llama.cpp's numbers for `general.file_type` (enum llama_ftype in llama.h).
_FILE_TYPES = {
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
    try:
        with path.open("rb") as file:
            return _describe(_Reader(file, path.name).values())
    except OSError as error:
        raise ModelBroken(f"{path.name} cannot be read: {error.strerror}.", "Choose another model file.") from error


class _Reader:
    """A cursor that checks each figure before it believes it."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self._bytes = 0
        self._elements = 0

    def values(self) -> dict[str, Any]:
        if self._take(4) != _MAGIC:
            raise self._broken("it is not a GGUF file")
        version = self._scalar("<I")
        if version not in (2, 3):
            raise self._broken(f"its format version {version} is not known")
        tensors, keys = self._scalar("<Q"), self._scalar("<Q")
        if tensors > _MAX_TENSORS or keys > _MAX_KEYS:
            raise self._broken("its header claims an impossible number of entries")
        return dict(self._pair() for _ in range(keys))

    def _pair(self) -> tuple[str, Any]:
        key = self._string(_MAX_KEY).decode("utf-8", "replace")
        kind = self._scalar("<I")
        return key, self._value(kind, keep=key in (_TOKENS, _TOKEN_TYPES) or not key.startswith("tokenizer."), depth=0)

    def _value(self, kind: int, *, keep: bool, depth: int) -> Any:
        if kind in _SCALARS:
            return self._scalar(_SCALARS[kind])
        if kind == _STRING:
            return self._string(_MAX_STRING)
        if kind == _ARRAY and depth < _MAX_DEPTH:
            return self._array(keep=keep, depth=depth + 1)
        raise self._broken("it holds a value of an unknown type")

    def _array(self, *, keep: bool, depth: int) -> Any:
        kind, length = self._scalar("<I"), self._scalar("<Q")
        self._elements += length
        if self._elements > _MAX_ELEMENTS:
            raise self._broken("one of its lists is impossibly long")
        if kind in _SCALARS:
            code = _SCALARS[kind][1]
            packed = self._take(length * struct.calcsize("<" + code))
            return struct.unpack(f"<{length}{code}", packed) if keep else ()
        if not keep:
            for _ in range(length):
                self._value(kind, keep=False, depth=depth)
            return ()
        return [self._value(kind, keep=True, depth=depth) for _ in range(length)]

    def _string(self, limit: int) -> bytes:
        length = self._scalar("<Q")
        if length > limit:
            raise self._broken("one of its texts is impossibly long")
        return self._take(length)

    def _scalar(self, code: str) -> Any:
        return struct.unpack(code, self._take(struct.calcsize(code)))[0]

    def _take(self, count: int) -> bytes:
        self._bytes += count
        if self._bytes > _MAX_BYTES:
            raise self._broken("its header is impossibly large")
        data = self._file.read(count)
        if len(data) != count:
            raise self._broken("it ends too early, as an interrupted download does")
        return data

    def _broken(self, cause: str) -> ModelBroken:
        return ModelBroken(f"{self._name} cannot be used: {cause}.", "Download the file again or choose another model.")


def _describe(values: dict[str, Any]) -> Metadata:
    architecture = _text(values.get("general.architecture"))
    return Metadata(
        architecture=architecture,
        name=_text(values.get("general.name")),
        quantization=_FILE_TYPES.get(_whole(values.get("general.file_type"), missing=-1), ""),
        context=_whole(values.get(f"{architecture}.context_length")),
        blocks=_whole(values.get(f"{architecture}.block_count")),
        kv_bytes_per_token=_kv_bytes(architecture, values),
        control_tokens=_control_tokens(values),
    )


def _kv_bytes(architecture: str, values: dict[str, Any]) -> int:
    """Bytes of key and value cache for one token at 16 bits; 0 where the file does not give the figures."""
    blocks = _whole(values.get(f"{architecture}.block_count"))
    heads = _whole(values.get(f"{architecture}.attention.head_count"))
    kv_heads = _whole(values.get(f"{architecture}.attention.head_count_kv")) or heads
    width = _whole(values.get(f"{architecture}.embedding_length")) // heads if heads else 0
    key = _whole(values.get(f"{architecture}.attention.key_length")) or width
    value = _whole(values.get(f"{architecture}.attention.value_length")) or width
    return min(blocks * kv_heads * (key + value) * 2, 1 << 40)


def _control_tokens(values: dict[str, Any]) -> tuple[str, ...]:
    tokens, kinds = values.get(_TOKENS), values.get(_TOKEN_TYPES)
    if not isinstance(tokens, list) or not isinstance(kinds, tuple):
        return ()
    return tuple(_text(token) for token, kind in zip(tokens, kinds, strict=False) if kind == _CONTROL)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _whole(value: Any, *, missing: int = 0) -> int:
    """A count from a scalar, or the largest of a list (some models have figures per layer)."""
    if isinstance(value, tuple):
        value = max((each for each in value if isinstance(each, int)), default=missing)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else missing
