"""The shipped list of models, in the order in which they suit this computer, each with the reason."""

from __future__ import annotations

import tomllib
from typing import Any

from aqe_desktop.core.figures import size_text
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.plan import Attention, Fit, Hardware, Plan, Recommended, Shape
from aqe_desktop.services.planning.deciding import planned

_TOLD = """name family parameters quantization source pull size licence good_for as_of seen""".split()  # noqa: SIM905
# Bytes of weights that a processor alone reads for each word and still answers at the speed of reading.
_QUICK_ENOUGH = 5e9
_PER_WORD = 0.6  # bytes of the token table for each value, as usual for these quantizations


def recommended(text: str, hardware: Hardware) -> tuple[Recommended, ...]:
    """`text` is the shipped TOML. What fits and answers quickly comes first, the largest of it before the others."""
    rows = [(row, shape_of_row(row)) for row in tomllib.loads(text)["models"]]
    found = [(_recommended(row, shape, hardware), _is_slow(shape, hardware)) for row, shape in rows]
    return tuple(each for each, _ in sorted(found, key=lambda pair: _rank(*pair)))


def shape_of_row(row: dict[str, Any]) -> Shape:
    """The shape as far as the row tells it: weights are spread evenly over the layers."""
    figures, experts = row["shape"], row.get("experts", {})
    kinds = tuple(Attention(*each) for each in row["cache"])
    layers = sum(kind.layers for kind in kinds)
    table = min(round(figures["vocabulary"] * figures["embedding"] * _PER_WORD), row["size"] // 3)
    return Shape(
        architecture=row["family"],
        **figures,
        attention=kinds,
        layer_bytes=((row["size"] - table) // layers,) * layers,
        input_bytes=table,
        output_bytes=0,
        experts=experts.get("count", 0),
        experts_used=experts.get("used", 0),
        expert_feed_forward=experts.get("feed_forward", 0),
    )


def _recommended(row: dict[str, Any], shape: Shape, hardware: Hardware) -> Recommended:
    plan = planned(row["name"], shape, LoadSettings(), hardware)
    return Recommended(
        **{name: row[name] for name in _TOLD},
        capabilities=tuple(row["capabilities"]),
        memory=plan.needed,
        fit=plan.fit,
        reason=_reason(plan, hardware, slow=_is_slow(shape, hardware)),
    )


def _is_slow(shape: Shape, hardware: Hardware) -> bool:
    """Whether the processor would have to read more for each word than it can."""
    busy = shape.experts_used / shape.experts if shape.experts else 1.0
    return not hardware.gpus and shape.weights * busy > _QUICK_ENOUGH


def _rank(each: Recommended, slow: bool) -> tuple[int, bool, int]:
    order = (Fit.FITS, Fit.PARTLY, Fit.NOT, Fit.UNKNOWN)
    larger_first = each.fit in (Fit.FITS, Fit.PARTLY) and not slow
    return (order.index(each.fit), slow, -each.size if larger_first else each.size)


def _reason(plan: Plan, hardware: Hardware, *, slow: bool) -> str:
    free = hardware.memory.free
    needs = f"It needs about {size_text(plan.needed)}"
    if plan.fit is Fit.NOT:
        return f"{needs}, more than is free."
    if plan.fit is Fit.PARTLY:
        return f"{needs} and fits with {plan.gpu_layers} of {plan.layers} layers on the GPU."
    if plan.gpu_layers:
        return f"{needs} and fits, with all layers on the GPU."
    known = needs if free is None else f"{needs} of {size_text(free)} free"
    return f"{known}; without a GPU its answers come slowly." if slow else f"{known}."
