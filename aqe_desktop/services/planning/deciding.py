"""From a shape and devices to a plan: how many layers go to the GPU, the largest context, and the sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from aqe_desktop.core.figures import grouped, size_text
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.plan import MEMORY, Device, Fit, Hardware, Plan, Shape
from aqe_desktop.core.planning.asked import Asked, settled, why_not
from aqe_desktop.core.planning.placing import Laid, laid

GPU_UNTESTED = "Figures for a GPU follow its engine's rules; they were not measured by us."
_ADJUSTED = "Adjusted by what was measured when this model was loaded here."
_STEP = 256
_MOST_WITHOUT_WORD = 1 << 20  # tokens, for a model that does not say how long a context it was trained for


def planned(
    name: str,
    shape: Shape,
    settings: LoadSettings,
    hardware: Hardware,
    *,
    batch: int | None = None,
    factor: float = 1.0,
) -> Plan:
    """The plan of this model on this computer. Never raises: what makes no sense is told in the sentence."""
    devices = (hardware.memory, *hardware.gpus)
    asked = settled(shape, settings, batch)
    if reason := why_not(shape, asked):
        return unknown(name, reason, devices)
    best = _best(shape, asked, devices, factor)
    fit = _fit(best, shape, devices)
    longest = _largest(shape, asked, devices, factor)
    plan = Plan(
        fit,
        "",
        devices,
        best.parts,
        best.needed,
        shape.layers,
        min(best.gpu_layers, shape.layers),
        asked.context,
        longest,
        factor,
        tuple(_notes(best, factor, hardware)),
    )
    return replace(plan, sentence=_sentence(name, plan))


def unknown(name: str, reason: str, devices: tuple[Device, ...] = ()) -> Plan:
    return Plan(Fit.UNKNOWN, f"{name} cannot be planned: {reason}.", devices)


def _best(shape: Shape, asked: Asked, devices: Sequence[Device], factor: float) -> Laid:
    """The layers that were asked for; else as many as the GPUs hold, where that fits, and at least what comes nearest.
    More layers on GPUs take more of them, so the number is found by halving."""
    gpus = [device for device in devices if device.gpu]
    if not gpus or asked.gpu_layers is not None:
        return laid(shape, asked, gpus, asked.gpu_layers or 0, factor)
    return _most(
        lambda layers: laid(shape, asked, gpus, layers, factor),
        shape.layers + 1,
        lambda found: all(_holds(device, found) for device in gpus if not device.shared),
    )


def _most(make: Callable[[int], Laid], most: int, good: Callable[[Laid], bool]) -> Laid:
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if good(make(middle)):
            low = middle
        else:
            high = middle - 1
    return make(low)


def _holds(device: Device, found: Laid) -> bool:
    """An unknown amount of free memory refuses nothing."""
    needed = found.on(device.id)
    return not needed or device.free is None or needed <= device.free


def _fit(found: Laid, shape: Shape, devices: Sequence[Device]) -> Fit:
    if not all(_holds(device, found) for device in devices):
        return Fit.NOT
    has_gpu = any(device.gpu for device in devices)
    return Fit.PARTLY if has_gpu and 0 < found.gpu_layers < shape.layers else Fit.FITS


def _largest(shape: Shape, asked: Asked, devices: Sequence[Device], factor: float) -> int:
    """The longest context in whole steps with which it fits; no longer than it was trained for."""
    most = (shape.context or _MOST_WITHOUT_WORD) // _STEP

    def fits(steps: int) -> bool:
        with_it = replace(asked, context=steps * _STEP)
        return _fit(_best(shape, with_it, devices, factor), shape, devices) is not Fit.NOT

    low, high = 0, min(most, _MOST_WITHOUT_WORD * 64 // _STEP)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low * _STEP


def _sentence(name: str, plan: Plan) -> str:
    free = next(device.free for device in plan.devices if device.id == MEMORY)
    needs = f"{name} needs about {size_text(plan.needed)} for a context of {grouped(plan.context)} tokens"
    if plan.fit is Fit.NOT:
        return f"{needs} and does not fit: {_missing(plan)}.{_shorter(plan)}"
    if plan.fit is Fit.PARTLY:
        return f"{needs} and fits with {plan.gpu_layers} of {plan.layers} layers on the GPU."
    if plan.gpu_layers:
        return f"{needs} and fits, with all layers on the GPU."
    return (
        f"{needs} and fits: {size_text(free)} are free."
        if free is not None
        else f"{needs}; how much is free is unknown."
    )


def _missing(plan: Plan) -> str:
    return " and ".join(
        f"{device.name} has {size_text(device.free)} free of {size_text(plan.on(device.id))} needed"
        for device in plan.devices
        if device.free is not None and plan.on(device.id) > device.free
    )


def _shorter(plan: Plan) -> str:
    if not plan.largest_context or plan.largest_context >= plan.context:
        return ""
    return f" A context of {grouped(plan.largest_context)} tokens would fit."


def _notes(found: Laid, factor: float, hardware: Hardware) -> list[str]:
    notes = [_ADJUSTED] if factor != 1.0 else []
    if found.gpu_layers:
        notes.append(GPU_UNTESTED)
    return notes if hardware.gpus else [*notes, *hardware.notes]
