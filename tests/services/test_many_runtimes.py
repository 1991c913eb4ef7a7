"""Several runtimes in one list: what was seen last comes at once, and one that hangs or fails holds up nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest

from aqe_desktop.core.errors import AqeError, ModelBroken, NothingLocal, ProviderFailed, StorageFailed, Unreachable
from aqe_desktop.core.models import Loaded, Model, ModelRef, Phase, Place, Proof, RuntimeStatus, SeenModels, Zone
from aqe_desktop.services.models import ModelService, RuntimeList
from tests.services.conftest import no_preference
from tests.services.engine_of_lines import MODEL, Lines

FAR = Place(Zone.CLOUD, Proof.UNPROVED, ("Nobody knows.",))
ADDRESS = "http://127.0.0.1:11434"
SMALL, LARGE = ModelRef("server", "small"), ModelRef("server", "large:7b")


class Server(Lines):
    """A server beside the engine; `wait` holds its answers up, `error` is raised instead of its list."""

    def __init__(self, *names: str, place: Place = FAR, phase: Phase = Phase.READY) -> None:
        super().__init__(places=(place,))
        self._status.put(RuntimeStatus("server", "Server", Phase.STOPPED))
        self.names = names
        self.wait: asyncio.Event | None = None
        self.error: AqeError | None = None
        self.asked = 0
        self.loaded: tuple[Loaded, ...] = ()
        self.phase = phase

    @property
    def id(self) -> str:
        return "server"

    async def models(self, *, read: bool = True) -> list[Model]:
        self.asked += 1
        if self.wait is not None:
            await self.wait.wait()
        if self.error is not None:
            raise self.error
        return [Model(ModelRef("server", name), name, size=7) for name in self.names]

    async def look(self) -> RuntimeStatus:
        loaded = self.loaded
        self._status.put(RuntimeStatus("server", "Server", self.phase, address=ADDRESS, loaded=loaded))
        return self._status.value


@dataclass
class Seen:
    """What is kept, in memory; `broken`: nothing can be written."""

    rows: dict[str, SeenModels] = field(default_factory=dict)
    told: dict[ModelRef, float] = field(default_factory=dict)
    broken: bool = False

    async def all(self) -> Mapping[str, SeenModels]:
        return dict(self.rows)

    async def keep(self, runtime: str, seen: SeenModels) -> None:
        if self.broken:
            raise StorageFailed("The disk is full.")
        self.rows[runtime] = seen

    async def speeds(self) -> Mapping[ModelRef, float]:
        return self.told


def kept(*names: str) -> Seen:
    models = tuple(Model(ModelRef("server", name), name) for name in names)
    return Seen({"server": SeenModels(1000, ADDRESS, models)})


async def all_of(models: ModelService) -> list[RuntimeList]:
    async with aclosing(models.lists()) as lists:
        return [part async for part in lists]


def names(part: RuntimeList) -> list[str]:
    return [each.model.ref.model for each in part.models]


async def test_what_was_seen_last_comes_first_then_what_is_there_then_where_it_runs() -> None:
    seen = kept("gone")
    parts = await all_of(ModelService([Server("small", "large:7b")], no_preference, seen))
    assert [(names(part), part.fresh) for part in parts] == [
        (["gone"], False),
        (["small", "large:7b"], True),
        (["small", "large:7b"], True),
    ]
    assert [part.models[0].place for part in parts] == [None, None, FAR]
    assert parts[0].seen == 1000
    assert [model.ref for model in seen.rows["server"].models] == [SMALL, LARGE]


class Reading(Lines):
    """An engine with many new files to read."""

    def __init__(self) -> None:
        super().__init__()
        self.read = asyncio.Event()

    async def models(self, *, read: bool = True) -> list[Model]:
        if read:
            await self.read.wait()
        return [Model(MODEL, "Small" if read else MODEL.model)]


async def test_names_are_there_before_new_files_are_read_and_a_server_is_not_asked_for_them() -> None:
    reading, server = Reading(), Server("small")
    server.wait = reading.read
    models = ModelService([reading, server], no_preference)
    parts: list[RuntimeList] = []
    async with aclosing(models.lists()) as lists:
        async for part in lists:
            parts.append(part)
            reading.read.set()
    told = [(part.fresh, part.models[0].model.name) for part in parts if part.status.id == "lines"]
    assert told == [(False, "small"), (True, "Small"), (True, "Small")]
    assert server.asked == 1


async def test_names_stay_while_the_files_are_read_for_long() -> None:
    reading = Reading()
    parts: list[RuntimeList] = []
    async with aclosing(ModelService([reading], no_preference, patience=0.05).lists()) as lists:
        async for part in lists:
            parts.append(part)
            if part.message:
                reading.read.set()
    assert [names(part) for part in parts] == [["small"]] * 4
    assert [part.message for part in parts] == ["", "Lines still reads what its model files say.", "", ""]


async def test_one_that_hangs_says_so_and_holds_up_no_other_and_may_still_answer() -> None:
    server = Server("small")
    server.wait = asyncio.Event()
    models = ModelService([server, Lines()], no_preference, kept("old"), patience=0.05)
    parts: list[RuntimeList] = []
    async with aclosing(models.lists()) as lists:
        async for part in lists:
            parts.append(part)
            if part.message:
                assert [each.status.id for each in parts] == ["server", "lines", "lines", "server"]
                assert (names(part), part.fresh) == (["old"], False)
                assert "has not answered" in part.message
                assert part.hint
                server.wait.set()
    assert [(names(part), part.message) for part in parts if part.status.id == "server"][-1] == (["small"], "")


async def test_a_closed_look_ends_the_asking() -> None:
    server = Server("small")
    server.wait = asyncio.Event()
    before = asyncio.all_tasks()
    async with aclosing(ModelService([server], no_preference, patience=0.02).lists()) as lists:
        assert "has not answered" in (await anext(lists)).message
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("phase", [Phase.STOPPED, Phase.FAILED])
async def test_a_server_that_does_not_answer_shows_its_models_as_they_were_and_why(phase: Phase) -> None:
    seen = kept("old")
    *_, last = await all_of(ModelService([Server(phase=phase)], no_preference, seen))
    assert (names(last), last.fresh) == (["old"], False)
    assert "does not answer" in last.message
    assert [each.ref.model for each in seen.rows["server"].models] == ["old"]


async def test_an_engine_whose_folder_is_empty_now_has_no_models_any_more() -> None:
    class Emptied(Lines):
        async def models(self, *, read: bool = True) -> list[Model]:
            return []

    seen = Seen({"lines": SeenModels(1, "", (Model(MODEL, "Small"),))})
    *_, last = await all_of(ModelService([Emptied()], no_preference, seen))
    assert (last.models, last.fresh, seen.rows["lines"].models) == ((), True, ())


async def test_one_that_fails_says_why_in_its_own_part() -> None:
    server = Server("small")
    server.error = ProviderFailed("It speaks another language.", "Correct its address.")
    parts = await all_of(ModelService([server, Lines()], no_preference))
    (failed,) = [part for part in parts if part.status.id == "server"]
    assert (failed.message, failed.hint, failed.models) == (server.error.message, server.error.hint, ())
    assert any(names(part) == ["small", "other"] for part in parts if part.status.id == "lines")


async def test_a_list_that_cannot_be_kept_is_shown_all_the_same() -> None:
    seen = Seen(broken=True)
    assert names((await all_of(ModelService([Server("small")], no_preference, seen)))[-1]) == ["small"]


async def test_the_list_has_what_is_in_memory_how_fast_it_was_and_a_default_on_this_device() -> None:
    server = Server("small", "large:7b")
    server.loaded = (Loaded(LARGE, memory=9),)
    seen = Seen(told={SMALL: 12.5})
    listed = await ModelService([server, Lines()], no_preference, seen).list(anew=True, places=True)
    told = {str(each.model.ref): (each.phase, each.loaded, each.speed, each.default) for each in listed}
    assert told == {
        "server/small": (Phase.STOPPED, None, 12.5, False),
        "server/large:7b": (Phase.READY, Loaded(LARGE, memory=9), None, False),
        "lines/small": (Phase.STOPPED, None, None, True),
        "lines/other": (Phase.STOPPED, None, None, False),
    }


async def test_a_server_that_was_seen_is_only_asked_again_by_who_wants_it_anew() -> None:
    server, seen = Server("small"), Seen()
    models = ModelService([server], no_preference, seen)
    for anew, asked in ((False, 1), (False, 1), (True, 2)):
        assert [each.model.ref for each in await models.list(anew=anew)] == [SMALL]
        assert server.asked == asked


async def test_a_named_model_of_one_runtime_asks_no_other() -> None:
    server = Server("small")
    models = ModelService([server, Lines()], no_preference)
    assert (await models.choose(MODEL)).ref == MODEL
    assert server.asked == 0


async def test_the_default_is_one_on_this_device_unless_the_user_named_another() -> None:
    server = Server("small")
    assert (await ModelService([server, Lines()], no_preference).choose()).ref == MODEL

    async def prefer_small() -> str:
        return str(SMALL)

    engine = Lines()
    assert (await ModelService([server, engine], prefer_small).choose()).ref == SMALL
    with pytest.raises(NothingLocal):
        await ModelService([server], no_preference).choose()
    near = Server("small", place=Place(Zone.DEVICE, Proof.PROVED))
    assert (await ModelService([near], no_preference).choose()).ref == SMALL


async def test_a_model_of_a_server_that_does_not_run_is_known_from_the_last_look() -> None:
    server = Server(phase=Phase.STOPPED)
    assert (await ModelService([server], no_preference, kept("small")).choose(SMALL)).ref == SMALL
    models = ModelService([server], no_preference, kept("other"))
    await models.look()
    with pytest.raises(Unreachable):
        await models.choose(SMALL)
    server.phase, server.names = Phase.READY, ("other",)
    await models.look()
    with pytest.raises(ModelBroken):
        await models.choose(SMALL)


async def test_a_hostile_name_is_cleaned_for_the_eye_and_kept_for_the_reference() -> None:
    name = "evil\x1b[2J\u202egpj.exe" + "x" * 10_000
    (listed,) = await ModelService([Server(name)], no_preference).list()
    assert listed.model.ref == ModelRef("server", name)
    assert len(listed.model.name) <= 120
    assert not {"\x1b", "\u202e"} & set(listed.model.name)


async def test_a_place_that_cannot_be_read_is_the_farthest() -> None:
    class Lost(Server):
        async def place(self, model: ModelRef) -> Place:
            if model == SMALL:
                raise ProviderFailed("It has gone.")
            await asyncio.sleep(60)
            raise AssertionError

    models = ModelService([Lost("small", "large:7b")], no_preference, patience=0.05)
    places = [each.place for each in await models.list(places=True)]
    assert [(place.zone, place.proof) for place in places if place] == [(Zone.CLOUD, Proof.UNPROVED)] * 2


async def test_a_status_that_does_not_come_is_a_failure_in_words() -> None:
    class Silent(Server):
        async def look(self) -> RuntimeStatus:
            await asyncio.sleep(60)
            raise AssertionError

    statuses = await ModelService([Silent(), Lines()], no_preference, patience=0.05).look()
    assert [(status.id, status.phase) for status in statuses] == [("server", Phase.FAILED), ("lines", Phase.STOPPED)]
    assert "has not answered" in statuses[0].message


async def test_five_thousand_models_are_one_list() -> None:
    many = Server(*(f"m{number}" for number in range(5000)))
    listed: Sequence[object] = await ModelService([many], no_preference, Seen()).list(anew=True, places=True)
    assert len(listed) == 5000
