"""One runtime's part of the list of models: asked within bounds, so that one that hangs or fails delays nobody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass, replace

from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.models import Loaded, Model, ModelRef, Phase, Place, Proof, RuntimeStatus, SeenModels, Zone
from aqe_desktop.core.ports import Runtime
from aqe_desktop.core.shown import shown

LONGEST = 60.0
"""Seconds after which a runtime that has not told its models is given up for this look."""
_AT_ONCE = 8
_SOON = 0.4
_READS = "{} still reads what its model files say."
_NOT_TOLD = "Look again, or see with `aqe runtimes` how it stands."


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model with its state. Its words are fit to be shown; its reference is as the runtime knows it.

    `phase` is that of its runtime where it is the one at work, READY where it is in memory, STOPPED otherwise. `speed`:
    tokens a second of its last answer. `place` is None until it was read in this look: none is ever kept."""

    model: Model
    phase: Phase
    default: bool
    loaded: Loaded | None = None
    speed: float | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class RuntimeList:
    """How a runtime stands and what it has. Where it is not `fresh`, the models are those of `seen` (milliseconds since
    the epoch, 0: never), and `message` says why; both are empty for the first list, which comes before any answer."""

    status: RuntimeStatus
    models: tuple[ListedModel, ...]
    fresh: bool
    seen: int = 0
    message: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What every runtime's part of the list is made with."""

    preferred: str
    speeds: Mapping[ModelRef, float]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a runtime told; `told` is None where it has no models to tell, for its server does not answer."""

    status: RuntimeStatus
    told: tuple[Model, ...] | None


def as_listed(status: RuntimeStatus, models: Iterable[Model], known: Known) -> tuple[ListedModel, ...]:
    """In the runtime's order."""
    loaded = {each.model: each for each in status.loaded}
    return tuple(
        ListedModel(
            fit_to_show(model),
            _phase(model.ref, status, loaded),
            str(model.ref) == known.preferred,
            loaded.get(model.ref),
            known.speeds.get(model.ref),
        )
        for model in models
    )


def restated(part: RuntimeList, status: RuntimeStatus) -> RuntimeList:
    """The same models, as the runtime stands now: what it told since it was asked."""
    loaded = {each.model: each for each in status.loaded}
    models = (
        replace(each, phase=_phase(each.model.ref, status, loaded), loaded=loaded.get(each.model.ref))
        for each in part.models
    )
    return replace(part, status=status, models=tuple(models))


def newer(before: RuntimeList | None, part: RuntimeList) -> RuntimeList:
    """What to show of a runtime while it is asked again: what it told the last time, and where its models ran then,
    until it has answered or failed to."""
    if before is None or not before.fresh or part.message:
        return part
    if not part.fresh:
        return before
    same = (before.status.address, before.status.ours) == (part.status.address, part.status.ours)
    places = {each.model.ref: each.place for each in before.models} if same else {}
    models = (replace(each, place=each.place or places.get(each.model.ref)) for each in part.models)
    return replace(part, models=tuple(models))


def _phase(model: ModelRef, status: RuntimeStatus, loaded: Mapping[ModelRef, Loaded]) -> Phase:
    if model == status.model:
        return status.phase
    return Phase.READY if model in loaded else Phase.STOPPED


def fit_to_show(model: Model) -> Model:
    """A server, or who made a file, may call a model anything."""
    return replace(
        model,
        name=shown(model.name) or "(no name)",
        quantization=shown(model.quantization, 24),
        note=shown(model.note, 300),
        architecture=shown(model.architecture, 40),
        licence=shown(model.licence),
        remote=shown(model.remote),
    )


async def asked(runtime: Runtime, looked: asyncio.Event) -> Answer:
    """How it stands and what it has, read anew; `looked` is set between the two. A server that does not answer is not
    asked twice."""
    status = await runtime.look()
    looked.set()
    if status.address and status.phase in (Phase.STOPPED, Phase.FAILED):
        return Answer(status, None)
    return Answer(status, tuple(await runtime.models()))


