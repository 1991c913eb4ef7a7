"""Ollama as a runtime, over real HTTP to a server that answers as the real ones did."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from aqe_desktop.core.chat import ChatEvent, Finished, Loading, Noted, Sampling
from aqe_desktop.core.consent import Consent
from aqe_desktop.core.errors import ContextTooLong, EngineCrashed, ModelBroken, Offline, PrivacyRefused, ProviderFailed
from aqe_desktop.core.ledger import Purpose, RowKind
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import ModelRef, Phase, Proof, Zone
from aqe_desktop.machine.door import Door
from aqe_desktop.machine.paths import find_paths, prepare
from aqe_desktop.runtimes.ollama import places
from aqe_desktop.runtimes.ollama.runtime import Ollama
from aqe_desktop.runtimes.ollama.server import Options, Server
from tests.doors import always_offline, never_offline
from tests.runtimes.ollama.replay import Answer, Asked, Replay, of_json, of_lines, recorded
from tests.runtimes.ollama.rows import CLOUD, HERE, QUESTION, SMOL, Rows, text_of, turn

LOADED = {"model": "smol", "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "load"}


class Kept:
    def __init__(self, settings: LoadSettings) -> None:
        self.settings = settings

    async def get(self, model: ModelRef) -> LoadSettings:
        return self.settings

    async def save(self, model: ModelRef, settings: LoadSettings) -> None:
        self.settings = settings


@asynccontextmanager
async def running(
    replay: Replay, rows: Rows | None = None, *, here: bool = True, settings: LoadSettings | None = None
) -> AsyncGenerator[Ollama]:
    """The replayed server is a socket of this very Python: where that is the program that counts as Ollama, it is
    proved to be on this device."""
    paths = find_paths()
    prepare(paths)
    program = Path(sys.executable).resolve() if here else Path("/nowhere/ollama")
    async with replay.listening() as port:
        door = Door(rows or Rows(), never_offline)
        server = Server(paths, door, Options(url=f"http://127.0.0.1:{port}", binary=program), {})
        yield Ollama(paths, door, server, None if settings is None else Kept(settings))
        await door.aclose()


async def answered(runtime: Ollama, **asked: object) -> list[ChatEvent]:
    async with aclosing(runtime.stream(turn(**asked))) as events:  # type: ignore[arg-type]
        return [event async for event in events]


async def gathered(runtime: Ollama, seen: list[ChatEvent]) -> None:
    """What came before an error counts."""
    async with aclosing(runtime.stream(turn())) as events:
        async for event in events:
            seen += [event]


@pytest.fixture
def replay() -> Replay:
    return Replay()


async def test_an_answer_of_a_server_on_this_device_leaves_no_row(
    replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "local-test-key")
    rows = Rows()
    async with running(replay, rows) as runtime:
        events = await answered(runtime)
    assert text_of(events).startswith("A lighthouse is a beacon")
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert (finished.reason, finished.usage.prompt, finished.usage.output) == ("stop", 19, 18)
    assert finished.timing.ttft_s is not None
    assert rows.entries == []
    assert not [each for each in replay.asked if "authorization" in each.headers]


async def test_the_context_is_always_sent_and_nothing_may_be_cut(replay: Replay) -> None:
    async with running(replay) as runtime:
        await answered(runtime, sampling=Sampling(seed=7, think="off"))
    (body,) = replay.bodies("/api/chat")
    assert body["options"] == {"num_ctx": 4096, "seed": 7}
    assert (body["truncate"], body["shift"], body["think"]) == (False, False, False)
    assert "x = 1" in body["messages"][0]["content"]


async def test_a_model_that_is_not_loaded_is_loaded_first_and_its_context_is_said(replay: Replay) -> None:
    replay.answer("/api/ps", of_json({"models": []}))
    replay.answer(
        "/api/chat", lambda asked: recorded("0.17.4/chat-stream") if asked.body["messages"] else of_json(LOADED)
    )
    async with running(replay, settings=LoadSettings(context=2048, keep_alive_s=60, threads=1)) as runtime:
        events = await answered(runtime)
    loading, chat = replay.bodies("/api/chat")
    assert events[0] == Loading("Loading the model with a context of 2\u2009048 tokens")
    assert loading["messages"] == []
    assert loading["options"] == chat["options"] == {"num_ctx": 2048, "num_thread": 1}
    assert loading["keep_alive"] == chat["keep_alive"] == 60


async def test_a_model_of_this_device_that_answers_from_elsewhere_is_stopped_and_told_of(replay: Replay) -> None:
    replay.answer("/api/chat", recorded("0.17.4/cloud-chat-stream"))
    rows, seen = Rows(), list[ChatEvent]()
    async with running(replay, rows) as runtime:
        with pytest.raises(PrivacyRefused, match="upstream"):
            await gathered(runtime, seen)
    assert text_of(seen) == ""
    sent, ended = rows.entries
    assert (sent.kind, sent.zone, sent.host, sent.via) == (RowKind.SENT, Zone.CLOUD, "{upstream}", "ollama")
    assert sent.bytes == len(replay.asked[-1].content)
    assert ended.status == "privacy_refused"


async def test_what_was_to_stay_is_not_sent_where_the_model_has_gone_elsewhere_meanwhile(replay: Replay) -> None:
    async with running(replay) as runtime:
        assert (await runtime.place(SMOL)).proof is Proof.PROVED
        replay.answer("/api/show", recorded("0.17.4/cloud-show"))
        with pytest.raises(PrivacyRefused, match="nothing was sent"):
            await answered(runtime)
    assert replay.bodies("/api/chat") == []


async def test_the_connection_itself_is_looked_at_before_a_question_goes(
    replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A port may change hands between the look at it and the connection."""

    def another(endpoint: object, known: object) -> object:
        async def look(event: str, info: dict[str, Any]) -> None:
            if event.endswith("connect_tcp.complete"):
                await info["return_value"].aclose()
                raise PrivacyRefused("Another server took it.")

        return look

    async with running(replay) as runtime:
        monkeypatch.setattr(places, "same_server", another)
        with pytest.raises(PrivacyRefused, match="Another server"):
            await answered(runtime)
    assert replay.bodies("/api/chat") == []


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (recorded("0.17.4/cloud-show"), "{upstream}"),
        (recorded("0.17.4/cloud-alias-show"), "does not show"),
        (recorded("0.17.4/no-cloud-show"), "does not show"),
        (of_json({"details": {"format": ""}, "model_info": {}}), "does not show"),
        (of_json({"details": {"format": "gguf"}, "model_info": {}}), "does not show"),
        (Answer(200, ["<html>"]), "does not show"),
        (Answer(500, ["{}"]), "does not show"),
    ],
)
async def test_what_show_does_not_prove_local_is_of_the_cloud(replay: Replay, shown: Answer, words: str) -> None:
    replay.answer("/api/show", shown)
    async with running(replay) as runtime:
        place = await runtime.place(SMOL)
    assert place.zone is Zone.CLOUD
    assert words in place.facts[0]


