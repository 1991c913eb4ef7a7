"""Which model answers, and what is told while it loads."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing

import pytest

from aqe_desktop.core.chat import Loading
from aqe_desktop.core.errors import ModelBroken, NotEnoughMemory, NothingLocal, UsageError
from aqe_desktop.core.models import Model, ModelRef, Phase
from aqe_desktop.services.models import ModelService
from tests.services.conftest import no_preference
from tests.services.engine_of_lines import MODEL, OTHER, Lines


class Empty(Lines):
    """An engine without models."""

    async def models(self, *, read: bool = True) -> list[Model]:
        return []


class Unread(Lines):
    """An engine whose files nobody may read."""

    async def models(self, *, read: bool = True) -> list[Model]:
        assert not read
        return await super().models()


class Small(Lines):
    """An engine whose model does not fit."""

    async def load(self, model: ModelRef) -> None:
        raise NotEnoughMemory("It does not fit.")


async def prefer_other() -> str:
    return str(OTHER)


async def prefer_one_that_has_gone() -> str:
    return "lines/gone"


async def test_choosing_reads_no_file_of_a_model() -> None:
    assert (await ModelService([Unread()], prefer_other).choose()).ref == OTHER
    assert (await ModelService([Unread()], no_preference).choose(OTHER)).ref == OTHER


async def test_the_first_model_is_the_default_and_a_preference_goes_before() -> None:
    assert (await ModelService([Lines()], no_preference).choose()).ref == MODEL
    assert (await ModelService([Lines()], prefer_other).choose()).ref == OTHER
    assert (await ModelService([Lines()], prefer_one_that_has_gone).choose()).ref == MODEL


@pytest.mark.parametrize("runtimes", [[], [Empty()]], ids=["no runtime", "no model"])
async def test_without_any_model_nothing_local_can_serve(runtimes: Sequence[Lines]) -> None:
    with pytest.raises(NothingLocal) as none:
        await ModelService(runtimes, no_preference).choose()
    assert none.value.exit_code == 6
    assert none.value.hint


async def test_what_a_user_named_and_is_not_there_is_said() -> None:
    models = ModelService([Lines()], no_preference)
    with pytest.raises(ModelBroken, match="lines/none"):
        await models.choose(ModelRef("lines", "none"))
    with pytest.raises(UsageError, match="nowhere"):
        await models.choose(ModelRef("nowhere", "none"))


async def test_the_list_says_which_is_loaded_and_which_is_the_default() -> None:
    models = ModelService([Lines()], prefer_other)
    await models.load(MODEL)
    listed = [(each.model.ref, each.phase, each.default) for each in await models.list()]
    assert listed == [(MODEL, Phase.READY, False), (OTHER, Phase.STOPPED, True)]


async def test_loading_tells_each_change_once_and_raises_what_goes_wrong() -> None:
    models = ModelService([Lines()], no_preference)
    async with aclosing(models.loading(MODEL)) as steps:
        assert [step async for step in steps] == [Loading("Loading", None), Loading("Loading", 0.5)]
    failing = ModelService([Small()], no_preference)
    with pytest.raises(NotEnoughMemory):
        await anext(failing.loading(MODEL))


async def test_a_sound_engine_is_not_let_go_for_a_retry() -> None:
    engine = Lines()
    models = ModelService([engine], no_preference)
    await models.load(MODEL)
    await models.clear_failure("lines")
    assert engine.unloads == 0
