"""llama-cpp-python: the package in a Python of the user's, which may be built for a GPU, run below this process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aqe_desktop.core.errors import ProviderFailed
from aqe_desktop.machine.door import Address
from aqe_desktop.machine.processes import built_environment
from aqe_desktop.runtimes.llamacpp.options import LLAMA_CPP_PYTHON
from aqe_desktop.runtimes.llamacpp.worker.below import Below
from aqe_desktop.runtimes.llamacpp.worker.server import LoadFailed, Order

_SECONDS = 60.0
# Behind everything of that Python's own, for the names beside this file are ours and mean nothing there.
_START = "import sys; sys.path.append(sys.argv[1]); from llama_cpp_python_server.__main__ import main; main()"


class LlamaCppPython:
    """Answers one conversation at a time; a draft model is beyond this package."""

    name = LLAMA_CPP_PYTHON
    takes = frozenset(
        """context gpu_layers kv_type threads batch keep_alive_s flash_attention mmap mlock main_gpu tensor_split
        rope_base rope_scale lora""".split()  # noqa: SIM905 - a list to read
    )

    def __init__(self, python: Path) -> None:
        self._python = python
        told = _ask(python)
        self.version = str(told["version"])
        self._devices = {str(name): int(free) for name, free in told["devices"].items()}
        self._below: Below | None = None
        self._listen = Address()
        self._confirmed: dict[str, Any] = {}

    @property
    def pid(self) -> int:
        assert self._below is not None
        return self._below.pid

    @property
    def address(self) -> Address:
        return self._listen

    def devices(self) -> Mapping[str, int]:
        return self._devices

    def start(self, order: Order) -> None:
        if len(order.options.lora) > 1:
            raise ProviderFailed(
                "llama-cpp-python applies one LoRA adapter to a model.", "Leave one of them, or choose another engine."
            )
        self._below = Below(_command(self._python), {}, talks=True)
        order.started(self._below.pid)
        ready = self._ordered(self._below, order)
        self._listen = order.listen if order.listen.path else Address(port=ready["port"])
        self._confirmed = ready["confirmed"]
        self._below.end_with_it()

    def confirmed(self) -> Mapping[str, Any]:
        return self._confirmed

    def stop(self) -> None:
        if self._below is not None:
            self._below.end()

    def _ordered(self, below: Below, order: Order) -> dict[str, Any]:
        """Its first line, which comes when the model is loaded. The token goes in by its input, not by its command
        line, which can be read by every user of the machine."""
        told = {"model": str(order.model), "path": str(order.listen.path or ""), "token": order.token}
        assert below.process.stdin is not None
        assert below.process.stdout is not None
        try:
            below.process.stdin.write(json.dumps({**told, "options": asdict(order.options)}).encode() + b"\n")
            below.process.stdin.flush()
            ready: dict[str, Any] = json.loads(below.process.stdout.readline())
        except (OSError, ValueError) as error:
            below.process.wait()
            below.require_alive()
            raise LoadFailed("it said nothing") from error
        return ready


def _command(python: Path) -> list[str]:
    return [str(python), "-I", "-B", "-c", _START, str(Path(__file__).parent)]


def _ask(python: Path) -> dict[str, Any]:
    """Version and devices. Raises ProviderFailed where this Python has no usable llama-cpp-python."""
    try:
        done = subprocess.run(
            _command(python),
            input=b'{"ask": true}\n',
            capture_output=True,
            env=built_environment(),
            timeout=_SECONDS,
            check=True,
        )
        told: dict[str, Any] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise ProviderFailed(
            f"{python} has no usable llama-cpp-python{_why(error)}.",
            "Install it there, or choose another Python or engine in the settings under llama.cpp.",
        ) from error
    return told


def _why(error: Exception) -> str:
    """The last line of its words, such as the name of a library that is missing."""
    said = (getattr(error, "stderr", None) or b"").decode("utf-8", "replace").strip().splitlines()
    return f": {said[-1][:200]}" if said else ""
