"""Every errand of every runtime to a server that is not proved to be here: row for row, and no private text in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aqe_desktop.core.ledger import Purpose, RowKind
from aqe_desktop.core.models import Zone
from tests.proof.conftest import CANARY, Profile
from tests.proof.judge import holds

_PROGRAM = str(Path(__file__).with_name("programs") / "errands.py")
_DRIVEN = {
    "ollama": {Purpose.MODELS, Purpose.LOAD, Purpose.PULL, Purpose.MANAGE, Purpose.EMBED},
    "ollama-here": {Purpose.MODELS, Purpose.LOAD, Purpose.PULL, Purpose.MANAGE, Purpose.EMBED},
    "plain": {Purpose.MODELS, Purpose.HEALTH, Purpose.EMBED},
}


@pytest.mark.parametrize("way", list(_DRIVEN))
def test_every_errand_has_its_row_and_no_private_text_arrives(profile: Profile, way: str) -> None:
    done = profile.run(_PROGRAM, way)
    assert done.returncode == 0, done.stderr
    assert profile.complaints() == []
    sent = [row.entry for row in profile.rows() if row.entry.kind is RowKind.SENT]
    assert {each.purpose for each in sent} == _DRIVEN[way]
    assert {each.zone for each in sent} == {Zone.CLOUD}
    assert not holds(profile.seal.seen(), CANARY)


def test_all_that_is_no_chat_is_driven_here() -> None:
    assert set().union(*_DRIVEN.values()) == set(Purpose) - {Purpose.CHAT, Purpose.COUNT}
