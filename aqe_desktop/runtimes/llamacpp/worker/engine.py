"""The engine's own process: loads one model, tells the keeper how that went, and serves until the keeper is gone.

It is apart from the keeper because loading holds Python's lock for its whole time: a keeper in the same process could
neither tell users how far it is nor notice that they left."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aqe_desktop.core.errors import AqeError, ProviderFailed
from aqe_desktop.machine import hardware, sandbox, seccomp
from aqe_desktop.machine.door import Address
from aqe_desktop.machine.processes import give_way
from aqe_desktop.runtimes.llamacpp import memory, speeds
from aqe_desktop.runtimes.llamacpp.gguf import Metadata, read_metadata
from aqe_desktop.runtimes.llamacpp.library.files import parts_of
from aqe_desktop.runtimes.llamacpp.options import Job, LoadOptions
from aqe_desktop.runtimes.llamacpp.worker import beside
from aqe_desktop.runtimes.llamacpp.worker.engines import make_server
from aqe_desktop.runtimes.llamacpp.worker.server import EngineServer, LoadFailed, Order

LOAD_FAILED = 3
# Enough for long chats about code; more costs memory from the first moment on, so it is the user's choice.
_USUAL_CONTEXT = 8192
_FALLBACK_CONTEXT = 4096
_CONTEXT_STEP = 256
# How far an engine steps back for other programs. One that takes every core must step back all but entirely: beside an
# engine at 5 the window was seen to wait half a second for its turn, beside one at 15 less than a twentieth.
_NICE, _NICEST = 5, 15


def run_engine(told: dict[str, Any]) -> int:
    """Returns only when the keeper closed our standard input; LOAD_FAILED when the engine refused the model."""
    report = _reporter()
    job = Job.parse(told["job"])
    _become_an_engine(told["keeper"], told["cut_off"], _nice(job.options))
    if not job.program:
        seccomp.refuse_programs()  # llama.cpp would run ffprobe on an image that it cannot read
    try:
        server = _load(job, told["token"], report)
    except AqeError as error:
        report({"state": "failed", **error.as_json()})
        return LOAD_FAILED
    except ImportError as error:
        report({"state": "failed", **_unusable(error).as_json()})
        return LOAD_FAILED
    except LoadFailed:
        return LOAD_FAILED
    sys.stdin.buffer.read()
    server.stop()
    os._exit(0)  # the native server's threads would hold up an ordinary exit


def _load(job: Job, token: str, report: Callable[[dict[str, Any]], None]) -> EngineServer:
    server = make_server(job.engine, job.program)
    metadata = read_metadata(job.model)
    beside.require(job.options, metadata.architecture)
    options = settle(job, metadata)
    if "slots" not in server.takes:
        options = dataclasses.replace(options, n_parallel=1)
    need = memory.need_of(parts_of(job.model), metadata, options, beside.size_of(options))
    devices = server.devices()
    free = hardware.free_memory()
    memory.require(need, None if free is None else free + sum(devices.values()), job.model.stem)
    report({"state": "loading", "needed": need.held, "architecture": metadata.architecture})
    listen = Address(port=0) if job.loopback else Address(path=job.socket)
    job.socket.unlink(missing_ok=True)

    def started(pid: int) -> None:
        report({"state": "loading", "needed": need.held, "pid": pid})

    server.start(Order(job.model, job.model.stem, listen, token, options, started))
    report(_ready(server, metadata, options, devices))
    return server


def _unusable(error: ImportError) -> ProviderFailed:
    """No fault of the model's: another one would fail the same way."""
    traceback.print_exception(error)
    return ProviderFailed(
        f"The engine cannot be used here: {error}.", "Install what is named, or install the app again."
    )


def settle(job: Job, metadata: Metadata) -> LoadOptions:
    """The options with every choice made that was left to us."""
    options = job.options
    context = _rounded(options.n_ctx or min(metadata.context or _FALLBACK_CONTEXT, _USUAL_CONTEXT))
    usual = options.n_batch or speeds.batch_for(job.model, job.home / speeds.FILE)
    # For a vector the whole text is read at once.
    batch = context if options.embedding else usual
    return dataclasses.replace(options, n_ctx=context, n_threads=_threads(options), n_batch=batch)


def _threads(options: LoadOptions) -> int:
    return options.n_threads or max(1, hardware.cores() - 1)


def _nice(options: LoadOptions) -> int:
    if options.nice is not None:
        return options.nice
    return _NICEST if _threads(options) >= hardware.cores() else _NICE


def _rounded(tokens: int) -> int:
    """llama.cpp makes a context a multiple of this; we say the true figure from the start."""
    return -(-tokens // _CONTEXT_STEP) * _CONTEXT_STEP


def _ready(server: EngineServer, metadata: Metadata, options: LoadOptions, devices: Any) -> dict[str, Any]:
    confirmed = dict(server.confirmed())
    return {
        "state": "ready",
        "engine_pid": server.pid,
        "engine": server.name,
        "address": {"path": str(server.address.path or ""), "port": server.address.port},
        "version": server.version,
        "context": confirmed.get("context", options.n_ctx),
        "confirmed": confirmed,
        "options": dataclasses.asdict(options),
        "devices": list(devices),
        "control_tokens": list(metadata.control_tokens),
        "quantization": metadata.quantization,
    }


def _reporter() -> Callable[[dict[str, Any]], None]:
    """Our standard output becomes the keeper's line; whatever native code prints goes to the log instead."""
    line = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    return lambda message: print(json.dumps(message), file=line, flush=True)


def _become_an_engine(keeper: int, cut_off: bool, nice: int) -> None:
    sandbox.no_core_dumps()
    if sandbox.end_with_parent() and os.getppid() != keeper:
        raise ProviderFailed("The engine's keeper ended before the engine started.", "Try again.")
    # Before its memory is hidden: afterwards it may not write to its own files below /proc.
    give_way(nice, session=keeper)
    if cut_off:
        sandbox.hide_memory()
    os.chdir(Path(os.sep))
