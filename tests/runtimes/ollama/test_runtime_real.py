"""A genuine Ollama answers: streams, stops, thinks, dies, comes back, and passes nothing on unseen."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from aqe_desktop.core.chat import ChatEvent, Finished, Loading, Parameters, ReasoningDelta, Routed, Sampling, TextDelta
from aqe_desktop.core.errors import (
    AqeError,
    ContextTooLong,
    EngineCrashed,
    ModelBroken,
    NothingLocal,
    PrivacyRefused,
    ProviderFailed,
)
from aqe_desktop.core.ledger import RowKind
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import Capability, ModelRef, Phase, Proof, Zone
from aqe_desktop.machine.files import read_attachment
from aqe_desktop.runtimes.ollama.places import UNKNOWN
from aqe_desktop.runtimes.ollama.runtime import Ollama
from aqe_desktop.services.chat import ChatService
from aqe_desktop.services.clearing import Request
from aqe_desktop.services.models import ModelService
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.store.writers import Writer
from tests.parts import coder_model
from tests.runtimes.ollama.pairs import EXAMPLES, THINKS, Serving, ref, runtime_of, serving
from tests.runtimes.ollama.replayed import Kept
from tests.runtimes.ollama.rows import Rows, text_of, turn
from tests.services.privately import asks, clearing_over

pytestmark = pytest.mark.long
# Threads that wait for each other stand still where other programs have the cores.
SMALL = LoadSettings(context=1024, threads=1, keep_alive_s=120)
SECRET = "The key is AKIAIOSFODNN7EXAMQLE, with aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzQ1"
STORY = "Write a very long story about a lighthouse keeper."
SHORT = Sampling(temperature=0, seed=1, max_output=16)


@pytest.fixture
def server(tmp_path: Path, starter_model: Path) -> Iterator[Serving]:
    with serving(tmp_path / "first") as server:
        server.create("smol", starter_model)
        yield server


@pytest.fixture
def forwarder(tmp_path: Path, server: Serving) -> Iterator[Serving]:
    """Another server, which may pass questions on to the first."""
    with serving(tmp_path / "second", OLLAMA_REMOTES="127.0.0.1") as forwarder:
        forwarder.forward("smol-cloud", server)
        yield forwarder


async def asked(runtime: Ollama, model: ModelRef, text: str, sampling: Sampling = SHORT) -> list[ChatEvent]:
    place = await runtime.place(model)
    async with aclosing(runtime.stream(turn(place, model=model, text=text, sampling=sampling))) as events:
        return [event async for event in events]


async def begun(runtime: Ollama, model: ModelRef, words: int) -> list[ChatEvent]:
    """A long answer, left after so many words."""
    seen = list[ChatEvent]()
    place = await runtime.place(model)
    sampling = Sampling(temperature=0, seed=1, max_output=600)
    async with aclosing(runtime.stream(turn(place, model=model, text=STORY, sampling=sampling))) as events:
        async for event in events:
            seen.append(event)
            if sum(isinstance(each, TextDelta) for each in seen) >= words:
                break
    return seen


def spent(pid: int) -> int:
    """Processor time in clock ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


async def idle(pid: int) -> bool:
    before = await asyncio.to_thread(spent, pid)
    await asyncio.sleep(0.5)
    return await asyncio.to_thread(spent, pid) - before <= 5


async def test_it_loads_answers_and_tells_what_is_in_memory(server: Serving) -> None:
    rows = Rows()
    async with runtime_of(server, rows, kept=Kept(SMALL)) as runtime:
        (model,) = await runtime.models()
        events = await asked(runtime, ref("smol"), "In one short sentence, what is a lighthouse?")
        status = await runtime.look()
        (loaded,) = status.loaded
        assert (model.ref, model.context, model.remote) == (ref("smol"), 8192, "")
        assert events[0] == Loading("Loading the model with a context of 1\u2009024 tokens")
        assert "lighthouse" in text_of(events)
        finished = events[-1]
        assert isinstance(finished, Finished)
        assert finished.usage.prompt == 19
        assert finished.timing.tokens_per_s is not None
        assert (status.phase, loaded.model, loaded.context, loaded.vram) == (Phase.READY, ref("smol"), 1024, 0)
        assert loaded.until is not None
        again = await asked(runtime, ref("smol"), "And a harbour?")
        assert not [event for event in again if isinstance(event, Loading)]
        await runtime.unload(ref("smol"))
        assert runtime.status.value.loaded == ()
    assert rows.entries == []


