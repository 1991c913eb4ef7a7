"""The only maker of a Turn, so that no backend can be handed content that nobody has cleared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aqe_desktop.core.chat import Message, Sampling, Turn
from aqe_desktop.core.errors import PrivacyRefused
from aqe_desktop.core.models import ModelRef, Place, Proof, Zone

DEVICE_ONLY = "device.only"
_HINT = "Choose the built-in engine's model; `aqe models` lists the models and `aqe doctor` says what is missing."


@dataclass(frozen=True, slots=True)
class Clearance:
    """A cleared turn with the name of the rule that let it go, and why, one plain sentence each."""

    turn: Turn
    rule: str
    why: tuple[str, ...]


def clear(messages: Sequence[Message], sampling: Sampling, model: ModelRef, place: Place) -> Clearance:
    """Let the turn go to a proved place on this device. Raises PrivacyRefused for any other place."""
    if place.zone is not Zone.DEVICE:
        raise PrivacyRefused(
            f"{model} would answer outside this device (zone {place.zone}).",
            "Choose a model that runs on this device; `aqe models` lists them.",
        )
    if place.proof is not Proof.PROVED:
        raise PrivacyRefused(
            " ".join((f"It is not proved that {model} runs on this device ({place.proof}).", *place.facts[-1:])),
            place.hint or _HINT,
        )
    why = (f"{model} runs on this device, and that is proved.", *place.facts)
    return Clearance(Turn(tuple(messages), model, place, sampling), DEVICE_ONLY, why)
