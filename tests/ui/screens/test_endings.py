"""Answers that ended early, and what stands beside words: reasoning, one place for a failure, the way back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from aqe_desktop.app import open_app
from aqe_desktop.core.chat import ChatEvent, ReasoningDelta, Role, State, Stored, TextDelta
from aqe_desktop.core.errors import Unreachable
from aqe_desktop.core.history import Conversation, Reply
from aqe_desktop.machine.paths import find_paths
from aqe_desktop.services.recovered import Recovered
from aqe_desktop.store.writers import Writer
from aqe_desktop.ui.screens.chat.exchange import Exchange
from tests.ui.screens.chat_scene import Play, Scene, scene
from tests.ui.screens.conftest import opened_store, until


async def asked(on: Scene, state: State, text: str = "", reply: Reply | None = None) -> tuple[Conversation, list[int]]:
    """A chat with a question and an answer that stands so."""
    async with opened_store(on.app.paths.database) as store:
        chat = await store.create("one")
        question = await store.add(chat.id, None, Role.USER, "Why?")
        answer = await store.add(chat.id, question.id, Role.ASSISTANT, text, state=state, reply=reply)
        return chat, [question.id, answer.id]


def test_reasoning_is_shown_as_it_comes_and_when_the_chat_is_opened_again(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            chat, (question, answer) = await asked(on, State.STREAMING)
            on.screen.open(chat.id)
            await until(lambda: on.chat.conversation is not None and on.chat.conversation.id == chat.id)
            exchange = on.chat._begin(Exchange(chat.id, parent=on.chat), _events(chat.id, question, answer))
            await until(lambda: exchange.reasoning == "I think so.")
            item = on.view.transcript.column.items[-1]
            await until(lambda: item.reasoning == "I think so.")
            on.chat.stop()
            await until(lambda: on.chat.exchange is None)
            async with opened_store(on.app.paths.database) as store:
                await store.finish(answer, State.COMPLETE, "Yes.", "I think so.")
            on.screen.open(chat.id)
            await until(lambda: on.last() == "Yes.")
            item = on.view.transcript.column.items[-1]
            assert not item.unfolded
            on.press("Reasoning")
            assert item.flat == "I think so.\nYes."

    play(run())


async def _events(chat: int, question: int, answer: int) -> AsyncGenerator[ChatEvent]:
    yield Stored(chat, question, answer)
    await asyncio.sleep(0.3)
    for word in ("I ", "think ", "so."):
        yield ReasoningDelta(word)
        await asyncio.sleep(0.02)
    yield TextDelta("Yes")
    await asyncio.sleep(30)


def test_a_failure_of_an_answer_is_said_under_it_and_nowhere_else(play: Play) -> None:
    error = Unreachable("Nothing answers.", "Start the engine.").as_json()

    async def run() -> None:
        async with scene() as on:
            chat, (_, answer) = await asked(on, State.FAILED, "some", Reply(error=error))
            on.screen.open(chat.id)
            await until(lambda: on.chat.failure is not None)
            told = on.view.transcript.message(answer)
            assert told.reason == "Nothing answers."
            assert told.hint
            assert on.view.notices.failure.isHidden()
            on.chat.show_error(Unreachable("The model could not be loaded."))
            assert on.view.notices.failure.isVisible()

    play(run())


def test_after_a_crash_the_cut_answer_is_one_click_away(play: Play) -> None:
    async def before() -> int:
        async with open_app() as app, opened_store(app.paths.database) as store:
            for title in ("other", "cut"):
                chat = await store.create(title)
                question = await store.add(chat.id, None, Role.USER, "Why?")
            store._writer = Writer.claim(find_paths().home / "writers")
            await store.add(chat.id, question.id, Role.ASSISTANT, "Beca", state=State.STREAMING)
            store._writer.release()
            return chat.id

    async def after(chat: int) -> None:
        async with scene() as on:
            notice = on.view.notices.notice
            assert notice.isVisible()
            assert notice.action.text() == "Show"
            notice.action.click()
            await until(lambda: on.chat.where.conversation == chat and on.chat.conversation is not None)
            assert notice.isHidden()
            assert on.view.transcript.message(on.chat.messages[-1].id).offers[0].label == "Continue"

    play(after(play(before())))


def test_a_start_with_nothing_cut_offers_nothing_to_show(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            recovered = Recovered(processes=("window",))
            object.__setattr__(on.app, "recovered", recovered)
            on.screen._tell_recovered()
            assert on.view.notices.notice.message.text() == recovered.sentence
            assert on.view.notices.notice.action.isHidden()

    play(run())


def test_continue_says_what_it_waits_for(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            chat, (_, answer) = await asked(on, State.STOPPED, "Here is the story. " * 40 + "Once upon a time")
            on.screen.open(chat.id)
            await until(lambda: [m.id for m in on.chat.messages][-1:] == [answer])
            on.screen.parameters.set_sampling(temperature=0.0)
            said: list[str] = []
            on.chat.progressed.connect(lambda: said.extend(item.waits for item in on.view.transcript.column.items[-1:]))
            on.press("Continue")
            await on.writing(1)
            assert any(words.startswith("Reading the prompt, ") for words in said)
            assert said[-1] == ""
            on.chat.stop()
            await on.ended()

    play(run())