async def test_stop_ends_the_work_of_the_server(server: Serving) -> None:
    async with runtime_of(server, kept=Kept(SMALL)) as runtime:
        assert text_of(await begun(runtime, ref("smol"), 5))
        (runner,) = server.runners()
        async with asyncio.timeout(30):
            while not await idle(runner):
                pass


async def test_a_runner_that_dies_in_mid_answer_is_told_and_the_next_question_is_answered(server: Serving) -> None:
    async with runtime_of(server, kept=Kept(SMALL)) as runtime:
        seen = list[ChatEvent]()
        with pytest.raises(EngineCrashed):
            await killed(runtime, seen, lambda: os.kill(server.runners()[0], signal.SIGKILL))
        assert text_of(seen)
        assert text_of(await asked(runtime, ref("smol"), "What is a lighthouse?"))


async def test_a_server_that_dies_in_mid_answer_is_told_and_may_be_started_again(server: Serving) -> None:
    async with runtime_of(server, kept=Kept(SMALL)) as runtime:
        seen = list[ChatEvent]()
        with pytest.raises(EngineCrashed):
            await killed(runtime, seen, server.kill)
        assert text_of(seen)
        assert (await runtime.look()).phase is Phase.STOPPED
        await asyncio.to_thread(server.end)
        await asyncio.to_thread(server.start)
        assert text_of(await asked(runtime, ref("smol"), "What is a lighthouse?"))


async def killed(runtime: Ollama, seen: list[ChatEvent], kill: object) -> None:
    place = await runtime.place(ref("smol"))
    sampling = Sampling(temperature=0, seed=1, max_output=600)
    async with aclosing(runtime.stream(turn(place, text=STORY, sampling=sampling))) as events:
        async for event in events:
            seen += [event]
            if sum(isinstance(each, TextDelta) for each in seen) == 5 and callable(kill):
                await asyncio.to_thread(kill)


async def test_a_prompt_that_is_too_long_is_refused_and_not_cut(server: Serving) -> None:
    async with runtime_of(server, kept=Kept(LoadSettings(context=128, threads=1))) as runtime:
        with pytest.raises(ContextTooLong) as raised:
            await asked(runtime, ref("smol"), "0123456789" * 60)
        assert raised.value.limit == 128
        full = await asked(runtime, ref("smol"), STORY, Sampling(temperature=0, seed=1, max_output=600))
        assert isinstance(full[-1], Finished)
        assert full[-1].reason == "length"
        assert full[-1].usage.prompt + full[-1].usage.output <= 130


async def test_an_answer_fits_its_schema(server: Serving) -> None:
    schema = '{"type": "object", "properties": {"year": {"type": "integer"}}, "required": ["year"]}'
    async with runtime_of(server, kept=Kept(SMALL)) as runtime:
        events = await asked(runtime, ref("smol"), "When was it built?", Sampling(temperature=0, seed=1, schema=schema))
        assert isinstance(json.loads(text_of(events))["year"], int)
        with pytest.raises(ProviderFailed, match="schema"):
            await asked(runtime, ref("smol"), "When?", Sampling(schema='{"type": 7}'))


