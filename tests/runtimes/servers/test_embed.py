"""Vectors of a server of the user's own: as real ones gave them, or the reason why there are none."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from aqe_desktop.core.chat import Message, Role, Turn
from aqe_desktop.core.errors import PrivacyRefused, ProviderFailed
from aqe_desktop.core.ledger import Purpose, RowKind
from aqe_desktop.core.models import Zone
from tests.runtimes.ollama.replay import Answer, Replay, of_json
from tests.runtimes.ollama.rows import Rows
from tests.runtimes.servers.served import JSON, exchange, recordings, replayed, running, turn

_RECORDED = recordings("/v1/embeddings")


def _turn(*texts: str) -> Turn:
    return replace(turn(), messages=tuple(Message(Role.USER, text) for text in texts), purpose=Purpose.EMBED)


@pytest.mark.parametrize("name", _RECORDED)
async def test_a_recorded_answer_is_vectors_or_says_why_there_are_none(name: str) -> None:
    asked = exchange(name)
    replay, rows = Replay(), Rows()
    replay.answer("/v1/embeddings", replayed(name))
    texts = asked["request"]["body"]["input"]
    async with running(replay, rows) as server:
        if asked["response"]["status"] == 200:
            found = await server.embed(_turn(*texts))
            assert (len(found.vectors), found.dimensions) == (len(texts), 576)
            assert found.usage.input == 4
        else:
            with pytest.raises(ProviderFailed, match="makes no vectors with smol") as raised:
                await server.embed(_turn(*texts))
            assert "--embeddings" in raised.value.hint
    sent = [row.purpose for row in rows.entries if row.kind is RowKind.SENT]
    assert sent == [Purpose.EMBED]


def test_both_ends_were_recorded() -> None:
    assert {exchange(name)["response"]["status"] for name in _RECORDED} >= {200, 404, 501}


@pytest.mark.parametrize(
    "made",
    [
        of_json({"data": [{"index": 0, "embedding": [1.0]}], "remote_host": "https://ollama.com"}),
        Answer(200, [json.dumps({"data": []})], headers={**JSON, "x-litellm-model-api-base": "https://cloud"}),
    ],
)
async def test_vectors_of_another_machine_are_refused_where_they_say_so(made: Answer) -> None:
    replay, rows = Replay(), Rows()
    replay.answer("/v1/embeddings", made)
    async with running(replay, rows) as server:
        with pytest.raises(PrivacyRefused, match="passed the question on"):
            await server.embed(_turn("a"))
    strayed = [row for row in rows.entries if row.via == "box"]
    assert [(row.kind, row.zone) for row in strayed] == [(RowKind.SENT, Zone.CLOUD), (RowKind.ENDED, Zone.CLOUD)]
    asked = next(each for each in replay.asked if each.path == "/v1/embeddings")
    assert (strayed[0].purpose, strayed[0].bytes) == (Purpose.EMBED, len(asked.content))


@pytest.mark.parametrize("text", ["", "[]", "<html>", "{" * 100_000])
async def test_what_is_no_answer_of_such_a_server_is_said(text: str) -> None:
    replay = Replay()
    replay.answer("/v1/embeddings", Answer(200, [text]))
    async with running(replay) as server:
        with pytest.raises(ProviderFailed) as raised:
            await server.embed(_turn("a"))
    assert raised.value.hint
