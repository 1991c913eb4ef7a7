"""What stands beside the chat: context in use, parameters, facts on request, and the mark of a reply elsewhere."""

from __future__ import annotations

from aqe_desktop.core.chat import Role, State
from aqe_desktop.ui.screens.chat.parameter_form import DEFAULT
from aqe_desktop.ui.widgets.row import DOT, Row
from tests.ui.screens.chat_scene import LONG, Play, scene
from tests.ui.screens.conftest import opened_store, until


def test_the_context_of_a_stored_chat_is_counted_by_itself(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            async with opened_store(on.app.paths.database) as store:
                chat = await store.create("stopped")
                question = await store.add(chat.id, None, Role.USER, "one two three four five")
                await store.add(chat.id, question.id, Role.ASSISTANT, "six seven", state=State.STOPPED)
            on.screen.open(chat.id)
            await until(lambda: bool(on.chat.messages))
            await on.ready()
            await until(lambda: on.screen.context.used is not None)
            used = on.screen.context.used
            assert used is not None
            assert 10 < used < 80
            assert on.screen.inspector.context.used.text() == f"{used} of 8\u2009192 tokens"
            on.screen.new_chat()
            assert on.screen.context.used == 0

    play(run())


def test_facts_unfold_on_a_click_and_by_key(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            card = on.screen.inspector.route
            assert not card.facts.isVisible()
            assert card.fold.isVisible()
            card.fold.click()
            assert card.facts.isVisible()
            place = on.screen.engine.place
            assert place is not None
            assert card._facts.count() == len(place.facts) > 1
            card.fold.click()
            assert not card.facts.isVisible()

    play(run())


def test_an_unset_parameter_says_whose_default_it_is(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            numbers = on.screen.inspector.form.numbers
            assert {name for name, field in numbers.items() if field.placeholderText() == "default"} == {
                "temperature",
                "top_p",
                "top_k",
                "min_p",
            }
            assert numbers["top_p"].accessibleDescription() == DEFAULT
            assert numbers["seed"].accessibleDescription() != DEFAULT

    play(run())


def test_before_the_first_question_no_figures_of_a_reply_are_shown(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            assert not on.screen.inspector.reply.isVisible()
            on.screen.parameters.set_sampling(max_output=3)
            on.ask("Hello")
            await until(lambda: bool(on.chat.messages))
            assert on.screen.inspector.reply.isVisible()
            await on.ended()

    play(run())


def test_a_chat_that_is_answered_in_the_background_is_marked_until_it_has_ended(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:

            def marked() -> list[Row]:
                return [row for row in on.screen.sidebar.rows.rows() if row.answering]

            await on.ready()
            on.ask(LONG)
            await on.writing(3)
            first = on.chat.where.conversation
            assert first is not None
            assert marked() == []
            on.screen.new_chat()
            await until(lambda: [row.id for row in marked()] == [first])
            (row,) = marked()
            assert row.marks() == [DOT]
            assert "still answering" in row.spoken()
            on.screen.open(first)
            await until(lambda: on.chat.exchange is not None)
            await until(lambda: marked() == [])
            on.screen.new_chat()
            await until(lambda: len(marked()) == 1)
            on.chat._running[0][1].stop()
            await until(lambda: marked() == [])

    play(run())
