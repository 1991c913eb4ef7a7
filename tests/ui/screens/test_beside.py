"""What stands beside the chat: context in use, parameters, facts on request, and the mark of a reply elsewhere."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from aqe_desktop.core.chat import Parameters, ReadingPrompt, Role, Sampling, State
from aqe_desktop.core.models import Capability, ModelRef, Phase
from aqe_desktop.ui.screens.chat.exchange import Exchange
from aqe_desktop.ui.screens.chat.failure import IDLE
from aqe_desktop.ui.screens.chat.inspector import FULL, Inspector
from aqe_desktop.ui.screens.chat.parameter_form import DEFAULT
from aqe_desktop.ui.widgets.label import SectionLabel
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
            running = Exchange(chat.id)
            running.reading, running.tokens = ReadingPrompt(done=1, total=41), 898
            on.screen.inspector._show_use(running)
            assert on.screen.inspector.context.used.text() == "939 of 8\u2009192 tokens"
            status = on.screen.engine.status
            assert status is not None
            on.screen.engine.status = replace(status, model=ModelRef("llamacpp", "another"))
            on.screen.inspector.show_chat()
            assert on.screen.inspector.context.used.text() == "known once the model is loaded"
            on.screen.engine.status = status
            on.screen.new_chat()
            assert on.screen.context.used == 0

    play(run())


def places(inspector: Inspector) -> dict[str, int]:
    """How far down each group stands."""
    for label in inspector.findChildren(SectionLabel):
        assert label.label.text()
    return {
        label.label.text(): label.mapTo(inspector, QPoint()).y()
        for label in inspector.findChildren(SectionLabel)
        if label.isVisible()
    }


def test_nothing_in_the_inspector_moves_with_a_reply_or_with_the_end_of_the_engine(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            inspector = on.screen.inspector
            inspector.route.fold.click()
            QApplication.sendPostedEvents()
            before = places(inspector)
            on.screen.parameters.set_sampling(max_output=3)
            on.ask("Hello")
            await on.ended()
            await until(lambda: inspector.received.isVisible())
            inspector.received.fold.click()
            QApplication.sendPostedEvents()
            answered = places(inspector)
            assert before.items() <= answered.items()
            engine = on.screen.engine
            assert engine.status is not None
            assert engine.status.pid
            os.kill(engine.status.pid, signal.SIGKILL)
            await until(lambda: engine.status is not None and engine.status.phase is Phase.FAILED)
            QApplication.sendPostedEvents()
            assert places(inspector) == answered
            engine.start_again()
            await on.ready()
            await until(lambda: places(inspector) == answered)

    play(run())


def test_a_context_that_is_full_is_shown_as_the_problem_it_is(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            context = on.screen.inspector.context
            context.show_use(4000, 8192)
            place = on.screen.inspector.reply.mapTo(on.window, QPoint())
            assert context.full.text() == ""
            context.show_use(9011, 8192)
            assert context.used.text() == "9\u2009011 of 8\u2009192 tokens"
            assert context.share.text() == "110\u2009%"
            assert context.full.text() == FULL
            assert "new chat" in context.full.toolTip()
            QApplication.sendPostedEvents()
            assert on.screen.inspector.reply.mapTo(on.window, QPoint()) == place
            context.full.grab()
            assert not context.full.cut

    play(run())


def test_the_keyboard_stops_at_the_inspector_only_where_it_scrolls_and_shows_it(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            inspector = on.screen.inspector
            assert inspector.verticalScrollBar().maximum() == 0
            assert inspector.focusPolicy() == Qt.FocusPolicy.NoFocus
            on.window.resize(1280, 480)
            inspector.form.more.click()
            await until(lambda: inspector.verticalScrollBar().maximum() > 0)
            assert inspector.focusPolicy() == Qt.FocusPolicy.TabFocus
            inspector.setFocus(Qt.FocusReason.TabFocusReason)
            await until(lambda: inspector.ringed)
            assert inspector._ring.geometry() == inspector.rect()
            on.editor.setFocus(Qt.FocusReason.TabFocusReason)
            await until(lambda: not inspector.ringed)

    play(run())


def test_a_preset_is_named_where_it_was_chosen_and_not_where_all_is_default(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            parameters, form = on.screen.parameters, on.screen.inspector.form
            on.chat.set_parameters(Parameters())
            parameters.save_as("Plain")
            parameters.set_sampling(temperature=0.2)
            parameters.save_as("Precise")
            await until(lambda: "Plain" in parameters.presets)
            await until(lambda: form.heading.action.text() == "Precise")
            on.chat.set_parameters(Parameters())
            on.screen.new_chat()
            assert on.chat.parameters.sampling == Sampling()
            assert form.heading.action.text() == "Presets"
            parameters.apply("Plain")
            assert form.heading.action.text() == "Plain"
            parameters.set_sampling(max_output=3)
            assert form.heading.action.text() == "Presets"
            parameters.apply("Plain")
            on.ask("Hello")
            await on.writing(1)
            on.chat.stop()  # at its own temperature the model may go on for minutes
            await on.ended()
            assert form.heading.action.text() == "Plain"
            on.screen.new_chat()
            assert form.heading.action.text() == "Presets"

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


def test_thinking_is_asked_of_a_model_that_can_and_can_always_be_taken_back(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            form, engine = on.screen.inspector.form, on.screen.engine
            assert engine.model is not None
            assert not form.think.isVisible()
            engine.model = replace(engine.model, capabilities=(Capability.CHAT, Capability.THINKING))
            engine.changed.emit()
            assert form.think.isVisible()
            form.think.chosen.emit("low")
            assert on.chat.parameters.sampling.think == "low"
            engine.model = replace(engine.model, capabilities=(Capability.CHAT,))
            engine.changed.emit()
            assert form.think.isVisible()
            form.think.chosen.emit("")
            assert not form.think.isVisible()

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


def test_an_engine_that_ends_while_nothing_is_asked_can_be_started_again_and_nothing_moves(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            welcome, banner, engine = on.view.welcome, on.view.notices.failure, on.screen.engine
            QApplication.sendPostedEvents()
            before = welcome.title.mapTo(on.window, QPoint())
            assert engine.status is not None
            assert engine.status.pid
            os.kill(engine.status.pid, signal.SIGKILL)
            await until(banner.isVisible)
            QApplication.sendPostedEvents()
            assert banner.action.text() == "Start the engine again"
            assert banner.hint.text() == IDLE
            assert welcome.title.mapTo(on.window, QPoint()) == before
            banner.closed.emit()
            assert not banner.isVisible()
            engine.changed.emit()
            assert not banner.isVisible()
            on.view._engine_dismissed = False
            engine.changed.emit()
            assert banner.isVisible()
            banner.action.click()
            await until(lambda: engine.ready)
            await until(lambda: not banner.isVisible())
            assert welcome.title.mapTo(on.window, QPoint()) == before

    play(run())
