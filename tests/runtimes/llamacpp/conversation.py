"""Turns for tests, and the events of their answers."""

from __future__ import annotations

from contextlib import aclosing

from aqe_desktop.core.chat import ChatEvent, Finished, Message, Role, Route, Sampling, TextDelta, Turn
from aqe_desktop.core.models import ModelRef, Phase, Place, Proof, Zone
from aqe_desktop.runtimes.llamacpp import LlamaCpp, LoadOptions

SMALL = LoadOptions(n_ctx=2048)
HERE = Place(Zone.DEVICE, Proof.PROVED)
SHORT = Sampling(temperature=0.0, seed=1, max_output=8)
# About 3,600 tokens of the starter: several seconds of reading.
LONG_TEXT = " ".join(f"Line {number} of the report says nothing new." for number in range(280))


def phase(runtime: LlamaCpp) -> Phase:
    """How the runtime stands now; a function, because a type checker takes an attribute for unchanged."""
    return runtime.status.value.phase


async def reaches(runtime: LlamaCpp, wanted: Phase) -> None:
    async with aclosing(runtime.status.follow()) as states:
        async for status in states:
            if status.phase is wanted:
                return


def turn(model: ModelRef, *texts: str, sampling: Sampling = SHORT) -> Turn:
    """A conversation whose roles alternate and whose last message is the user's."""
    roles = (Role.USER, Role.ASSISTANT)
    return Turn(tuple(Message(roles[n % 2], text) for n, text in enumerate(texts)), (Route(model, HERE),), sampling)


async def answer(runtime: LlamaCpp, asked: Turn) -> tuple[str, Finished, list[ChatEvent]]:
    """Text, end, and every event of a whole answer."""
    async with aclosing(runtime.stream(asked)) as stream:
        events: list[ChatEvent] = [event async for event in stream]
    finished = events[-1]
    assert isinstance(finished, Finished)
    return "".join(event.text for event in events if isinstance(event, TextDelta)), finished, events