async def parts(
    runtime: Runtime, kept: SeenModels | None, known: Known, patience: float, *, longest: float = LONGEST
) -> AsyncGenerator[tuple[RuntimeList, Answer | None]]:
    """The runtime's part as it becomes known: its names alone where it has files to read, that it is late, then what it
    told. Closing ends the asking."""
    looked = asyncio.Event()
    asking = asyncio.ensure_future(asked(runtime, looked))
    try:
        slow = not (await asyncio.wait({asking}, timeout=min(_SOON, patience)))[0]
        early = await _names(runtime, known) if slow and looked.is_set() else None
        if early is not None:
            yield early, None
        if not (await asyncio.wait({asking}, timeout=patience))[0]:
            late = _late(runtime, kept, known, f"has not answered for {patience:.0f} s")
            yield replace(early, message=_READS.format(early.status.name), hint=_NOT_TOLD) if early else late, None
            if not (await asyncio.wait({asking}, timeout=longest))[0]:
                return
        yield _part(runtime, asking, kept, known)
    finally:
        if not asking.done():
            asking.cancel()
            await asyncio.wait({asking}, timeout=patience)


async def _names(runtime: Runtime, known: Known) -> RuntimeList | None:
    """Of an engine that listens nowhere, which reads its files itself; a server would have to be asked once more."""
    status = runtime.status.value
    if status.address:
        return None
    try:
        return RuntimeList(status, as_listed(status, await runtime.models(read=False), known), fresh=False)
    except AqeError:  # told by the answer that is still to come
        return None


def _part(
    runtime: Runtime, asking: asyncio.Future[Answer], kept: SeenModels | None, known: Known
) -> tuple[RuntimeList, Answer | None]:
    try:
        answer = asking.result()
    except AqeError as error:
        old = _late(runtime, kept, known, "failed")
        return replace(old, message=error.message, hint=error.hint), None
    if answer.told is None:
        message = answer.status.message or f"{answer.status.name} does not answer."
        old = _late(runtime, kept, known, "", answer.status)
        return replace(old, message=message, hint=answer.status.hint), None
    listed = as_listed(answer.status, answer.told, known)
    return RuntimeList(answer.status, listed, fresh=True, seen=int(time.time() * 1000)), answer


def of_kept(runtime: Runtime, kept: SeenModels, known: Known) -> RuntimeList:
    """Before anybody was asked."""
    status = runtime.status.value
    return RuntimeList(status, as_listed(status, kept.models, known), fresh=False, seen=kept.seen)


def _late(
    runtime: Runtime, kept: SeenModels | None, known: Known, what: str, status: RuntimeStatus | None = None
) -> RuntimeList:
    status = status or runtime.status.value
    old = () if kept is None else kept.models
    said = f"{status.name} {what}; its models are shown as they were seen last." if old else f"{status.name} {what}."
    seen = 0 if kept is None else kept.seen
    return RuntimeList(status, as_listed(status, old, known), fresh=False, seen=seen, message=said, hint=_NOT_TOLD)


async def with_places(runtime: Runtime, part: RuntimeList, patience: float) -> RuntimeList:
    """Where each of the models runs, read now: some at a time, each within bounds."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def placed(listed: ListedModel) -> ListedModel:
        async with turns:
            return replace(listed, place=await place_of(runtime, listed.model.ref, patience))

    return replace(part, models=tuple(await asyncio.gather(*map(placed, part.models))))


async def place_of(runtime: Runtime, model: ModelRef, patience: float) -> Place:
    """A place that cannot be read is the farthest one."""
    try:
        async with asyncio.timeout(patience):
            return await runtime.place(model)
    except TimeoutError:
        why = f"It did not show within {patience:.0f} s where it runs."
    except AqeError as error:
        why = error.message
    return Place(Zone.CLOUD, Proof.UNPROVED, (why, "What is not known to be near counts as a cloud."))
