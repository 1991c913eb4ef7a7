"""llama-server: llama.cpp's own server as a program of the user's, run below this process with every door shut."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aqe_desktop.core.errors import ProviderFailed
from aqe_desktop.core.loading import ALL
from aqe_desktop.machine.door import Address
from aqe_desktop.machine.processes import built_environment
from aqe_desktop.runtimes.llamacpp.options import LLAMA_SERVER
from aqe_desktop.runtimes.llamacpp.worker.asking import ask, confirmed_by, free_port
from aqe_desktop.runtimes.llamacpp.worker.below import Below
from aqe_desktop.runtimes.llamacpp.worker.server import Order

_SECONDS = 20.0
_PAUSE_S = 0.05
_EVERY_LAYER = "999"
# `version: 0.6.0-dev (build 11434, commit unknown)`, formerly `version: 4567 (commit)`.
_BUILD = re.compile(r"version: (?:.*build )?(\d+)[ ,]")
# Indented below "Available devices:", such as `CUDA0: NVIDIA L4 (22563 MiB, 22320 MiB free)`.
_DEVICE = re.compile(r"^\s+(?P<name>\S+: .+) \((?P<all>\d+) MiB, (?P<free>\d+) MiB free\)$", re.MULTILINE)
_MIB = 1024**2
# So much it must say for worker/reported.py to hear with which settings it runs.
_TELLS_ITS_SETTINGS = "4"
# The settings of core.loading by the flags that carry them; of two names one is the older.
_FLAGS: dict[str, tuple[str, ...]] = {
    "context": ("--ctx-size",),
    "gpu_layers": ("--n-gpu-layers",),
    "kv_type": ("--cache-type-k",),
    "threads": ("--threads",),
    "batch": ("--batch-size",),
    "slots": ("--parallel",),
    "flash_attention": ("--flash-attn",),
    "mmap": ("--load-mode", "--no-mmap"),
    "mlock": ("--load-mode", "--mlock"),
    "main_gpu": ("--main-gpu",),
    "tensor_split": ("--tensor-split",),
    "rope_base": ("--rope-freq-base",),
    "rope_scale": ("--rope-scale",),
    "lora": ("--lora",),
    "draft": ("--spec-draft-model", "--model-draft"),
}
# Kept by this app, whatever the engine.
_OURS = frozenset({"keep_alive_s"})
# What it would do by itself: a web page, others' prompts shown, reaching out for models.
_SHUT = (
    ("--no-ui", "--no-webui"),
    ("--no-slots",),
    ("--offline",),
    ("--no-context-shift",),
    ("--no-cors-credentials",),
)


class LlamaServer:
    """Knows what its program can do from the program's own help, for builds differ."""

    name = LLAMA_SERVER

    def __init__(self, program: Path) -> None:
        self._program = program
        self._help = _output(program, "--help")
        self._below: Below | None = None
        self._listen = Address()
        self._props: dict[str, Any] = {}
        if not self._knows("--ctx-size"):
            raise _no_server(program)
        found = _BUILD.search(_output(program, "--version"))
        self.version = found[1] if found else ""

    @property
    def takes(self) -> frozenset[str]:
        known = {setting for setting, flags in _FLAGS.items() if any(map(self._knows, flags))}
        # Older ones take no value, and none of ours would be right for both.
        return frozenset(known - (set() if "--flash-attn [on|off" in self._help else {"flash_attention"})) | _OURS

    @property
    def pid(self) -> int:
        assert self._below is not None
        return self._below.pid

    @property
    def address(self) -> Address:
        return self._listen

    def devices(self) -> Mapping[str, int]:
        if not self._knows("--list-devices"):
            return {}
        found = _DEVICE.finditer(_output(self._program, "--list-devices"))
        return {each["name"]: int(each["free"]) * _MIB for each in found}

    def start(self, order: Order) -> None:
        self._listen = order.listen if order.listen.path else Address(port=free_port())
        self._below = self._started(order)
        order.started(self._below.pid)
        while ask(self._listen, "/health", order.token) is None:
            self._below.require_alive()
            time.sleep(_PAUSE_S)
        if ask(self._listen, "/props", "") is not None:
            self._below.end()
            raise ProviderFailed(
                "This llama-server answers without its key.", "Choose another build or engine in the settings."
            )
        self._props = ask(self._listen, "/props", order.token) or {}
        self._below.end_with_it()

    def confirmed(self) -> Mapping[str, Any]:
        return confirmed_by(self._props)

    def stop(self) -> None:
        if self._below is not None:
            self._below.end()

    def _started(self, order: Order) -> Below:
        """The key goes in by a pipe that is empty once it is read: every user can read a command line, and other
        programs of this user an environment. A build or a system without such a way gets it by the latter."""
        command, calm = self._command(order), _calm(order)
        if os.name != "posix" or not self._knows("--api-key-file"):
            return Below(command, {"LLAMA_API_KEY": order.token, **calm}, talks=False)
        key, ours = os.pipe()
        try:
            with os.fdopen(ours, "wb") as pipe:
                pipe.write(order.token.encode() + b"\n")
            return Below([*command, "--api-key-file", f"/dev/fd/{key}"], calm, talks=False, passed=key)
        finally:
            os.close(key)

    def _knows(self, flag: str) -> bool:
        return re.search(rf"(?<![\w-]){re.escape(flag)}(?![\w-])", self._help) is not None

    def _first(self, *flags: str) -> str:
        """The first of these that it knows, or ""."""
        return next((flag for flag in flags if self._knows(flag)), "")

    def _command(self, order: Order) -> list[str]:
        where = ["--host", str(order.listen.path)] if order.listen.path else self._loopback()
        shut = [flag for flags in _SHUT if (flag := self._first(*flags))]
        named = ["--model", str(order.model), "--alias", order.alias]
        return [str(self._program), *named, *where, *shut, *self._flags(order), *self._loading(order)]

    def _loopback(self) -> list[str]:
        return ["--host", "127.0.0.1", "--port", str(self._listen.port)]

    def _flags(self, order: Order) -> Iterator[str]:
        for flag, value in _values(order).items():
            if value and self._knows(flag):
                yield from (flag, value)

    def _loading(self, order: Order) -> Iterator[str]:
        """How the file gets into memory, in the newer words or in the older ones; the files beside it."""
        mmap, mlock = order.options.mmap, order.options.mlock
        if (mmap is not None or mlock) and self._knows("--load-mode"):
            yield from ("--load-mode", _mode(mmap is not False, bool(mlock)))
        elif not self._knows("--load-mode"):
            yield from ["--no-mmap"] * (mmap is False) + ["--mlock"] * bool(mlock)
        yield from ["--embeddings"] * (order.options.embedding and self._knows("--embeddings"))
        for adapter in order.options.lora:
            yield from ("--lora", adapter)
        if order.options.draft and (flag := self._first(*_FLAGS["draft"])):
            yield from (flag, order.options.draft)
            yield from ["--spec-type", "draft-simple"] * self._knows("--spec-type")


