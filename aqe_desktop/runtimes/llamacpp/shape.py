"""The shape of a model from its header: what the planner reckons its memory from, before anything is loaded.

The names of the keys are those of the GGUF specification of the ggml project and of llama.cpp's own list of them
(llama-arch.cpp); which architectures look back through a window in which layers stands in its llama-model.cpp. What
layers without attention keep (state spaces, RWKV, short convolutions) follows `n_embd_r` and `n_embd_s` there."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.core.plan import Attention, Shape
from aqe_desktop.machine.processes import built_environment, worker_command
from aqe_desktop.runtimes.llamacpp.gguf_reader import Reader, Tensor
from aqe_desktop.runtimes.llamacpp.gguf_tensors import size_of

_SECONDS = 30
_MOST_LAYERS = 4096
_MOST_FILES = 1000
# ggml's numbers of Q4_0, Q4_K and IQ4_NL: those that its processor backend stores anew on x86 with AVX2.
_REPACKED = frozenset({2, 12, 20})
# Every how many layers one looks back over the whole context, the last of each group.
_PATTERNS = {
    "cohere2": 4, "exaone4": 4, "gemma2": 2, "gemma3": 6, "gemma3n": 5, "gpt-oss": 2, "llama4": 4, "olmo2": 4,
}  # fmt: skip
_LLAMA4_WINDOW = 8192
_STATE_VALUE = 4  # bytes: states are kept at 32 bits


def shape_of(files: Sequence[Path]) -> Shape:
    """The shape of the model in these files, several where it is split. Blocking: read in a process with limited memory
    and time. Raises ModelBroken with the reason."""
    command, job = worker_command("llamacpp", ["shape"]), {"files": [str(file) for file in files[:_MOST_FILES]]}
    try:
        done = subprocess.run(
            command,
            input=json.dumps(job).encode() + b"\n",
            capture_output=True,
            env=built_environment(),
            timeout=_SECONDS,
            check=True,
        )
        told = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise ModelBroken("Its header could not be read within the limits.", "Choose another model.") from error
    if "error" in told:
        raise ModelBroken(told["error"], "Download the file again or choose another model.")
    attention = tuple(Attention(**each) for each in told.pop("attention"))
    return Shape(**{**told, "layer_bytes": tuple(told["layer_bytes"])}, attention=attention)


def read_shape(files: Sequence[Path]) -> Shape:
    """The same in this process. Raises ModelBroken for anything that is not a whole and sane header."""
    values: dict[str, Any] = {}
    tensors: list[Tensor] = []
    for file in files:
        try:
            with file.open("rb") as opened:
                reader = Reader(opened, file.name, lambda key: not key.startswith("tokenizer."))
                values = {**reader.values(), **values}
                tensors += reader.tensors()
        except OSError as error:
            raise ModelBroken(f"{file.name} cannot be read: {error.strerror}.", "Choose another model file.") from error
    return shape_from(values, tensors)


def shape_from(values: dict[str, Any], tensors: Iterable[Tensor]) -> Shape:
    """What the pairs and tensors of a header come to. Raises ModelBroken for an impossible number of layers."""
    told = _Told(_architecture(values), values)
    blocks = told.whole("block_count")
    if blocks > _MOST_LAYERS:
        raise ModelBroken("Its header claims an impossible number of layers.", "Choose another model.")
    weights = _Weights.of(tensors, blocks)
    embedding = told.whole("embedding_length")
    return Shape(
        architecture=told.architecture,
        embedding=embedding,
        feed_forward=told.whole("feed_forward_length"),
        vocabulary=told.whole("vocab_size") or (weights.input_values // embedding if embedding else 0),
        heads=told.whole("attention.head_count"),
        context=told.whole("context_length"),
        attention=_attention(told, blocks),
        layer_bytes=weights.layers,
        input_bytes=weights.input,
        output_bytes=weights.output,
        repacked=weights.repacked,
        recurrent=_recurrent(told, blocks),
        experts=told.whole("expert_count"),
        experts_used=told.whole("expert_used_count"),
        expert_feed_forward=told.whole("expert_feed_forward_length"),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """The pairs of a header under the name of its architecture."""

    architecture: str
    values: dict[str, Any]

    def get(self, key: str) -> Any:
        return self.values.get(f"{self.architecture}.{key}")

    def whole(self, key: str, missing: int = 0) -> int:
        """A count, or the largest of a list of them."""
        return max(self.each(key, 1, missing), default=missing)

    def each(self, key: str, layers: int, missing: int = 0) -> list[int]:
        """A count for every layer: many models give one for all."""
        value = self.get(key)
        if isinstance(value, tuple | list):
            found = [_count(one, missing) for one in value]
            return [*found, *[missing] * (layers - len(found))]
        return [_count(value, missing)] * layers


def _count(value: Any, missing: int) -> int:
    if isinstance(value, bool):
        return int(value)
    return value if isinstance(value, int) and value >= 0 else missing


def _architecture(values: dict[str, Any]) -> str:
    told = values.get("general.architecture")
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else ""


def _attention(told: _Told, blocks: int) -> tuple[Attention, ...]:
    heads, widths = told.whole("attention.head_count"), told.whole("embedding_length")
    of_layer = _remembering(told, blocks, heads)
    windows = _windows(told, blocks)
    width = widths // heads if heads else 0
    compressed = told.whole("attention.kv_lora_rank") if told.get("attention.key_length_mla") is not None else 0
    kinds: Counter[tuple[int, int, int]] = Counter()
    for layer in range(blocks - told.whole("attention.shared_kv_layers")):
        key, value = _lengths(told, width, windowed=windows[layer] > 0)
        if compressed:  # keys and values are one compressed text of the token; values are a view of it
            key, value = compressed + told.whole("rope.dimension_count"), 0
        if of_layer[layer]:
            kinds[(of_layer[layer] * key, of_layer[layer] * value, windows[layer])] += 1
    return tuple(Attention(layers, key, value, window) for (key, value, window), layers in kinds.items())


def _lengths(told: _Told, width: int, *, windowed: bool) -> tuple[int, int]:
    key, value = told.whole("attention.key_length") or width, told.whole("attention.value_length") or width
    if windowed:
        key = told.whole("attention.key_length_swa") or key
        value = told.whole("attention.value_length_swa") or value
    return key, value


def _remembering(told: _Told, blocks: int, heads: int) -> list[int]:
    """Heads of keys and values of each layer, 0 where it has no attention."""
    found = told.each("attention.head_count_kv", blocks, heads)
    every = told.whole("full_attention_interval")
    if every > 1:
        return [count if (layer + 1) % every == 0 else 0 for layer, count in enumerate(found)]
    return found


def _windows(told: _Told, blocks: int) -> list[int]:
    """How far each layer looks back, 0 for the whole context. A window in a header of an architecture of which it is
    not known which layers have it counts for none: better too much memory than too little."""
    window = told.whole("attention.sliding_window") or (_LLAMA4_WINDOW if told.architecture == "llama4" else 0)
    pattern = told.get("attention.sliding_window_pattern")
    if isinstance(pattern, tuple | list):
        flags = told.each("attention.sliding_window_pattern", blocks)
        return [window if flag else 0 for flag in flags]
    every = _count(pattern, 0) or _PATTERNS.get(told.architecture, 1)
    return [window if layer % every < every - 1 else 0 for layer in range(blocks)]


def _recurrent(told: _Told, blocks: int) -> int:
    """Bytes that the layers without attention keep of one conversation, however long it is."""
    heads = told.whole("attention.head_count")
    without = blocks if told.get("wkv.head_size") is not None else _remembering(told, blocks, heads).count(0)
    if told.architecture == "falcon-h1":  # both in every layer
        without = blocks
    return without * _STATE_VALUE * _state(told)


def _state(told: _Told) -> int:
    embedding = told.whole("embedding_length")
    if head := told.whole("wkv.head_size"):
        return embedding * head + told.whole("token_shift_count", 2) * embedding
    if short := told.whole("shortconv.l_cache"):
        return (short - 1) * embedding
    inner, state = told.whole("ssm.inner_size"), told.whole("ssm.state_size")
    convolved = inner + 2 * told.whole("ssm.group_count") * state
    return max(0, told.whole("ssm.conv_kernel") - 1) * convolved + state * inner


@dataclass(slots=True)
class _Weights:
    """Bytes of the weights by where they will lie."""

    layers: tuple[int, ...]
    input: int = 0
    output: int = 0
    repacked: int = 0
    input_values: int = 0

    @classmethod
    def of(cls, tensors: Iterable[Tensor], blocks: int) -> _Weights:
        found, layers = cls(()), [0] * blocks
        for tensor in tensors:
            size = size_of(tensor)
            first, _, rest = tensor.name.partition(".")
            number = rest.partition(".")[0]
            if tensor.name == "token_embd.weight":
                found.input += size
                found.input_values += tensor.elements
                continue
            found.repacked += size if tensor.kind in _REPACKED else 0
            if first == "blk" and number.isdecimal() and len(number) < 6 and int(number) < blocks:
                layers[int(number)] += size
            else:
                found.output += size
        found.layers = tuple(layers)
        return found