async def test_thinking_is_apart_from_the_answer_and_can_be_turned_off(server: Serving) -> None:
    server.create("thinker", coder_model(), template=THINKS, messages=EXAMPLES)
    question, thinker = "How many legs do three dogs have?", ref("thinker")
    plain = Sampling(temperature=0, seed=1, max_output=60)
    async with runtime_of(server, kept=Kept(SMALL)) as runtime:
        models = {each.ref: each for each in await runtime.models()}
        assert Capability.THINKING in models[thinker].capabilities
        on = await asked(runtime, thinker, question, Sampling(temperature=0, seed=1, max_output=60, think="on"))
        off = await asked(runtime, thinker, question, Sampling(temperature=0, seed=1, max_output=60, think="off"))
        assert [event for event in on if isinstance(event, ReasoningDelta)]
        assert not [event for event in off if isinstance(event, ReasoningDelta)]
        assert text_of(off)
        with pytest.raises(ProviderFailed, match="levels"):
            await asked(runtime, thinker, question, Sampling(think="high"))
        with pytest.raises(ProviderFailed, match="cannot think"):
            await asked(runtime, ref("smol"), question, Sampling(think="on"))
        assert text_of(await asked(runtime, ref("smol"), question, plain))


async def test_a_model_that_is_not_there_is_told(server: Serving) -> None:
    async with runtime_of(server) as runtime:
        assert (await runtime.place(ref("nope"))).zone is Zone.CLOUD
        with pytest.raises(ModelBroken):
            await asked(runtime, ref("nope"), "What is a lighthouse?")


async def test_a_cloud_model_is_one_in_every_list_whatever_its_name(server: Serving, forwarder: Serving) -> None:
    forwarder.ask("POST", "/api/copy", {"source": "smol-cloud", "destination": "diary"})
    forwarder.ask("POST", "/api/experimental/aliases", {"alias": "helper", "target": "smol-cloud"})
    upstream = server.url.removeprefix("http://")
    rows = Rows()
    async with runtime_of(forwarder, rows) as runtime:
        assert {each.ref.model: each.remote for each in await runtime.models()} == {
            "diary:latest": upstream,
            "smol-cloud:latest": upstream,
        }
        for name in ("smol-cloud", "diary"):
            place = await runtime.place(ref(name))
            assert (place.zone, place.proof) == (Zone.CLOUD, Proof.PROVED)
            assert upstream in place.facts[0]
        assert (await runtime.place(ref("helper"))).zone is Zone.CLOUD
        assert rows.entries == []
        assert text_of(await asked(runtime, ref("diary"), "What is a lighthouse?"))
    sent = [each for each in rows.entries if each.kind is RowKind.SENT]
    assert [(each.zone, each.model) for each in sent] == [(Zone.CLOUD, "ollama/diary:latest")]


async def test_a_chat_with_a_cloud_model_goes_through_all_services(
    forwarder: Serving, starter_model: Path, tmp_path: Path
) -> None:
    forwarder.create("smol", starter_model)
    database = await Database.open(tmp_path / "history.db")
    writer = Writer.claim(tmp_path / "writers")

    async def none() -> str:
        return ""

    async with runtime_of(forwarder, kept=Kept(SMALL)) as runtime:
        models = ModelService([runtime], none)
        store = await ConversationStore.open(database, writer)
        chat = ChatService(store, models, clearing_over(models, database), read_attachment)
        for name, zone in (("smol-cloud", Zone.CLOUD), ("smol", Zone.DEVICE)):
            parameters = Parameters("", SHORT)
            async with aclosing(
                chat.ask(None, "What is a lighthouse?", model=ref(name), parameters=parameters)
            ) as events:
                seen = [event async for event in events]
            assert [event.place.zone for event in seen if isinstance(event, Routed)] == [zone]
            assert text_of(seen)
        with pytest.raises((PrivacyRefused, NothingLocal)):
            async with aclosing(chat.ask(None, SECRET, model=ref("smol-cloud"), parameters=parameters)) as events:
                seen = [event async for event in events]
        await chat.aclose()
    writer.release()
    await database.close()


