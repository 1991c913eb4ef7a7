"""How a keeper's reports read as a RuntimeStatus: the words a status light shows."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from aqe_desktop.core.models import ModelRef, Phase, RuntimeStatus
from aqe_desktop.core.plan import Running
from aqe_desktop.machine.hardware import resident_memory
from aqe_desktop.runtimes.llamacpp.library import HOST

NAME = "llama.cpp"
_ON_ACCELERATOR = "Layers on the accelerator"


def resting() -> RuntimeStatus:
    if find_spec("xllamacpp") is None:
        hint = "Install the extra “starter”, or choose another engine."
        return RuntimeStatus(HOST, NAME, Phase.ABSENT, message="The engine is not installed.", hint=hint)
    from importlib.metadata import version  # a tenth of this package's import time, and not needed to import it

    return RuntimeStatus(HOST, NAME, Phase.STOPPED, version=version("xllamacpp"))


def starting(model: ModelRef) -> RuntimeStatus:
    return RuntimeStatus(HOST, NAME, Phase.STARTING, model=model, message="Starting the engine")


def failed(model: ModelRef | None, message: str, hint: str) -> RuntimeStatus:
    return RuntimeStatus(HOST, NAME, Phase.FAILED, model=model, message=message, hint=hint)


def of(model: ModelRef, state: dict[str, Any]) -> RuntimeStatus:
    if state["state"] == "failed":
        return failed(model, state["message"], state["hint"])
    if state["state"] == "ready":
        details = (("Engine", f"xllamacpp {state['version']}"), *_details(state))
        return RuntimeStatus(
            HOST,
            NAME,
            Phase.READY,
            version=state["version"],
            model=model,
            pid=state["engine_pid"],
            context=state["context"],
            details=details,
        )
    what = "Checking the model file" if state["state"] == "verifying" else "Loading the model"
    return RuntimeStatus(HOST, NAME, Phase.LOADING, model=model, progress=state["progress"], message=what)


def engine_of(model: ModelRef, statuses: Sequence[RuntimeStatus]) -> str:
    """Name and version of what would load it, as far as is known."""
    return next((f"{each.id} {each.version}" for each in statuses if each.id == model.host), model.host)


def running_in(model: ModelRef, statuses: Sequence[RuntimeStatus]) -> Running | None:
    """An engine of ours that holds this model, all of it in the computer's own memory."""
    for each in statuses:
        if each.id != HOST or each.phase is not Phase.READY or each.model != model or each.pid is None:
            continue
        memory = resident_memory(each.pid)
        if memory and not any(label == _ON_ACCELERATOR for label, _ in each.details):
            return Running(engine_of(model, statuses), each.pid, each.context, memory)
    return None


def _details(state: dict[str, Any]) -> list[tuple[str, str]]:
    options = state["options"]
    layers = "all that fit" if options["n_gpu_layers"] is None else str(options["n_gpu_layers"])
    return [
        ("Processor threads", str(options["n_threads"])),
        ("Accelerator", ", ".join(state["devices"]) or "none, the processor does the work"),
        *([(_ON_ACCELERATOR, layers)] if state["devices"] else []),
        ("Conversations at once", str(options["n_parallel"])),
        ("Tokens per batch", str(options["n_batch"])),
    ]
