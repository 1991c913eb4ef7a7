"""xllamacpp: llama.cpp's own server inside this process, with every default that is unsafe turned off."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Mapping
from typing import Any, ClassVar

from aqe_desktop.machine.door import Address
from aqe_desktop.runtimes.llamacpp.options import TAKES
from aqe_desktop.runtimes.llamacpp.worker.server import LoadFailed, Order

_ON_GPU_BY_DEFAULT = -1


class XllamaServer:
    """Holds the native server; it serves from threads of its own as long as this object lives."""

    takes: ClassVar[frozenset[str]] = TAKES

    def __init__(self) -> None:
        self.version = importlib.metadata.version("xllamacpp")
        self._server: Any = None
        self._listen = Address()

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

    @property
    def address(self) -> Address:
        return self._listen

    def devices(self) -> Mapping[str, int]:
        import xllamacpp

        processor = xllamacpp.ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_CPU
        found = [device for device in xllamacpp.get_device_info() if device["type"] != processor]
        return {str(device["description"]): int(device["memory_free"]) for device in found}

    def confirmed(self) -> Mapping[str, Any]:
        return {}

    def stop(self) -> None:
        self._server = None

    def _port(self) -> int:
        return int(str(self._server.listening_address).rsplit(":", 1)[1])

    def _parameters(self, order: Order) -> Any:
        import xllamacpp

        parameters = xllamacpp.CommonParams()
        for name, value in {**_safe(order), **_size(order)}.items():
            setattr(parameters, name, value)
        if order.options.kv_type:
            kind = getattr(xllamacpp.ggml_type, f"GGML_TYPE_{order.options.kv_type.upper()}")
            parameters.cache_type_k = parameters.cache_type_v = kind
        parameters.model.path = str(order.model)
        parameters.fit_params = bool(self.devices())
        parameters.cpuparams.n_threads = order.options.n_threads
        parameters.cpuparams_batch.n_threads = order.options.n_threads
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
