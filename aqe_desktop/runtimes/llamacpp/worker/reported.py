"""What a starting llama.cpp says of itself in its log: the settings that it really runs with, by the user's names.

The lines are those of llama-context.cpp, llama-kv-cache.cpp, llama-model.cpp, llama-adapter.cpp and common.cpp; they
were read with xllamacpp 2026.10. A line that is not there, or that a later version words differently, confirms
nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from aqe_desktop.core.loading import ALL

# Time and level letter come first where llama.cpp's own logger writes; a library without it writes neither.
_START = r"^(?:\d\S* [A-Z] )?\s*"
_CONTEXT = _START + r"llama_context: "
_OF_CONTEXT: tuple[tuple[str, str, Callable[[str], Any]], ...] = (
    ("slots", _CONTEXT + r"n_seq_max\s+= (\d+)$", int),
    ("context", _CONTEXT + r"n_ctx_(?:per_)?seq\s+= (\d+)$", int),
    ("batch", _CONTEXT + r"n_batch\s+= (\d+)$", int),
    ("flash_attention", _CONTEXT + r"flash_attn\s+= (enabled|disabled|1|0)$", lambda text: text in ("enabled", "1")),
    (
        "flash_attention",
        _START + r"\S+: Flash Attention (?:was auto, set to )?(enabled|disabled)$",
        lambda text: text == "enabled",
    ),
    ("rope_base", _CONTEXT + r"freq_base\s+= ([\d.e+]+)$", float),
    ("rope_scale", _CONTEXT + r"freq_scale\s+= ([\d.e+-]+)$", lambda text: round(1 / float(text), 6)),
    ("kv_type", _START + r"\S+: .*\bK \((\w+)\):.*\bV \(\1\):", str),
    ("threads", _START + r"cmn .*: llama threadpool init, n_threads = (\d+)$", int),
)
_PATTERNS = tuple((name, re.compile(pattern), read) for name, pattern, read in _OF_CONTEXT)
_LOAD_MODE = re.compile(_START + r"load_tensors: .*\(load_mode = ([\w+]+)\)$")
_OFFLOADED = re.compile(_START + r"load_tensors: offloaded (\d+)/(\d+) layers to GPU$")
_ADAPTER = re.compile(_START + r"llama_adapter_lora_init(?:_impl)?: loading lora adapter from '(.*)' \.\.\.$")
_DRAFT = re.compile(_START + r".*\bloading draft model '(.*)'$")
_END = re.compile(r"chat template|model loaded|listening on")


class Reported:
    """Hears the log of a load line by line; `ended` once the engine speaks of other things, among which may be a
    model's own words."""

    def __init__(self) -> None:
        self.ended = False
        self._found: dict[str, Any] = {}

    def hear(self, line: str) -> None:
        if self.ended or _END.search(line):
            self.ended = True
        elif draft := _DRAFT.search(line):
            self._found["draft"] = draft[1]
        elif "draft" not in self._found:  # what follows tells of the draft model
            self._hear_of_model(line)

    def settings(self, *, asked_layers: int | None, devices: bool) -> Mapping[str, Any]:
        """By the names of core.loading.LoadSettings. Without a device no layer can be on one, whatever was asked."""
        found = dict(self._found)
        on_gpu, layers = found.pop("layers", (None, None))
        if not devices:
            found["gpu_layers"] = 0
        elif on_gpu is not None:
            found["gpu_layers"] = ALL if asked_layers == ALL and on_gpu == layers else on_gpu
        return found

    def _hear_of_model(self, line: str) -> None:
        for name, pattern, read in _PATTERNS:
            if name not in self._found and (match := pattern.search(line)):
                self._found[name] = read(match[1])
        if mode := _LOAD_MODE.search(line):
            self._found["mmap"] = "mmap" in mode[1].split("+")
        if layers := _OFFLOADED.search(line):
            self._found["layers"] = (int(layers[1]), int(layers[2]))
        if adapter := _ADAPTER.search(line):
            self._found["lora"] = (*self._found.get("lora", ()), adapter[1])
