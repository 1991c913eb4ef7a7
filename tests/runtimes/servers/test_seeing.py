"""What a server's row says of a model: above all whether it can see, for an image goes to no other."""

from __future__ import annotations

from typing import Any

import pytest

from aqe_desktop.core.models import Capability
from aqe_desktop.runtimes.servers.kinds import UNKNOWN
from aqe_desktop.runtimes.servers.listing import entry_of, model_of

TEXT, TELLS = {"input_modalities": ["text"]}, {"input_modalities": ["text", "image"]}


@pytest.mark.parametrize(
    ("told", "by_word", "sees"),
    [
        ({"architecture": TELLS}, False, True),
        ({"architecture": TEXT}, False, False),
        ({"architecture": TEXT}, True, False),
        ({"type": "vlm"}, False, True),
        ({"type": "embeddings"}, True, False),
        ({}, False, False),
        ({}, True, True),
    ],
)
def test_a_model_sees_as_its_server_says_and_else_by_the_user_s_word(
    told: dict[str, Any], by_word: bool, sees: bool
) -> None:
    entry = entry_of(UNKNOWN, {"id": "m", **told}, ())
    assert (Capability.VISION in model_of("own", entry, vision=by_word).capabilities) is sees
