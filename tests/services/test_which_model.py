"""Which model answers is never a surprise: a chat keeps its own, a habit comes of answers, a missing one is said."""

from __future__ import annotations

from contextlib import suppress

import pytest

from aqe_desktop.core.chat import ChatEvent, Noted, Stored, TextDelta
from aqe_desktop.core.errors import ModelBroken, NothingLocal
from aqe_desktop.core.models import Model, ModelRef
from aqe_desktop.services.models import ModelService
from aqe_desktop.store.used import last_model
from tests.services.conftest import Desk, collect, first, no_preference
from tests.services.engine_of_lines import DONE, MODEL, OTHER, Lines

UNREADABLE = ModelRef("lines", "bad\udcff")


class Badly(Lines):
    """An engine with a file whose name is no text, in the first place."""

    async def models(self, *, read: bool = True) -> list[Model]:
        return [Model(UNREADABLE, "bad"), *await super().models()]


class OnlyBadly(Lines):
    async def models(self, *, read: bool = True) -> list[Model]:
        return [Model(UNREADABLE, "bad")]


@pytest.fixture
def preferring(desk: Desk) -> list[str]:
    """The preference, to be changed between two questions."""
    wish = [""]

    async def preferred() -> str:
        return wish[0]

    desk.chat._models._preferred = preferred
    return wish


def notes(events: list[ChatEvent]) -> list[str]:
    return [event.text for event in events if isinstance(event, Noted)]


async def test_a_chat_keeps_the_model_that_answered_first(desk: Desk, preferring: list[str]) -> None:
    preferring[0] = str(OTHER)
    stored = first(await desk.all(desk.chat.ask(None, "One")), Stored)
    assert (await desk.history.get(stored.conversation)).model == OTHER
    preferring[0] = str(MODEL)
    await desk.all(desk.chat.ask(stored.conversation, "Two"))
    await desk.all(desk.chat.regenerate(stored.answer))
    await desk.all(desk.chat.edit(stored.question, "One more"))
    assert [turn.model for turn in desk.engine.turns] == [OTHER] * 4


async def test_an_old_chat_without_a_model_gets_the_one_that_answers(desk: Desk, preferring: list[str]) -> None:
    empty = await desk.history.create("Old")
    preferring[0] = str(OTHER)
    await desk.all(desk.chat.ask(empty.id, "Hi"))
    assert (await desk.history.get(empty.id)).model == OTHER


async def test_a_preferred_model_that_is_gone_is_said_and_the_first_one_answers(
    desk: Desk, preferring: list[str]
) -> None:
    preferring[0] = "lines/gone"
    seen = await desk.all(desk.chat.ask(None, "Hi"))
    assert notes(seen) == ["The model lines/gone is not on this device; Small answers instead."]
    again = await desk.all(desk.chat.ask(first(seen, Stored).conversation, "And?"))
    assert notes(again) == []


async def test_a_model_that_failed_does_not_become_the_habit(desk: Desk) -> None:
    async def habit() -> ModelRef | None:
        return await desk.store._database.read(last_model)

    assert await habit() is None
    await desk.all(desk.chat.ask(None, "Hi", model=OTHER))
    assert await habit() == OTHER
    desk.engine.steps = (TextDelta("Half"), ModelBroken("It is damaged."))
    with suppress(ModelBroken):
        await collect(desk.chat.ask(None, "Hi", model=MODEL), [])
    assert await habit() == OTHER
    desk.engine.steps = (TextDelta("Whole"), DONE)
    await desk.all(desk.chat.ask(None, "Hi"))
    assert await habit() == MODEL


async def test_a_model_whose_name_is_no_text_is_refused_by_name_and_never_the_default() -> None:
    models = ModelService([Badly()], no_preference)
    assert (await models.choose()).ref == MODEL
    with pytest.raises(ModelBroken, match="not text") as refused:
        await models.choose(UNREADABLE)
    assert refused.value.hint
    with pytest.raises(NothingLocal):
        await ModelService([OnlyBadly()], no_preference).choose()


async def test_a_name_without_a_tag_is_its_latest() -> None:
    class Tagged(Lines):
        async def models(self, *, read: bool = True) -> list[Model]:
            return [Model(ModelRef("lines", "hf.co:5000/a/small:latest"), "Small"), Model(MODEL, "Plain")]

    models = ModelService((Tagged(),), no_preference)
    assert (await models.choose(ModelRef("lines", "hf.co:5000/a/small"))).name == "Small"
    assert (await models.choose(MODEL)).name == "Plain"
    with pytest.raises(ModelBroken, match="small:1b"):
        await models.choose(ModelRef("lines", "hf.co:5000/a/small:1b"))