@pytest.mark.parametrize("version", ["0.9.3", "0.17.4"])
async def test_a_model_with_weights_on_a_proved_server_is_here(replay: Replay, version: str) -> None:
    replay.answer("/api/show", recorded(f"{version}/show"))
    async with running(replay) as runtime:
        place = await runtime.place(SMOL)
    assert (place.zone, place.proof) == (Zone.DEVICE, Proof.PROVED)


async def test_a_server_that_nothing_proves_is_of_the_cloud_and_each_request_has_its_row(replay: Replay) -> None:
    rows = Rows()
    async with running(replay, rows, here=False) as runtime:
        place = await runtime.place(SMOL)
        await answered(runtime, place=place)
    assert (place.zone, place.proof) == (Zone.CLOUD, Proof.UNPROVED)
    sent = [each for each in rows.entries if each.kind is RowKind.SENT]
    assert [each.purpose for each in sent] == [Purpose.MODELS, Purpose.CHAT]
    assert {each.zone for each in sent} == {Zone.CLOUD}


async def test_the_body_that_a_yes_is_bound_to_is_the_body_that_is_sent(replay: Replay) -> None:
    async with running(replay, here=False) as runtime:
        await runtime.place(SMOL)
        body = await runtime.body(SMOL, (QUESTION,), Sampling(temperature=0.5))
        assert body is not None
        consent = str(Consent(SMOL, body.host, body.sha256))
        await answered(runtime, place=CLOUD, consent=consent, sampling=Sampling(temperature=0.5))
        assert replay.asked[-1].content == body.content
        with pytest.raises(PrivacyRefused, match="yes to"):
            await answered(runtime, place=CLOUD, consent=consent, sampling=Sampling(temperature=0.6))
    assert len(replay.bodies("/api/chat")) == 1


