"""Every recorded exchange of four real servers, served again over real HTTP: what each holds is what comes out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aqe_desktop.core.chat import Finished
from aqe_desktop.core.errors import ContextTooLong, EngineCrashed, ProviderFailed
from aqe_desktop.core.models import Phase
from tests.runtimes.ollama.replay import Answer, Replay
from tests.runtimes.servers.served import JSON, answer, exchange, recordings, replayed, running, text_of, turn

_CHATS = recordings("/v1/chat/completions")


def _told(name: str) -> list[dict[str, Any]]:
    """The chunks of a stream, or the one answer, read in the plainest way."""
    response = exchange(name)["response"]
    text = "".join(text for _, text in response.get("chunks") or [])
    if not text:
        return [json.loads(response["body"])] if (response.get("body") or "").startswith("{") else []
    lines = [line.removeprefix("data: ") for line in text.split("\n") if line.startswith("data: {")]
    return [json.loads(line) for line in lines]


def _text(name: str) -> str:
    choices = [choice for told in _told(name) for choice in told.get("choices") or []]
    return "".join((each.get("delta") or each.get("message") or {}).get("content") or "" for each in choices)


def _ended(name: str) -> bool:
    return any(each.get("finish_reason") for told in _told(name) for each in told.get("choices") or [])


@pytest.mark.parametrize("name", [each for each in _CHATS if exchange(each)["response"]["status"] == 200])
async def test_an_answer_comes_out_whole_or_as_the_failure_that_it_is(name: str) -> None:
    replay = Replay()
    cut = replayed(name)
    replay.answer("/v1/chat/completions", cut)
    async with running(replay) as server:
        if not _ended(name):
            with pytest.raises(ProviderFailed) as failed:
                await answer(server)
            assert failed.value.hint
            return
        found = await answer(server)
    (finished,) = [event for event in found if isinstance(event, Finished)]
    assert text_of(found) == _text(name)
    usage = next((told["usage"] for told in reversed(_told(name)) if told.get("usage")), None)
    if usage:
        assert (finished.usage.prompt, finished.usage.output) == (usage["prompt_tokens"], usage["completion_tokens"])


@pytest.mark.parametrize("name", [each for each in _CHATS if exchange(each)["response"]["status"] != 200])
async def test_a_refusal_is_said_in_our_words_with_the_next_step(name: str) -> None:
    replay = Replay()
    replay.answer("/v1/chat/completions", replayed(name))
    async with running(replay) as server:
        with pytest.raises(ProviderFailed) as failed:
            await answer(server)
    error = failed.value
    assert error.hint
    assert not error.message.partition(": ")[2].startswith(("{", "<"))
    assert "/" not in error.message.replace("http://", "")
    status = exchange(name)["response"]["status"]
    assert isinstance(error, ContextTooLong) == ("context-length" in name)
    assert ("API key" in error.message) == (status == 401)


@pytest.mark.parametrize("name", recordings("/v1/models"))
async def test_a_list_is_read_with_what_its_server_tells(name: str) -> None:
    replay = Replay()
    replay.answer("/v1/models", replayed(name))
    async with running(replay) as server:
        models = await server.models()
        if exchange(name)["response"]["status"] != 200:
            status = await server.look()
            assert (models, status.phase) == ([], Phase.FAILED)
            assert status.message
            assert status.hint
            return
    rows = _told(name)[0]["data"]
    assert [each.ref.model for each in models] == [row["id"] for row in rows]
    for model, row in zip(models, rows, strict=True):
        meta = row.get("meta") or {}
        assert model.size == meta.get("size", 0)
        assert model.context == meta.get("n_ctx_train", row.get("max_model_len", 0))
        assert model.name == row["id"].removeprefix("{models}/").removesuffix(".gguf") or "{" in model.name


@pytest.mark.parametrize(
    ("models", "kind", "context"),
    [
        ("llama-server/models", "llama.cpp server", 1024),
        ("xllamacpp/models", "llama.cpp server", 1024),
        ("llama-cpp-python/models", "llama-cpp-python server", 0),
        ("vllm/models", "vLLM", 1024),
    ],
)
async def test_a_server_is_recognised_with_its_context_and_health(models: str, kind: str, context: int) -> None:
    replay = Replay()
    replay.answer("/v1/models", replayed(models))
    replay.answer("/health", Answer(200, ["{}"]))
    replay.answer("/version", replayed("vllm/version"))
    replay.answer("/props", Answer(200, ['{"build_info": "b11434-abc"}'], headers=JSON))
    async with running(replay) as server:
        status = await server.look()
        (model,) = await server.models()
        assert (status.phase, status.name) == (Phase.READY, f"box ({kind})")
        assert await server.context(model.ref) == context
        if kind == "vLLM":
            assert status.version == "0.32.0"
            replay.answer("/health", Answer(503, []))
            assert (await server.look()).phase is Phase.FAILED


async def test_a_stream_that_was_terminated_and_kept_open_is_a_stall_that_is_said() -> None:
    """vLLM, told to stop, sends nothing more and keeps the connection open."""
    replay = Replay()
    stalled = replayed("vllm/server-terminated-mid-stream")

    async def for_ever(number: int) -> None:
        if number == len(stalled.chunks) - 1:
            await replay.left.wait()

    stalled.after = for_ever
    replay.answer("/v1/chat/completions", stalled)
    async with running(replay, patience=0.3) as server:
        with pytest.raises(EngineCrashed, match=r"sent nothing for 0\.3 seconds"):
            await answer(server, turn())


def test_the_recordings_are_found() -> None:
    assert len(_CHATS) > 40
