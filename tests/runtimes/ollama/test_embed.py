"""Ollama's vectors: as both versions gave them, never of a text that was cut, never from elsewhere unseen."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from aqe_desktop.core.chat import Message, Role, Sampling, Turn
from aqe_desktop.core.errors import ContextTooLong, ModelBroken, PrivacyRefused, ProviderFailed
from aqe_desktop.core.ledger import Purpose, RowKind
from aqe_desktop.core.models import Zone
from tests.runtimes.ollama.replay import Answer, Replay, of_json, of_lines, recorded
from tests.runtimes.ollama.replayed import LOADED, answered, running
from tests.runtimes.ollama.rows import CLOUD, Rows, turn


def _turn(*texts: str, elsewhere: bool = False) -> Turn:
    messages = tuple(Message(Role.USER, text) for text in texts)
    made = turn(CLOUD) if elsewhere else turn()
    return replace(made, messages=messages, purpose=Purpose.EMBED)


@pytest.mark.parametrize(("name", "dimensions"), [("0.9.3/embed", 576), ("0.17.4/embed-on-chat-model", 8)])
async def test_each_text_has_its_vector_and_nothing_leaves_a_row(name: str, dimensions: int) -> None:
    replay, rows = Replay(), Rows()
    replay.answer("/api/embed", recorded(name))
    async with running(replay, rows) as runtime:
        found = await runtime.embed(_turn("a lighthouse", "a ship"))
    assert (len(found.vectors), found.dimensions, found.usage.input) == (2, dimensions, 4)
    (body,) = replay.bodies("/api/embed")
    assert (body["input"], body["truncate"], body["options"]) == (["a lighthouse", "a ship"], False, {"num_ctx": 4096})
    assert rows.entries == []


@pytest.mark.parametrize("name", ["0.9.3/embed-too-long-no-truncate", "0.17.4/embed-too-long"])
async def test_a_text_that_does_not_fit_is_refused_and_not_cut(name: str) -> None:
    """Whether the server says so, or cuts it all the same."""
    replay = Replay()
    replay.answer("/api/embed", recorded(name))
    async with running(replay) as runtime:
        with pytest.raises(ContextTooLong) as raised:
            await runtime.embed(_turn("word " * 600))
    assert "Split the text" in raised.value.hint


async def test_vectors_that_come_from_elsewhere_are_refused() -> None:
    replay, rows = Replay(), Rows()
    told = json.loads(recorded("0.9.3/embed").chunks[0])
    replay.answer("/api/embed", of_json({**told, "remote_host": "https://ollama.com", "remote_model": "m"}))
    async with running(replay, rows) as runtime:
        with pytest.raises(PrivacyRefused, match=r"comes from ollama\.com"):
            await runtime.embed(_turn("a", "b"))
    sent, ended = rows.entries
    assert (sent.zone, sent.host, sent.via, sent.purpose) == (Zone.CLOUD, "ollama.com", "ollama", Purpose.EMBED)
    assert (ended.kind, ended.of, ended.status) == (RowKind.ENDED, 1, PrivacyRefused.kind)


async def test_what_goes_elsewhere_has_its_row() -> None:
    replay, rows = Replay(), Rows()
    replay.answer("/api/embed", recorded("0.9.3/embed"))
    async with running(replay, rows, here=False) as runtime:
        await runtime.embed(_turn("a", "b", elsewhere=True))
    sent = [row for row in rows.entries if row.kind is RowKind.SENT and row.purpose is Purpose.EMBED]
    assert len(sent) == 1


async def test_what_is_for_this_device_does_not_go_to_a_server_that_is_not_proved_there() -> None:
    replay = Replay()
    async with running(replay, here=False) as runtime:
        with pytest.raises(PrivacyRefused, match="not proved any more"):
            await runtime.embed(_turn("a"))
    assert replay.bodies("/api/embed") == []


async def test_a_model_that_cannot_chat_is_loaded_by_asking_for_no_vectors() -> None:
    replay = Replay()
    shown = json.loads(recorded("0.17.4/show").chunks[0])
    replay.answer("/api/show", of_json({**shown, "capabilities": ["embedding"]}))
    replay.answer("/api/ps", of_json({"models": []}))
    replay.answer("/api/embed", of_json({"model": "smol", "embeddings": []}))
    async with running(replay) as runtime:
        await runtime.load(turn().model)
    (body,) = replay.bodies("/api/embed")
    assert body["input"] == []
    assert replay.bodies("/api/chat") == []


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (of_json({"error": 'model "smol" not found, try pulling it first'}, 404), ModelBroken),
        (of_json({"error": "this model does not support embeddings"}, 400), ProviderFailed),
        (Answer(200, ['{"embeddings": [['], cut=True), ProviderFailed),
    ],
)
async def test_a_failure_is_said_with_the_next_step(made: Answer, kind: type[ProviderFailed]) -> None:
    replay = Replay()
    replay.answer("/api/embed", made)
    async with running(replay) as runtime:
        with pytest.raises(kind) as raised:
            await runtime.embed(_turn("a"))
    assert raised.value.hint


TOOLS = '[{"type": "function", "function": {"name": "get_weather"}}]'


async def test_no_text_goes_to_another_machines_model_that_makes_no_vectors() -> None:
    """Version 0.17.4 has a way to chat with such a model and none to embed; it would say that there is no such one."""
    replay, rows = Replay(), Rows()
    replay.answer("/api/show", recorded("0.17.4/cloud-show"))
    async with running(replay, rows) as runtime:
        with pytest.raises(ModelBroken, match="makes no vectors, so nothing was sent"):
            await runtime.embed(_turn("a", elsewhere=True))
    assert replay.bodies("/api/embed") == []
    assert [row for row in rows.entries if row.purpose is Purpose.EMBED] == []


async def test_another_machines_model_that_is_made_for_vectors_is_asked_for_them() -> None:
    replay = Replay()
    shown = json.loads(recorded("0.17.4/cloud-show").chunks[0])
    replay.answer("/api/show", of_json({**shown, "capabilities": ["embedding"]}))
    replay.answer("/api/embed", recorded("0.9.3/embed"))
    async with running(replay) as runtime:
        await runtime.embed(_turn("a", "b", elsewhere=True))
    assert len(replay.bodies("/api/embed")) == 1


async def test_tools_are_not_sent_to_a_model_that_cannot_call_any() -> None:
    replay = Replay()
    async with running(replay) as runtime:
        with pytest.raises(ProviderFailed, match="cannot call tools, so nothing was sent"):
            await answered(runtime, sampling=Sampling(tools=TOOLS))
    assert replay.bodies("/api/chat") == []


async def test_tools_are_sent_to_a_model_that_can_and_not_when_it_is_loaded() -> None:
    replay = Replay()
    shown = json.loads(recorded("0.17.4/show").chunks[0])
    replay.answer("/api/show", of_json({**shown, "capabilities": ["completion", "tools"]}))
    replay.answer("/api/ps", of_json({"models": []}))
    replay.answer(
        "/api/chat",
        lambda asked: recorded("0.17.4/chat-tools-call-stream") if asked.body["messages"] else of_lines(LOADED),
    )
    async with running(replay) as runtime:
        await answered(runtime, sampling=Sampling(tools=TOOLS))
    loading, chat = replay.bodies("/api/chat")
    assert "tools" not in loading
    assert chat["tools"] == json.loads(TOOLS)