async def test_nothing_leaves_this_device_so_there_is_no_body_to_agree_to(replay: Replay) -> None:
    async with running(replay) as runtime:
        assert await runtime.body(SMOL, (QUESTION,), Sampling()) is None


async def test_a_cloud_model_may_answer_from_where_it_was_said_to_run_and_nowhere_else(replay: Replay) -> None:
    replay.answer("/api/show", recorded("0.17.4/cloud-show"))
    replay.answer("/api/chat", recorded("0.17.4/cloud-chat-stream"))
    async with running(replay) as runtime:
        place = await runtime.place(SMOL)
        assert text_of(await answered(runtime, place=place))
        replay.answer(
            "/api/chat", of_lines({"remote_host": "http://b:1", "remote_model": "m", "message": {"content": "x"}})
        )
        with pytest.raises(PrivacyRefused, match="b:1"):
            await answered(runtime, place=place)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("0.17.4/server-killed-mid-stream", EngineCrashed),
        ("0.9.3/server-killed-mid-stream", EngineCrashed),
        ("0.17.4/runner-killed-mid-stream", EngineCrashed),
        ("0.17.4/chat-repeat-abort-stream", ProviderFailed),
        ("0.17.4/error-unknown-model", ModelBroken),
        ("0.17.4/chat-num-ctx-truncate-false-stream", ContextTooLong),
    ],
)
async def test_an_answer_that_fails_says_how(replay: Replay, name: str, kind: type[ProviderFailed]) -> None:
    replay.answer("/api/chat", recorded(name))
    seen = list[ChatEvent]()
    async with running(replay) as runtime:
        with pytest.raises(kind):
            await gathered(runtime, seen)
    assert bool(text_of(seen)) is ("stream" in name and "truncate" not in name)


async def test_a_prompt_that_cannot_fit_is_not_sent(replay: Replay) -> None:
    async with running(replay) as runtime:
        with pytest.raises(ContextTooLong) as raised:
            await answered(runtime, text="word " * 5000)
    assert (raised.value.tokens, raised.value.limit) == (5000, 4096)
    assert replay.bodies("/api/chat") == []


async def test_a_prompt_that_an_old_server_cut_is_told_of_after_its_answer(replay: Replay) -> None:
    replay.answer("/api/chat", recorded("0.9.3/chat-history-truncated"))
    async with running(replay, settings=LoadSettings(context=4096)) as runtime:
        events = await answered(runtime, text="word " * 300)
    assert [event for event in events if isinstance(event, Noted)] == [
        Noted("The server cut the prompt without asking: the model saw 216 tokens of a context of 4\u2009096.")
    ]


async def test_stop_closes_the_connection(replay: Replay) -> None:
    async def slowly(number: int) -> None:
        await asyncio.sleep(0 if number < 3 else 60)

    replay.answer("/api/chat", Answer(200, recorded("0.17.4/chat-stream").chunks, after=slowly))
    async with running(replay) as runtime:
        async with aclosing(runtime.stream(turn())) as events:
            await anext(events)
            await anext(events)
        await asyncio.wait_for(replay.left.wait(), 30)


