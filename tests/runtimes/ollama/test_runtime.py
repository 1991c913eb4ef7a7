"""Ollama as a runtime, over real HTTP to a server that answers as the real ones did."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing

import pytest

from aqe_desktop.core.chat import ChatEvent, Finished, Loading, Noted, Sampling
from aqe_desktop.core.errors import ContextTooLong, EngineCrashed, ModelBroken, ProviderFailed
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import Phase, Proof, Zone
from tests.runtimes.ollama.replay import Answer, Asked, Replay, of_json, recorded
from tests.runtimes.ollama.replayed import LOADED, answered, gathered, running
from tests.runtimes.ollama.rows import CLOUD, HERE, SMOL, Rows, text_of, turn


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


async def test_a_look_tells_what_is_loaded_and_until_when(replay: Replay) -> None:
    async with running(replay) as runtime:
        status = await runtime.look()
    (loaded,) = status.loaded
    assert (status.phase, status.version, status.ours) == (Phase.READY, "0.17.4", False)
    assert status.place is not None
    assert status.place.zone is Zone.DEVICE
    assert (loaded.model, loaded.memory, loaded.vram, loaded.context) == (SMOL, 190948608, 0, 4096)
    assert loaded.until == 1795501500110
    assert loaded.confirmed == {"context": 4096, "gpu_layers": 0}
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


async def test_changed_settings_reach_a_loaded_model_once(replay: Replay) -> None:
    replay.answer("/api/chat", lambda _asked: of_json(LOADED))
    async with running(replay, settings=LoadSettings(context=4096, threads=1, keep_alive_s=60)) as runtime:
        await runtime.load(SMOL)
        await runtime.load(SMOL)
    (loading,) = replay.bodies("/api/chat")
    assert (loading["options"], loading["keep_alive"]) == ({"num_ctx": 4096, "num_thread": 1}, 60)
