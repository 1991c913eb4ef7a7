"""What a reply says of who made it, what is sent and what is not, and what is known of a server."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import Any

import pytest

from aqe_desktop.core.chat import Noted, Sampling, TextDelta
from aqe_desktop.core.consent import Consent
from aqe_desktop.core.errors import (
    ContextTooLong,
    PrivacyRefused,
)
from aqe_desktop.core.ledger import RowKind
from aqe_desktop.core.models import ModelRef, Proof, Zone
from aqe_desktop.machine.door import Door
from aqe_desktop.runtimes.servers import kinds
from aqe_desktop.runtimes.servers.places import Options
from aqe_desktop.runtimes.servers.runtime import PlainServer
from tests.doors import always_offline
from tests.runtimes.ollama.replay import Answer, Replay, of_json
from tests.runtimes.ollama.rows import Rows
from tests.runtimes.servers.served import (
    CLOUD,
    LAN,
    SSE,
    STOP,
    answer,
    delta,
    events,
    replayed,
    running,
    text_of,
    turn,
)

_CHAT = "/v1/chat/completions"
_SMOL = ModelRef("box", "smol")


async def test_another_name_in_the_reply_is_noted_once() -> None:
    replay = Replay()
    replay.answer(_CHAT, events(delta("A", model="other"), delta("B", model="other"), STOP))
    async with running(replay) as server:
        found = await answer(server)
    notes = [event.text for event in found if isinstance(event, Noted)]
    assert notes == ["The server says that another model answers: other."]
    assert isinstance(found[0], Noted)


@pytest.mark.parametrize(
    "made",
    [
        events(delta("A"), delta("secret", remote_host="https://far.example"), STOP),
        Answer(
            200, [f"data: {json.dumps(delta('A'))}\n\n"], headers={**SSE, "x-litellm-model-api-base": "far.example"}
        ),
    ],
)
async def test_a_reply_from_another_machine_is_stopped_and_has_a_row(made: Answer) -> None:
    replay, rows = Replay(), Rows()
    replay.answer(_CHAT, made)
    async with running(replay, rows) as server:
        got: list[Any] = []
        with pytest.raises(PrivacyRefused, match=r"far\.example"):  # noqa: PT012 - what came before is looked at
            async with aclosing(server.stream(turn(LAN))) as stream:
                async for event in stream:
                    got.append(event)  # noqa: PERF401 - kept as it comes, for the end raises
        assert "secret" not in text_of(got)
    strayed = [row for row in rows.entries if row.via == "box"]
    assert [(row.kind, row.zone) for row in strayed] == [(RowKind.SENT, Zone.CLOUD), (RowKind.ENDED, Zone.CLOUD)]


async def test_a_reply_from_another_machine_is_no_surprise_in_the_cloud() -> None:
    replay = Replay()
    replay.answer(_CHAT, events(delta("A", remote_host="https://far.example"), STOP))
    async with running(replay, zone=None) as server:
        assert text_of(await answer(server, turn(CLOUD))) == "A"


async def test_a_prompt_that_was_cut_is_noted() -> None:
    replay = Replay()
    replay.answer(
        _CHAT, events(delta("A"), STOP, {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 1}})
    )
    async with running(replay) as server:
        found = await answer(server, turn(text="word " * 50))
    assert any(isinstance(event, Noted) and "cut the rest" in event.text for event in found)


async def test_a_prompt_too_long_is_that_error_before_any_text() -> None:
    replay = Replay()
    replay.answer(_CHAT, replayed("llama-server/error-context-length-stream"))
    async with running(replay) as server:
        with pytest.raises(ContextTooLong) as failed:
            await answer(server)
    assert (failed.value.tokens, failed.value.limit) == (6219, 1024)


async def test_the_body_of_a_consent_is_the_body_that_is_sent() -> None:
    replay, rows = Replay(), Rows()
    replay.answer(_CHAT, events(delta("A"), STOP))
    async with running(replay, rows, zone=None) as server:
        body = await server.body(_SMOL, turn().messages, Sampling())
        again = await server.body(_SMOL, turn().messages, Sampling())
        assert body is not None
        assert body == again
        assert rows.entries == []
        consent = str(Consent(_SMOL, body.host, body.sha256))
        await answer(server, turn(CLOUD, consent=consent))
        assert replay.asked[-1].content == body.content
        with pytest.raises(PrivacyRefused, match="not what you said yes to"):
            await answer(server, turn(CLOUD, consent=consent, text="Something else"))
    assert len(replay.asked) == 1


async def test_offline_sends_nothing_and_says_so() -> None:
    replay = Replay()
    async with replay.listening() as port:
        door = Door(Rows(), always_offline)
        server = PlainServer(door, Options("box", f"http://127.0.0.1:{port}", declared=Zone.DEVICE))
        assert await server.models() == []
        assert "offline" in (await server.look()).message
        await door.aclose()
    assert replay.asked == []


async def test_nothing_is_sent_only_to_be_counted() -> None:
    replay = Replay()
    replay.answer("/v1/models", replayed("vllm/models"))
    async with running(replay) as server:
        await server.models()
        text = "In one short sentence, what is a lighthouse? " * 20
        counted = await server.count(turn(text=text))
    assert [each.path for each in replay.asked] == ["/v1/models"]
    assert counted >= len(text.split())


async def test_hostile_rows_are_left_out_and_names_stay_as_they_are() -> None:
    rows = [{"id": "a\u202eb"}, {"id": 3}, {}, None, "x", {"id": " "}, {"id": "a\u202eb"}, {"id": "ok", "meta": [1]}]
    replay = Replay()
    replay.answer("/v1/models", of_json({"data": rows}))
    async with running(replay) as server:
        assert [each.ref.model for each in await server.models()] == ["a\u202eb", "ok"]


async def test_leaving_an_answer_closes_its_connection() -> None:
    replay = Replay()
    made = events(*(delta(str(number)) for number in range(50)), STOP)

    async def slowly(number: int) -> None:
        if number > 3:
            await replay.left.wait()

    made.after = slowly
    replay.answer(_CHAT, made)
    async with running(replay) as server:
        async with aclosing(server.stream(turn())) as stream:
            async for event in stream:
                if isinstance(event, TextDelta):
                    break
        async with asyncio.timeout(20):
            await replay.left.wait()


def test_every_kind_of_the_table_is_whole() -> None:
    for each in kinds.kinds():
        assert each.kind
        assert each.name
        assert each.port
        assert each.checked in ("recorded", "documented")
    assert {"vllm", "tgi", "localai", "lmstudio", "llama-server"} <= {each.kind for each in kinds.kinds()}


async def test_a_server_that_may_pass_questions_on_is_recognised() -> None:
    replay = Replay()
    replay.answer("/v1/models", of_json({"object": "list", "data": [{"id": "phi", "object": "model"}]}))
    replay.answer("/.well-known/localai.json", of_json({"version": "v3.1.0"}))
    replay.answer("/readyz", Answer(200, ["OK"]))
    async with running(replay) as server:
        status = await server.look()
    assert (status.name, status.version) == ("box (LocalAI)", "v3.1.0")
    studio = Replay()
    row = {"id": "qwen", "object": "model", "owned_by": "organization_owner"}
    studio.answer("/v1/models", of_json({"data": [row]}))
    more: dict[str, Any] = {"id": "qwen", "type": "vlm", "arch": "qwen2", "quantization": "Q4_K_M", "state": "loaded"}
    more |= {"max_context_length": 32768, "loaded_context_length": 4096}
    studio.answer("/api/v0/models", of_json({"data": [more]}))
    async with running(studio) as server:
        (model,) = await server.models()
        assert (model.quantization, model.context, model.capabilities) == ("Q4_K_M", 32768, ("chat", "vision"))
        assert await server.context(model.ref) == 4096
        assert (await server.place(model.ref)).proof is Proof.DECLARED
