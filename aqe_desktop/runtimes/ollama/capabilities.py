"""What a model is by the server's description of it (/api/show): pure reading, for lists, for loading, for its zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from aqe_desktop.core.loading import ALL, LoadSettings
from aqe_desktop.core.models import Capability
from aqe_desktop.runtimes.ollama.places import UNKNOWN
from aqe_desktop.wires.ollama import remote_of

_NAMES = {
    "completion": Capability.CHAT,
    "vision": Capability.VISION,
    "tools": Capability.TOOLS,
    "thinking": Capability.THINKING,
    "embedding": Capability.EMBEDDINGS,
    "insert": Capability.CODE,
}
_EVERY_LAYER = 999
# Tokens: what is asked for where nobody chose, what is asked of a server elsewhere, and what is still of use.
_USUAL, _ELSEWHERE, _LEAST = 8192, 32_768, 2048
# Buffers of the computation, and what other programs may want meanwhile.
_BESIDE, _SHARE = 400_000_000, 0.9
TAKES = frozenset({"context", "gpu_layers", "threads", "batch", "keep_alive_s", "mmap", "main_gpu"})
"""The load settings that a request can carry; the others are the server's environment, or not to be had."""


@dataclass(frozen=True, slots=True)
class Facts:
    """`remote` is the machine that answers for it, UNKNOWN where its weights are not shown to be the server's own, ""
    where they are. `chosen` is the num_ctx that its maker gave it; `cache` bytes of attention cache for each token;
    `weights` the SHA-256 of its file."""

    remote: str = UNKNOWN
    context: int = 0
    chosen: int = 0
    cache: int = 0
    parameters: int = 0
    architecture: str = ""
    licence: str = ""
    weights: str = ""
    capabilities: tuple[str, ...] = (Capability.CHAT,)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def facts_of(shown: Mapping[str, Any]) -> Facts:
    """Tolerates anything: the description is another program's."""
    info = _mapping(shown.get("model_info"))
    architecture = _text(info.get("general.architecture"))
    return Facts(
        remote=_remote(shown, architecture),
        context=_count(info.get(f"{architecture}.context_length")),
        chosen=_chosen(_text(shown.get("parameters"))),
        cache=_cache(info, architecture),
        parameters=_count(info.get("general.parameter_count")),
        architecture=architecture,
        licence=_text(info.get("general.license")) or _text(shown.get("license")).strip().partition("\n")[0][:80],
        weights=_weights(_text(shown.get("modelfile"))),
        capabilities=_capabilities(shown, info),
    )


def facts_from(kept: Any) -> Facts | None:
    """What `as_json` made of them; None for anything else."""
    if not isinstance(kept, dict) or set(kept) != set(Facts.__dataclass_fields__):
        return None
    told = {name: type(getattr(Facts(), name)) for name in kept}
    listed = {**kept, "capabilities": tuple(kept["capabilities"])} if isinstance(kept["capabilities"], list) else kept
    return Facts(**listed) if all(isinstance(listed[name], kind) for name, kind in told.items()) else None


def context_for(facts: Facts, settings: LoadSettings, size: int, free: int | None) -> int:
    """Tokens of num_ctx: what the user chose, else the model's maker, else as much of the usual as fits into `free`
    bytes beside weights of `size` (None: the model is another machine's, whose memory nobody here knows)."""
    most = facts.context or max(settings.context or 0, facts.chosen, _USUAL)
    if wanted := settings.context or facts.chosen:
        return min(wanted, most)
    if free is None:
        return min(most, _ELSEWHERE)
    context = min(most, _USUAL)
    while context > _LEAST and size + _BESIDE + context * facts.cache > free * _SHARE:
        context = max(context // 2, _LEAST)
    return context


def options_of(settings: LoadSettings, context: int) -> dict[str, Any]:
    """The options that a model is loaded with; what is not among them the server chooses."""
    layers = _EVERY_LAYER if settings.gpu_layers == ALL else settings.gpu_layers
    named = {
        "num_ctx": context,
        "num_gpu": layers,
        "num_thread": settings.threads,
        "num_batch": settings.batch,
        "main_gpu": settings.main_gpu,
        "use_mmap": settings.mmap,
    }
    return {name: value for name, value in named.items() if value is not None}


def _remote(shown: Mapping[str, Any], architecture: str) -> str:
    """Names are no sign: only weights in a format, with an architecture read out of them, prove a model local."""
    if remote := remote_of(shown):
        return remote
    return "" if architecture and _text(_mapping(shown.get("details")).get("format")) else UNKNOWN


def _capabilities(shown: Mapping[str, Any], info: Mapping[str, Any]) -> tuple[str, ...]:
    listed = shown.get("capabilities")
    names = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else ["completion"]
    found = [_NAMES[each] for each in names if each in _NAMES]
    named = " ".join(_text(info.get(f"general.{key}")) for key in ("basename", "name", "finetune")).lower()
    if "code" in named and Capability.CHAT in found:
        found.append(Capability.CODE)
    return tuple(dict.fromkeys(found))


def _cache(info: Mapping[str, Any], architecture: str) -> int:
    """At 16 bits a value, each layer with a full window: an upper bound."""
    heads = _count(info.get(f"{architecture}.attention.head_count"))
    kept = _count(info.get(f"{architecture}.attention.head_count_kv")) or heads
    each = _count(info.get(f"{architecture}.embedding_length")) // heads if heads else 0
    key = _count(info.get(f"{architecture}.attention.key_length")) or each
    value = _count(info.get(f"{architecture}.attention.value_length")) or each
    return 2 * _count(info.get(f"{architecture}.block_count")) * kept * (key + value)


def _chosen(parameters: str) -> int:
    """A row of `parameters` reads like `num_ctx    4096`."""
    for line in parameters.splitlines():
        name, _, value = line.strip().partition(" ")
        if name == "num_ctx" and value.strip().isdigit():
            return int(value)
    return 0


def _weights(modelfile: str) -> str:
    """The SHA-256 by which the server names the file of the weights, in the line FROM of a local model."""
    found = re.search(r"^FROM .*sha256[-:]([0-9a-f]{64})$", modelfile, re.MULTILINE)
    return found[1] if found else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _count(value: Any) -> int:
    """Some architectures give a list, one for each layer: the largest bounds them all."""
    if isinstance(value, list):
        return max((_count(each) for each in value), default=0)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
