"""xllamacpp: llama.cpp's own server inside this process, with every default that is unsafe turned off."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Mapping
from typing import Any, ClassVar

from aqe_desktop.machine.door import Address
from aqe_desktop.runtimes.llamacpp.options import ENGINE, TAKES
from aqe_desktop.runtimes.llamacpp.worker.asking import ask, confirmed_by
from aqe_desktop.runtimes.llamacpp.worker.server import LoadFailed, Order

_ON_GPU_BY_DEFAULT = -1
# So much it must say for worker/reported.py to hear with which settings it runs.
_TELLS_ITS_SETTINGS = 4


class XllamaServer:
    """Holds the native server; it serves from threads of its own as long as this object lives."""

    name = ENGINE
    takes: ClassVar[frozenset[str]] = TAKES

    def __init__(self) -> None:
        self.version = importlib.metadata.version("xllamacpp")
        self._server: Any = None
        self._listen = Address()
        self._props: dict[str, Any] = {}

    def start(self, order: Order) -> None:
        import xllamacpp

        before = os.umask(0o177)
        try:
            self._server = xllamacpp.Server(self._parameters(order))
        except RuntimeError as error:
            raise LoadFailed(str(error)) from error
        finally:
            os.umask(before)
        self._listen = order.listen if order.listen.path else Address(port=self._port())
        self._props = ask(self._listen, "/props", order.token) or {}

    @property
    def pid(self) -> int:
        return os.getpid()

    @property
    def address(self) -> Address:
        return self._listen

    def devices(self) -> Mapping[str, int]:
        import xllamacpp

        processor = xllamacpp.ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_CPU
        found = [device for device in xllamacpp.get_device_info() if device["type"] != processor]
        return {str(device["description"]): int(device["memory_free"]) for device in found}

    def confirmed(self) -> Mapping[str, Any]:
        return confirmed_by(self._props)

    def stop(self) -> None:
        self._server = None

    def _port(self) -> int:
        return int(str(self._server.listening_address).rsplit(":", 1)[1])

    def _parameters(self, order: Order) -> Any:
        import xllamacpp

        parameters = xllamacpp.CommonParams()
        for name, value in {**_safe(order), **_size(order), **_computing(order)}.items():
            setattr(parameters, name, value)
        parameters.model.path = str(order.model)
        parameters.mmproj.path = order.options.mmproj
        parameters.embedding = order.options.embedding
        parameters.fit_params = bool(self.devices())
        parameters.cpuparams.n_threads = order.options.n_threads
        parameters.cpuparams_batch.n_threads = order.options.n_threads
        parameters.lora_adapters = [_adapter(path) for path in order.options.lora]
        if order.options.draft:
            parameters.speculative.types = [xllamacpp.common_speculative_type.COMMON_SPECULATIVE_TYPE_DRAFT_SIMPLE]
            parameters.speculative.draft.mparams.path = order.options.draft
        return parameters


def _safe(order: Order) -> dict[str, Any]:
    """By default it would answer any web page without a key, serve a page of its own, and show others' prompts."""
    return {
        "hostnames": [str(order.listen.path) if order.listen.path else "127.0.0.1"],
        "port": 0,
        "api_keys": [order.token],
        "cors_origins": "null",
        "cors_credentials": False,
        "ui": False,
        "endpoint_slots": False,
        "endpoint_metrics": False,
        "endpoint_props": True,
        "offline": True,
        "model_alias": {order.alias},
        "ctx_shift": False,
        "verbosity": _TELLS_ITS_SETTINGS,
    }


def _size(order: Order) -> dict[str, Any]:
    options = order.options
    layers = options.n_gpu_layers
    return {
        "n_ctx": (options.n_ctx or 0) * options.n_parallel,
        "n_parallel": options.n_parallel,
        "n_batch": options.n_batch,
        "n_ubatch": options.n_batch,
        "n_gpu_layers": _ON_GPU_BY_DEFAULT if layers is None else layers,
        "cache_ram_mib": options.cache_ram_mib,
    }


def _computing(order: Order) -> dict[str, Any]:
    """What the user has chosen; the rest keeps the engine's own defaults."""
    import xllamacpp

    options = order.options
    flash, chosen = xllamacpp.llama_flash_attn_type, options.flash_attention
    given: dict[str, Any] = {
        "main_gpu": options.main_gpu,
        "tensor_split": [*options.tensor_split] or None,
        "rope_freq_base": options.rope_base,
        "rope_freq_scale": None if options.rope_scale is None else 1 / options.rope_scale,
    }
    if chosen is not None:
        given["flash_attn_type"] = (
            flash.LLAMA_FLASH_ATTN_TYPE_ENABLED if chosen else flash.LLAMA_FLASH_ATTN_TYPE_DISABLED
        )
    if options.kv_type:
        kind = getattr(xllamacpp.ggml_type, f"GGML_TYPE_{options.kv_type.upper()}")
        given |= {"cache_type_k": kind, "cache_type_v": kind}
    if options.mmap is not None or options.mlock is not None:
        given["load_mode"] = _load_mode(mmap=options.mmap is not False, mlock=bool(options.mlock))
    return {name: value for name, value in given.items() if value is not None}


def _load_mode(*, mmap: bool, mlock: bool) -> Any:
    import xllamacpp

    name = "_".join([*["MMAP"] * mmap, *["MLOCK"] * mlock]) or "NONE"
    return getattr(xllamacpp.llama_load_mode, f"LLAMA_LOAD_MODE_{name}")


def _adapter(path: str) -> Any:
    import xllamacpp

    adapter = xllamacpp.CommonAdapterLoraInfo()
    adapter.path, adapter.scale = path, 1.0
    return adapter