async def test_a_redirect_is_not_followed(replay: Replay) -> None:
    other = Replay()
    async with other.listening() as port, running(replay) as runtime:
        replay.answer("/api/chat", Answer(307, ["x"], headers={"Location": f"http://127.0.0.1:{port}/api/chat"}))
        with pytest.raises(ProviderFailed, match="307"):
            await answered(runtime)
    assert other.asked == []


async def test_the_context_is_the_users_choice_then_the_makers_then_the_loaded_one(replay: Replay) -> None:
    shown = json.loads(recorded("0.17.4/show").chunks[0])
    async with running(replay) as runtime:
        assert await runtime.context(SMOL) == 4096
    replay.answer("/api/show", of_json({**shown, "parameters": "stop  x\nnum_ctx                        1024"}))
    replay.answer("/api/ps", of_json({"models": []}))
    async with running(replay) as runtime:
        assert await runtime.context(SMOL) == 1024
    async with running(replay, settings=LoadSettings(context=100_000)) as runtime:
        assert await runtime.context(SMOL) == 8192


async def test_an_estimate_learns_from_the_last_answer(replay: Replay) -> None:
    text = "In one short sentence, what is an unmistakable lighthouse, notwithstanding circumstances?"
    async with running(replay) as runtime:
        before = await runtime.count(turn(text=text))
        await answered(runtime, text=text)
        after = await runtime.count(turn(text=text))
    assert before > after >= 19


async def test_load_and_unload_ask_for_nothing_else(replay: Replay) -> None:
    replay.answer("/api/chat", of_json(LOADED))
    replay.answer("/api/ps", of_json({"models": []}))
    async with running(replay, settings=LoadSettings(gpu_layers=-1, batch=64, mmap=False, main_gpu=0)) as runtime:
        await runtime.load(SMOL)
        replay.answer("/api/ps", recorded("0.17.4/ps"))
        await runtime.unload()
    loading, unloading = replay.bodies("/api/chat")
    assert loading["options"]["num_gpu"] == 999
    assert loading["options"] | {"num_batch": 64, "use_mmap": False, "main_gpu": 0} == loading["options"]
    assert unloading == {"model": "smol:latest", "messages": [], "keep_alive": 0}


@pytest.mark.parametrize("shown", ["0.17.4/cloud-show", "0.17.4/cloud-alias-show"])
async def test_a_model_of_another_machine_is_not_loaded_for_nothing_may_go_there_yet(
    replay: Replay, shown: str
) -> None:
    replay.answer("/api/show", recorded(shown))
    replay.answer("/api/ps", of_json({"models": []}))
    async with running(replay) as runtime:
        await runtime.load(SMOL)
    assert replay.bodies("/api/chat") == []


async def test_a_model_of_an_unproved_server_is_not_asked_about_more_than_need_be(replay: Replay) -> None:
    rows = Rows()
    async with running(replay, rows, here=False) as runtime:
        await runtime.load(SMOL)
        before = len(rows.entries)
        await runtime.load(SMOL)
    assert replay.bodies("/api/chat") == []
    assert runtime.status.value.phase is Phase.READY
    assert len(rows.entries) - before == 2  # the description, and its end


async def test_the_place_of_the_server_is_not_told_as_that_of_a_model_it_passes_on(replay: Replay) -> None:
    replay.answer("/api/show", recorded("0.17.4/cloud-show"))
    replay.answer("/api/ps", recorded("0.17.4/cloud-ps"))
    cloud = ModelRef("ollama", "smol-cloud:latest")
    async with running(replay) as runtime:
        await runtime.load(cloud)
        status = runtime.status.value
        assert (status.phase, status.model, status.place) == (Phase.READY, cloud, None)
        replay.answer("/api/ps", recorded("0.17.4/ps"))
        assert (await runtime.look()).place is None


