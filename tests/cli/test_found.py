"""What a crash left is said in words that lead on from the command line."""

from __future__ import annotations

import pytest

from aqe_desktop.cli.found import of_recovered
from aqe_desktop.core.chat import Role, State
from aqe_desktop.core.history import StoredMessage
from aqe_desktop.services.recovered import Recovered


def cut(number: int, conversation: int, text: str) -> StoredMessage:
    return StoredMessage(number, conversation, None, Role.ASSISTANT, text, State.CUT, 0)


@pytest.mark.parametrize(
    ("recovered", "told"),
    [
        (Recovered(), ""),
        (Recovered(("aqe chat",)), ""),
        (Recovered(("window",)), "The app ended unexpectedly last time. Nothing was lost."),
        (
            Recovered(("window",), (cut(2, 7, "Half"),)),
            "An answer was cut off when the app ended unexpectedly. What had arrived is kept: `aqe history show 7`.",
        ),
        (
            Recovered((), (cut(2, 7, ""), cut(4, 7, ""), cut(9, 8, ""))),
            "3 answers were cut off when the app ended unexpectedly, before the first word. "
            "What was asked is kept: `aqe history show 7`, `aqe history show 8`.",
        ),
    ],
)
def test_a_crash_is_told_with_the_command_that_shows_what_is_kept(recovered: Recovered, told: str) -> None:
    assert of_recovered(recovered) == told
