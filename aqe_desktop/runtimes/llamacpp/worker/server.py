"""The seam behind which an engine's HTTP server is started: what every engine of the llama.cpp family can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from aqe_desktop.machine.door import Address
from aqe_desktop.runtimes.llamacpp.options import LoadOptions


@dataclass(frozen=True, slots=True)
class Order:
    """All that a server needs to know: the model and its name, where to listen, who may ask, and settled options (no
    None left in them but `n_gpu_layers`). `started` is told the process that loads the model, where it is another."""

    model: Path
    alias: str
    listen: Address
    token: str
    options: LoadOptions
    started: Callable[[int], None] = lambda _pid: None


class LoadFailed(Exception):
    """The engine refused the model and told why only in its log."""


class EngineServer(Protocol):
    """One engine in this process (or below it). `start` returns when the model answers; raises LoadFailed.

    `takes` are the names of core.loading.SETTINGS that it knows; the others are shown as lacking."""

    name: str
    version: str

    @property
    def takes(self) -> frozenset[str]: ...

    @property
    def pid(self) -> int:
        """The process that holds the model and owns the socket."""

    def start(self, order: Order) -> None: ...

    @property
    def address(self) -> Address: ...

    def devices(self) -> Mapping[str, int]:
        """The accelerators it can use, by name, with their free memory in bytes; empty means the processor alone."""

    def confirmed(self) -> Mapping[str, Any]:
        """What the running engine itself reports of its load settings, by their names in core.loading.LoadSettings; one
        that it does not report is absent."""

    def stop(self) -> None: ...
