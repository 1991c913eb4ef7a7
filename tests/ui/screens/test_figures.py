"""The figures of a reply in the window: measured once, and there however the reply ended."""

from __future__ import annotations

from aqe_desktop.core.chat import State
from aqe_desktop.ui.screens.chat.figures import last_reply, running_words
from aqe_desktop.ui.shell.status_bar import ReplyFigures
from tests.ui.screens.chat_scene import LONG, Play, scene


def test_a_stopped_answer_shows_its_figures_and_the_wait_that_was_shown_before(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            told: list[ReplyFigures] = []
            on.view.figures_changed.connect(told.append)
            on.ask(LONG)
            await on.writing(10)
            assert on.chat.exchange is not None
            before = running_words(on.chat.exchange, None).first_token
            assert before.endswith(" s")
            on.chat.stop()
            await on.ended()
            answer = on.chat.messages[-1]
            assert answer.state is State.STOPPED
            words = last_reply(on.chat.messages)
            assert words.first_token == before
            assert words.speed.endswith("tok/s")
            assert words.cost == "$0.0000 · free"
            meta = on.view.transcript.message(answer.id).meta
            assert "tokens" in meta
            assert "tok/s" in meta
            waits = {figures.first_token_s for figures in told if figures.first_token_s is not None}
            assert len(waits) == 1

    play(run())