def _values(order: Order) -> dict[str, str]:
    options = order.options
    cache = options.kv_type
    flash = {None: "", True: "on", False: "off"}[options.flash_attention]
    return {
        "--ctx-size": str((options.n_ctx or 0) * options.n_parallel),
        "--parallel": str(options.n_parallel),
        "--batch-size": str(options.n_batch),
        "--ubatch-size": str(options.n_batch),
        "--threads": str(options.n_threads),
        "--threads-batch": str(options.n_threads),
        "--verbosity": _TELLS_ITS_SETTINGS,
        "--mmproj": options.mmproj,
        "--cors-origins": "null",
        "--cache-ram": str(options.cache_ram_mib),
        "--n-gpu-layers": _EVERY_LAYER if options.n_gpu_layers == ALL else _text(options.n_gpu_layers),
        "--cache-type-k": cache,
        "--cache-type-v": cache,
        "--flash-attn": flash,
        "--main-gpu": _text(options.main_gpu),
        "--tensor-split": ",".join(map(str, options.tensor_split)),
        "--rope-freq-base": _text(options.rope_base),
        "--rope-scale": _text(options.rope_scale),
    }


def _text(value: float | None) -> str:
    return "" if value is None else str(value)


def _mode(mmap: bool, mlock: bool) -> str:
    return "+".join([*["mmap"] * mmap, *["mlock"] * mlock]) or "none"


def _calm(order: Order) -> dict[str, str]:
    """As this process was told for itself: threads that wait must not spin where they fill every core."""
    from aqe_desktop.machine.hardware import cores

    return {"OMP_WAIT_POLICY": "passive"} if (order.options.n_threads or 0) >= cores() else {}


def _output(program: Path, flag: str) -> str:
    """Both streams, for builds differ in which they use. Raises ProviderFailed where it is no such program."""
    try:
        done = subprocess.run(
            [str(program), flag],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=built_environment(),
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _no_server(program) from error
    return done.stdout.decode("utf-8", "replace")


def _no_server(program: Path) -> ProviderFailed:
    return ProviderFailed(
        f"{program} cannot be run as llama-server.",
        "Choose another program or engine in the settings under llama.cpp.",
    )
