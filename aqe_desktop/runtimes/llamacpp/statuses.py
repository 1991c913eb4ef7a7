"""How a keeper's reports read as a RuntimeStatus: the words a status light shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aqe_desktop.core.loading import NEVER
from aqe_desktop.core.models import Loaded, ModelRef, Phase, RuntimeStatus
from aqe_desktop.core.plan import Running
from aqe_desktop.machine.hardware import resident_memory
from aqe_desktop.runtimes.llamacpp.engines import Engine
from aqe_desktop.runtimes.llamacpp.library import HOST

NAME = "llama.cpp"
_ON_ACCELERATOR = "Layers on the accelerator"


def resting(engine: Engine) -> RuntimeStatus:
    """`engine` is what would load a model."""
    if engine.problem:
        return RuntimeStatus(HOST, NAME, Phase.ABSENT, message=engine.problem, hint=engine.hint)
    rows = (("Engine", f"{engine.name} {engine.version}".strip()), *_of_engine(engine))
    return RuntimeStatus(HOST, NAME, Phase.STOPPED, version=engine.label, details=rows, single=True)


def starting(model: ModelRef) -> RuntimeStatus:
    return RuntimeStatus(HOST, NAME, Phase.STARTING, model=model, message="Starting the engine", single=True)


def failed(model: ModelRef | None, message: str, hint: str) -> RuntimeStatus:
    return RuntimeStatus(HOST, NAME, Phase.FAILED, model=model, message=message, hint=hint, single=True)


def of(model: ModelRef, state: dict[str, Any], engine: Engine) -> RuntimeStatus:
    if state["state"] == "failed":
        return failed(model, state["message"], state["hint"])
    if state["state"] == "ready":
        named = f"{engine.name} {state['version']}".strip()
        details = (("Engine", named), *_of_engine(engine), *_details(state))
        return RuntimeStatus(
            HOST,
            NAME,
            Phase.READY,
            version=engine.label or state["version"],
            model=model,
            pid=state["engine_pid"],
            context=state["context"],
            details=details,
            loaded=(_loaded(model, state),),
            single=True,
        )
    if state["state"] == "idle":
        after = duration(state["idle_s"])
        return replace(
            resting(engine), message=f"Unloaded after {after} without a question. The next one loads it again."
        )
    what = "Checking the model file" if state["state"] == "verifying" else "Loading the model"
    return RuntimeStatus(HOST, NAME, Phase.LOADING, model=model, progress=state["progress"], message=what, single=True)


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


def duration(seconds: int) -> str:
    """As a person says it: 45 seconds, 10 minutes, 2 hours."""
    for unit, length in (("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds >= length and seconds % length == 0:
            count = seconds // length
            return f"{count} {unit}{'s' * (count != 1)}"
    return "a moment"


def _loaded(model: ModelRef, state: dict[str, Any]) -> Loaded:
    """How much it holds in all is not known where an accelerator has a part of it."""
    memory = None if state["devices"] else resident_memory(state["engine_pid"])
    confirmed = {**state["confirmed"], "keep_alive_s": NEVER if state["idle_s"] is None else state["idle_s"]}
    return Loaded(model, memory, None, state["context"], state["until"], confirmed)


def _of_engine(engine: Engine) -> list[tuple[str, str]]:
    lacks = ", ".join(engine.lacks)
    return [
        *([("Chosen because", engine.why)] if engine.why else []),
        *([("Does not know", lacks)] if lacks else []),
    ]


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
