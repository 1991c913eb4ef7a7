"""The pure parts of the chat: input history, headings, stop words, figures, failures."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.core.chat import Role, Sampling, State
from aqe_desktop.core.errors import ContextTooLong, EngineCrashed
from aqe_desktop.core.history import Conversation, Reply, StoredMessage
from aqe_desktop.core.models import ModelRef, Proof, Zone
from aqe_desktop.core.money import FREE
from aqe_desktop.core.usage import Timing, Usage
from aqe_desktop.services.recovered import Recovered
from aqe_desktop.ui.screens.chat.failure import Act, at_the_end_of, of_error
from aqe_desktop.ui.screens.chat.figures import context_used, last_reply, read_back
from aqe_desktop.ui.screens.chat.grouping import Calendar
from aqe_desktop.ui.screens.chat.input_history import InputHistory
from aqe_desktop.ui.screens.chat.messages import all_shown, meta_of, shown
from aqe_desktop.ui.screens.chat.stop_words import from_line, to_line

NOON = datetime(2026, 11, 24, 12).astimezone()


def test_up_walks_back_and_down_returns_to_the_unsent_text() -> None:
    past = InputHistory()
    past.fill(["newest", "older"])
    assert past.older("unsent") == "newest"
    assert past.older("newest") == "older"
    assert past.older("older") is None
    assert past.newer() == "newest"
    assert past.newer() == "unsent"
    assert past.newer() is None


def test_a_question_sent_again_moves_to_the_front_once() -> None:
    past = InputHistory()
    past.fill(["b", "a"])
    past.remember("a")
    assert [past.older(""), past.older(""), past.older("")] == ["a", "b", None]


@pytest.mark.parametrize(
    ("back", "pinned", "heading"),
    [
        (timedelta(0), False, "Today"),
        (timedelta(hours=11), False, "Today"),
        (timedelta(hours=13), False, "Yesterday"),
        (timedelta(days=2), False, "Last week"),
        (timedelta(days=7), False, "Last week"),
        (timedelta(days=8), False, "Older"),
        (timedelta(days=800), True, "Pinned"),
        (timedelta(hours=-3), False, "Today"),
    ],
)
def test_a_conversation_stands_under_its_day(back: timedelta, pinned: bool, heading: str) -> None:
    updated = int((NOON - back).timestamp() * 1000)
    assert Calendar(NOON).group_of(Conversation(1, "t", updated, updated, pinned)) == heading


@given(st.lists(st.text(min_size=1).filter(lambda word: word.strip(" ") == word), max_size=5))
def test_stop_words_survive_editing(words: list[str]) -> None:
    assert from_line(to_line(tuple(words))) == tuple(words)


def test_stop_words_are_written_as_people_write_them() -> None:
    assert from_line("###, \\n\\n , END") == ("###", "\n\n", "END")
    assert from_line("") == ()


def test_what_the_engine_received_is_marked_where_it_differs() -> None:
    received = {"temperature": 0.20000000298023224, "top_k": 40, "seed": 4294967295, "max_output": -1, "stop": []}
    rows = {row.name: row for row in read_back(received, Sampling(temperature=0.2, top_k=20))}
    assert rows["Temperature"].value == "0.2"
    assert not rows["Temperature"].differs
    assert rows["Top-k"].differs
    assert (rows["Seed"].value, rows["Max output"].value, rows["Stop words"].value) == ("random", "no limit", "none")
    assert not rows["Seed"].differs


def answer(state: State = State.COMPLETE, text: str = "words", **reply: object) -> StoredMessage:
    return StoredMessage(2, 1, 1, Role.ASSISTANT, text, state, 0, reply=Reply(**reply))  # type: ignore[arg-type]


def test_a_reply_says_its_figures() -> None:
    told = answer(
        usage=Usage(input=212, cache_read=3890, output=158), timing=Timing(0.31, 4.2, 41.24), cost=FREE, finish="stop"
    )
    words = last_reply([told])
    assert words.first_token == "0.31 s"
    assert words.speed == "41.2 tok/s"
    assert words.input == "4\u2009102 (3\u2009890 reused)"
    assert words.cost == "$0.0000 · free"
    assert meta_of(told.reply) == "158 tokens · 41.2 tok/s · $0.0000"
    assert context_used([told]) == 4260
    stopped = replace(told, state=State.STOPPED, reply=replace(told.reply, finish=""))
    assert meta_of(stopped.reply) == "158 tokens · 41.2 tok/s · $0.0000"
    assert context_used([stopped]) is None


@pytest.mark.parametrize(
    ("message", "offers"),
    [
        (answer(State.STOPPED), ["continue"]),
        (answer(State.STOPPED, ""), ["retry"]),
        (answer(State.CUT), ["continue", "retry"]),
        (answer(State.FAILED, error={"message": "It broke."}), ["retry", "continue"]),
        (answer(finish="length"), ["continue"]),
        (answer(), []),
    ],
)
def test_a_reply_that_ended_early_offers_the_way_on(message: StoredMessage, offers: list[str]) -> None:
    drawn = shown(message)
    assert [offer.action for offer in drawn.offers] == offers
    assert bool(drawn.reason) == bool(offers)


def test_a_crashed_engine_offers_to_start_it_and_a_long_prompt_offers_nothing() -> None:
    crashed, long = of_error(EngineCrashed("It ended."), 2), of_error(ContextTooLong("Too long."), 2)
    assert crashed.acts(engine_up=False) == (Act.START_ENGINE, Act.RETRY)
    assert crashed.acts(engine_up=True) == (Act.RETRY,)
    assert long.acts(engine_up=True) == ()


CRASHED = {"kind": "engine_crashed", "message": "It ended.", "hint": "Start it."}
LONG = {"kind": "context_too_long", "message": "Too long.", "hint": "Shorten it."}


@pytest.mark.parametrize(
    ("error", "engine_up", "primary", "others", "hint"),
    [
        (CRASHED, False, ["start_engine"], ["retry", "continue"], "Start it."),
        (CRASHED, True, ["retry"], ["continue"], "The engine is running again."),
        (LONG, True, [], ["retry", "continue"], "Shorten it."),
    ],
)
def test_under_the_newest_failed_answer_one_button_is_the_first(
    error: dict[str, str], engine_up: bool, primary: list[str], others: list[str], hint: str
) -> None:
    failed = answer(State.FAILED, error=error)
    drawn = all_shown([failed], None, engine_up=engine_up)[0]
    assert [offer.action for offer in drawn.offers if offer.primary] == primary
    assert [offer.action for offer in drawn.offers if not offer.primary] == others
    assert drawn.reason == error["message"]
    assert drawn.hint.startswith(hint)
    older = all_shown([failed, replace(answer(), id=3)], None, engine_up=engine_up)[0]
    assert [offer.action for offer in older.offers] == ["retry", "continue"]
    assert not any(offer.primary for offer in older.offers)


def test_what_was_cut_before_its_first_word_does_not_say_that_words_are_kept() -> None:
    assert shown(answer(State.CUT, "")).reason == "Cut off before the first word."
    assert shown(answer(State.STOPPED, "")).reason == "Stopped before the first word."
    thought = replace(answer(State.CUT, ""), reasoning="I was thinking.")
    assert "kept" in shown(thought).reason
    nothing, some = Recovered(answers=(answer(State.CUT, ""),)), Recovered(answers=(answer(State.CUT),))
    assert "before the first word" in nothing.sentence
    assert "Continue goes on from there" in some.sentence


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (answer(State.STOPPED), "Stopped. Not saved yet."),
        (answer(), "Not saved yet."),
        (answer(State.FAILED, error={"message": "It broke."}), "It broke. Not saved yet."),
    ],
)
def test_what_the_disk_refuses_is_shown_as_it_ended_and_says_so(message: StoredMessage, said: str) -> None:
    drawn = shown(replace(message, kept=False))
    assert (drawn.state, drawn.reason, drawn.offers) == (message.state.value, said, ())
    assert "every second" in drawn.hint


def test_no_chip_says_where_an_answer_ran_that_never_ran() -> None:
    cut = answer(State.CUT, zone=Zone.DEVICE, proof=Proof.PROVED, model=ModelRef("llamacpp", "starter"))
    assert shown(replace(cut, state=State.FAILED, text="")).chip is None
    chip = shown(cut).chip
    assert chip is not None
    assert chip.word == "This device"


def test_a_failure_is_still_there_after_a_restart() -> None:
    failed = answer(State.FAILED, error={"kind": "engine_crashed", "message": "It ended.", "hint": "Start it."})
    failure = at_the_end_of([failed])
    assert failure is not None
    assert (failure.message, failure.hint, failure.message_id) == ("It ended.", "Start it.", 2)
    assert at_the_end_of([failed, answer()]) is None