async def test_an_alias_of_a_cloud_model_is_not_known_to_be_anybodys(server: Serving, forwarder: Serving) -> None:
    forwarder.ask("POST", "/api/experimental/aliases", {"alias": "helper", "target": "smol-cloud"})
    async with runtime_of(forwarder) as runtime:
        assert await runtime._remote("helper") == UNKNOWN
        assert text_of(await asked(runtime, ref("helper"), "What is a lighthouse?"))


@pytest.mark.parametrize("name", ["smol-cloud", "diary", "helper"])
async def test_a_private_text_is_never_cleared_for_a_cloud_model(
    server: Serving, forwarder: Serving, tmp_path: Path, name: str
) -> None:
    forwarder.ask("POST", "/api/copy", {"source": "smol-cloud", "destination": "diary"})
    forwarder.ask("POST", "/api/experimental/aliases", {"alias": "helper", "target": "smol-cloud"})
    database = await Database.open(tmp_path / "history.db")

    async def none() -> str:
        return ""

    async with runtime_of(forwarder) as runtime:
        clearing = clearing_over(ModelService([runtime], none), database)
        with pytest.raises((PrivacyRefused, NothingLocal)):
            await clearing.clear(Request(asks(SECRET), model=ref(name)))
        cleared = await clearing.clear(Request(asks("What is a lighthouse?"), model=ref(name)))
        assert cleared.turn.farthest is Zone.CLOUD
    await database.close()


async def test_a_private_text_is_cleared_for_a_model_of_this_device(server: Serving, tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "history.db")

    async def none() -> str:
        return ""

    async with runtime_of(server, kept=Kept(SMALL)) as runtime:
        clearing = clearing_over(ModelService([runtime], none), database)
        cleared = await clearing.clear(
            Request(asks("My key is AKIAIOSFODNN7EXAMQLE."), model=ref("smol"), sampling=SHORT)
        )
        async with aclosing(runtime.stream(cleared.turn)) as events:
            assert text_of([event async for event in events])
    await database.close()


async def test_a_model_that_moves_to_the_cloud_while_it_loads_gets_no_text(
    server: Serving, forwarder: Serving, starter_model: Path
) -> None:
    forwarder.create("smol", starter_model)
    async with runtime_of(forwarder, kept=Kept(SMALL)) as runtime:
        with pytest.raises(PrivacyRefused, match="nothing was sent"):
            await moved(runtime, forwarder, server)


async def moved(runtime: Ollama, forwarder: Serving, server: Serving) -> None:
    place = await runtime.place(ref("smol"))
    assert place.zone is Zone.DEVICE
    async with aclosing(runtime.stream(turn(place, text=STORY))) as events:
        async for event in events:
            assert isinstance(event, Loading)
            await asyncio.to_thread(_exchange, forwarder, server)


def _exchange(forwarder: Serving, server: Serving) -> None:
    forwarder.ask("DELETE", "/api/delete", {"model": "smol"})
    forwarder.forward("smol", server)


async def test_a_model_that_moves_to_the_cloud_under_a_question_is_stopped_and_the_ledger_says_so(
    server: Serving, forwarder: Serving, starter_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forwarder.create("smol", starter_model)
    rows, seen = Rows(), list[ChatEvent]()

    async def loaded(self: Ollama, plan: object) -> bool:
        """The last look before the question goes: just after it the model is another one."""
        await asyncio.to_thread(_exchange, forwarder, server)
        return True

    async with runtime_of(forwarder, rows, kept=Kept(SMALL)) as runtime:
        monkeypatch.setattr(Ollama, "_is_loaded", loaded)
        with pytest.raises(AqeError) as raised:
            await killed(runtime, seen, None)
    assert isinstance(raised.value, PrivacyRefused)
    assert text_of(seen) == ""
    assert [(each.host, each.via) for each in rows.entries if each.kind is RowKind.SENT] == [
        (server.url.removeprefix("http://"), "ollama")
    ]