async def test_a_look_tells_what_is_loaded_and_until_when(replay: Replay) -> None:
    async with running(replay) as runtime:
        status = await runtime.look()
    (loaded,) = status.loaded
    assert (status.phase, status.version, status.ours) == (Phase.READY, "0.17.4", False)
    assert status.place is not None
    assert status.place.zone is Zone.DEVICE
    assert (loaded.model, loaded.memory, loaded.vram, loaded.context) == (SMOL, 190948608, 0, 4096)
    assert loaded.until == 1795501500110
    assert loaded.confirmed == {"context": 4096}
    assert (status.model, status.details) == (SMOL, (("On the GPU", "0 %"),))


@pytest.mark.parametrize(("version", "old"), [("0.8.0", True), ("0.9.3", False), ("0.17.4", False), ("0.0.0", False)])
async def test_a_version_that_is_too_old_is_warned_about(replay: Replay, version: str, old: bool) -> None:
    replay.answer("/api/version", of_json({"version": version}))
    async with running(replay) as runtime:
        warnings = (await runtime.look()).warnings
    assert any("older than" in each for each in warnings) is old


async def test_a_crash_under_an_answer_shows_in_the_status_at_once(replay: Replay) -> None:
    async with running(replay) as runtime:
        await runtime.load(SMOL)
        assert runtime.status.value.loaded
        gone = of_json({"models": []})
        replay.answer("/api/chat", recorded("0.17.4/runner-killed-mid-stream"))
        replay.answer("/api/ps", lambda _: gone if replay.bodies("/api/chat") else recorded("0.17.4/ps"))
        with pytest.raises(EngineCrashed):
            await gathered(runtime, [])
        assert runtime.status.value.loaded == ()


@pytest.mark.parametrize("answer", [Answer(200, ["<html>"]), Answer(404, ["404"]), Answer(500, ["{}"]), of_json([1])])
async def test_a_server_that_is_no_ollama_has_no_models_and_says_why(replay: Replay, answer: Answer) -> None:
    replay.answers = {path: lambda _: answer for path in replay.answers}
    async with running(replay) as runtime:
        assert await runtime.models() == []
        status = await runtime.look()
    assert status.phase is Phase.FAILED
    assert status.message
    assert status.hint


@pytest.mark.parametrize(("here", "phase"), [(True, Phase.STOPPED), (False, Phase.ABSENT)])
async def test_where_nothing_answers_there_is_nothing(replay: Replay, here: bool, phase: Phase) -> None:
    async with running(replay, here=here) as runtime:
        pass
    assert await runtime.models() == []
    assert (await runtime.look()).phase is phase


async def test_offline_asks_a_server_that_is_not_proved_nothing(replay: Replay) -> None:
    paths = find_paths()
    prepare(paths)
    async with replay.listening() as port:
        door = Door(Rows(), always_offline)
        runtime = Ollama(paths, door, Server(paths, door, Options(url=f"http://127.0.0.1:{port}"), {"PATH": ""}))
        assert await runtime.models() == []
        assert (await runtime.look()).phase is Phase.FAILED
        assert (await runtime.place(SMOL)).zone is Zone.CLOUD
        with pytest.raises(Offline):
            await answered(runtime, place=CLOUD)
    assert replay.asked == []


async def test_a_load_that_fails_shows_in_the_status(replay: Replay) -> None:
    replay.answer("/api/ps", of_json({"models": []}))
    replay.answer("/api/chat", recorded("0.17.4/error-model-file-cut"))
    async with running(replay) as runtime:
        with pytest.raises(ModelBroken, match="damaged"):
            await runtime.load(SMOL)
        assert runtime.status.value.phase is Phase.FAILED


async def test_a_question_of_an_unknown_model_is_answered_in_our_words(replay: Replay) -> None:
    def none(asked: Asked) -> Answer:
        return recorded("0.17.4/error-unknown-model")

    replay.answers |= {"/api/show": none, "/api/chat": none}
    async with running(replay) as runtime:
        with pytest.raises(ModelBroken, match="is not on the server"):
            await answered(runtime, place=CLOUD)
    assert HERE.proof is Proof.PROVED
