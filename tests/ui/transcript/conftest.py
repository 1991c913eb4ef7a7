"""A transcript on the offscreen platform, with fixed fonts and a light theme."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.widgets.transcript import Transcript, TranscriptMessage, ZoneChip

CHIP = ZoneChip("device", "This device", "starter")

Show = Callable[..., Transcript]


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Show]:
    """Makes a shown transcript of these texts: questions and answers in turn, numbered from 0."""
    theme().use_fonts("Inter", "JetBrains Mono")
    theme().apply("light", 1.0)

    def make(*texts: str, streaming: bool = False, size: tuple[int, int] = (800, 600)) -> Transcript:
        view = Transcript()
        qtbot.addWidget(view)
        view.resize(*size)
        view.set_messages(messages(*texts, streaming=streaming))
        view.show()
        qtbot.waitExposed(view)
        view.activateWindow()
        qtbot.waitUntil(view.isActiveWindow)
        view.clearFocus()
        return view

    yield make
    theme().apply("light", 1.0)


def messages(*texts: str, streaming: bool = False) -> list[TranscriptMessage]:
    made = []
    for number, text in enumerate(texts):
        own = number % 2 == 0
        state = "streaming" if streaming and number == len(texts) - 1 else "complete"
        made.append(
            TranscriptMessage(number, "user" if own else "assistant", text, chip=None if own else CHIP, state=state)
        )
    return made
