"""The one rule there is: content goes to a proved place on this device, and nowhere else."""

from __future__ import annotations

import pytest

from aqe_desktop.core.chat import Message, Role, Sampling
from aqe_desktop.core.errors import PrivacyRefused
from aqe_desktop.core.models import ModelRef, Place, Proof, Zone
from aqe_desktop.routing.clear import DEVICE_ONLY, clear

MODEL = ModelRef("llamacpp", "small")
MESSAGES = (Message(Role.USER, "hello"),)


def test_a_proved_place_on_this_device_is_cleared_with_rule_and_facts() -> None:
    place = Place(Zone.DEVICE, Proof.PROVED, ("It runs in an empty network namespace.",))
    cleared = clear(MESSAGES, Sampling(seed=1), MODEL, place)
    assert cleared.rule == DEVICE_ONLY
    assert cleared.why[-1] == "It runs in an empty network namespace."
    assert (cleared.turn.messages, cleared.turn.model, cleared.turn.place) == (MESSAGES, MODEL, place)
    assert cleared.turn.sampling.seed == 1


@pytest.mark.parametrize(
    "place",
    [Place(zone, proof) for zone in Zone for proof in Proof if (zone, proof) != (Zone.DEVICE, Proof.PROVED)],
    ids=lambda place: f"{place.zone}-{place.proof}",
)
def test_every_other_place_is_refused_with_exit_code_3_and_a_next_step(place: Place) -> None:
    with pytest.raises(PrivacyRefused) as refused:
        clear(MESSAGES, Sampling(), MODEL, place)
    assert refused.value.exit_code == 3
    assert refused.value.hint
    assert "hello" not in refused.value.message
