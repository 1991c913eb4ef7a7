"""By how much loads of a model differed from what was reckoned, and how far that is believed."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import astuple

from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.plan import Measured, Plan, Use

# Memory that the system took back makes a load look smaller than it is, so a smaller one is hardly believed.
_LEAST, _MOST = 0.95, 1.5
# Nearer than this a figure is as good as it was.
_NEAR = 0.02


def factor_of(found: Sequence[Measured]) -> float:
    """The median of measured over predicted, within bounds; 1.0 where nothing is known or the figures agree."""
    ratios = [each.measured / each.predicted for each in found if each.predicted > 0 and each.measured > 0]
    if not ratios:
        return 1.0
    factor = min(_MOST, max(_LEAST, statistics.median(ratios)))
    return 1.0 if abs(factor - 1.0) < _NEAR else round(factor, 3)


def predicted_of(plan: Plan) -> int:
    """What a load by this plan holds in the computer's memory: spare pages too, but no margin."""
    return sum(part.bytes for part in plan.parts if part.use is not Use.MARGIN)


def key_of(settings: LoadSettings, context: int) -> str:
    """Names a way of loading."""
    return repr((context, *astuple(settings)))
