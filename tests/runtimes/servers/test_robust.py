"""What a server can get wrong, and what may stand at an address instead of one: said in our words, nothing hidden."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from aqe_desktop.core.chat import Finished
from aqe_desktop.core.errors import (
    EngineCrashed,
    ModelBroken,
    ProviderFailed,
    Unreachable,
)
from aqe_desktop.core.ledger import Purpose, RowKind
from aqe_desktop.core.models import ModelRef, Phase, Zone
from aqe_desktop.machine.door import Door
from aqe_desktop.runtimes.servers.places import Options
from aqe_desktop.runtimes.servers.runtime import PlainServer
from tests.doors import never_offline
from tests.runtimes.ollama.replay import Answer, Replay, of_json
from tests.runtimes.ollama.rows import Rows
from tests.runtimes.servers.served import (
    JSON,
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
Talks = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _bare(talks: Talks, rows: Rows | None = None, patience: float = 1.0) -> AsyncGenerator[PlainServer]:
    """A runtime over whatever listens on a port, HTTP or not."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError), contextlib.closing(writer):
            await talks(reader, writer)

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        door = Door(rows or Rows(), never_offline)
        yield PlainServer(door, Options("box", f"http://127.0.0.1:{port}", declared=Zone.LAN, patience=patience))
        await door.aclose()


@pytest.mark.parametrize(
    "made",
    [
        Answer(200, ["<html><body>Welcome</body></html>"], headers={"Content-Type": "text/html; charset=utf-8"}),
        Answer(404, ["<html>404</html>"], headers={"Content-Type": "text/html"}),
        Answer(200, ["[1, 2]"], headers=JSON),
        Answer(200, ['{"hello": "there"}'], headers=JSON),
        Answer(200, ["[" * 100_000], headers=JSON),
        Answer(200, [""], headers={"Content-Type": "application/grpc"}),
        Answer(405, ['{"detail":"Method Not Allowed"}'], headers=JSON),
    ],
)
async def test_another_program_at_the_address_is_named_as_that(made: Answer) -> None:
    replay = Replay()
    replay.answer(_CHAT, made)
    replay.answer("/v1/models", made)
    async with running(replay) as server:
        with pytest.raises(ProviderFailed, match="no server of the OpenAI kind") as failed:
            await answer(server)
        assert "aqe runtimes set box --url" in failed.value.hint
        status = await server.look()
        assert status.phase is Phase.FAILED
        assert "no server of the OpenAI kind" in status.message
        assert await server.models() == []


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9.6\r\n", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00", b""])
async def test_another_protocol_is_named_as_that(greeting: bytes) -> None:
    async def talks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(greeting)
        await writer.drain()

    async with _bare(talks) as server:
        with pytest.raises(ProviderFailed) as failed:
            await answer(server)
        assert failed.value.hint
        assert (await server.look()).phase in (Phase.FAILED, Phase.STOPPED)


async def test_a_port_that_accepts_and_says_nothing_is_a_stall_that_is_said() -> None:
    async def talks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with _bare(talks, patience=0.3) as server:
        with pytest.raises(Unreachable, match=r"sent nothing for 0\.3 seconds") as failed:
            await answer(server)
        assert "`patience` of box" in failed.value.hint


async def test_nobody_at_the_address_is_said_and_leaves_no_row() -> None:
    replay, rows = Replay(), Rows()
    async with running(replay, rows) as server:
        pass
    assert (await server.look()).phase is Phase.STOPPED
    assert await server.models() == []
    assert rows.entries == []
    with pytest.raises(Unreachable, match="Nothing answers at http://127"):
        await answer(server)


async def test_a_redirect_is_not_followed() -> None:
    replay, elsewhere = Replay(), Replay()
    async with elsewhere.listening() as port, running(replay) as server:
        replay.answer(_CHAT, Answer(307, [], headers={"Location": f"http://127.0.0.1:{port}/v1/chat/completions"}))
        with pytest.raises(ProviderFailed, match="redirect"):
            await answer(server)
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (of_json({"error": {"message": "boom", "code": None}}, 500), "boom"),
        (of_json({"error": "text only"}, 422), "text only"),
        (of_json({"detail": [{"msg": "bad"}]}, 422), "bad"),
        (of_json({"object": "error", "message": "old form"}, 400), "old form"),
        (of_json(["odd"], 400), "odd"),
        (Answer(500, ["Internal Server Error"]), "Internal Server Error"),
        (Answer(500, ["\x1b[31mred\u202e\nsecond line"]), "[31mred"),
        (Answer(503, ['{"error":{"message":"Loading model"}}']), "still loading"),
        (Answer(429, [""]), "too busy"),
        (Answer(502, ["<html>bad gateway</html>"]), "too busy"),
        (Answer(418, ["<html>tea</html>"]), "status 418"),
        (Answer(401, [""]), "API key"),
        (Answer(400, ["x" * 100_000]), "x…"),
    ],
)
async def test_error_bodies_of_many_forms(made: Answer, words: str) -> None:
    replay = Replay()
    replay.answer(_CHAT, made)
    async with running(replay) as server:
        with pytest.raises(ProviderFailed) as failed:
            await answer(server)
    assert words in failed.value.message
    assert "second line" not in failed.value.message
    assert failed.value.message.isprintable()
    assert len(failed.value.message) < 400
    assert failed.value.hint


async def test_a_model_that_the_server_does_not_have_is_named() -> None:
    replay = Replay()
    replay.answer(_CHAT, replayed("vllm/error-unknown-model"))
    replay.answer("/v1/models", replayed("vllm/models"))
    async with running(replay) as server:
        with pytest.raises(ModelBroken, match="no model 'other'"):
            await answer(server, turn(model="other"))
        with pytest.raises(ModelBroken, match="no model 'other'"):
            await server.load(ModelRef("box", "other"))
        await server.load(_SMOL)


@pytest.mark.parametrize(
    ("made", "raised", "words"),
    [
        (events(delta("Hal"), {"error": {"message": "CUDA out of memory"}}), ProviderFailed, "CUDA out of memory"),
        (events(delta("Hal"), "{ half"), ProviderFailed, "not JSON"),
        (events(delta("Hal"), done=False), EngineCrashed, "before its end"),
        (events(delta("Hal"), done=False, cut=True), EngineCrashed, "before its end"),
        (events(done=False), ProviderFailed, "before its first word"),
        (events(), ProviderFailed, "before its first word"),
        (of_json({"error": "no"}), ProviderFailed, "no"),
    ],
)
async def test_an_answer_that_breaks_off_is_a_failure_whatever_its_status(
    made: Answer, raised: type[ProviderFailed], words: str
) -> None:
    made.headers = made.headers or JSON
    replay = Replay()
    replay.answer(_CHAT, made)
    async with running(replay) as server:
        with pytest.raises(raised, match=words) as failed:
            await answer(server)
    assert failed.value.hint


@pytest.mark.parametrize(
    "made",
    [
        events(delta("Whole"), STOP, done=False),
        Answer(200, [f"data: {json.dumps(delta('Whole'))}\n\ndata: {json.dumps(STOP)}"], headers=SSE),
        Answer(
            200,
            [f"data:{json.dumps(delta('Whole'))}\r\n\r\n: ping\r\n\r\ndata:{json.dumps(STOP)}\r\n\r\n"],
            headers=SSE,
        ),
        events(delta("Whole"), STOP, cut=True),
        Answer(
            200, [json.dumps({"choices": [{"message": {"content": "Whole"}, "finish_reason": "stop"}]})], headers=JSON
        ),
        events(
            delta("Whole", choices=[{"delta": {"content": "Whole", "reasoning": 7}}, 3, None]),
            {"choices": {"0": 1}, "usage": {"prompt_tokens_details": 3}, "__verbose": []},
            {"choices": [{"delta": "text", "finish_reason": ["odd"]}, {"delta": None, "finish_reason": "stop"}]},
        ),
    ],
)
async def test_a_whole_answer_is_whole_in_whatever_form_it_comes(made: Answer) -> None:
    """No [DONE], no usage, no last blank line, a cut connection after the end, no stream at all, odd types."""
    replay = Replay()
    replay.answer(_CHAT, made)
    async with running(replay) as server:
        found = await answer(server)
    assert text_of(found) == "Whole"
    (finished,) = [event for event in found if isinstance(event, Finished)]
    assert finished.reason == "stop"


async def test_a_connection_that_stays_open_after_the_end_takes_nothing_away() -> None:
    replay = Replay()
    made = events(delta("Whole"), STOP)
    made.chunks.append("data: more\n\n")

    async def held(number: int) -> None:
        if number == 3:
            await replay.left.wait()

    made.after = held
    replay.answer(_CHAT, made)
    async with running(replay) as server:
        assert text_of(await answer(server)) == "Whole"


async def test_headers_held_back_by_a_queue_are_waited_for() -> None:
    async def talks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.5)
        body = "".join(f"data: {each}\n\n" for each in (json.dumps(delta("Late")), json.dumps(STOP), "[DONE]"))
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write((head + body).encode())
        await writer.drain()

    async with _bare(talks, patience=20.0) as server:
        assert text_of(await answer(server)) == "Late"


async def test_an_event_without_end_is_refused_before_it_fills_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aqe_desktop.runtimes.servers.talk.LIMIT", 100_000)
    replay = Replay()
    replay.answer(_CHAT, Answer(200, ["data: " + "x" * 60_000, "x" * 60_000, "x" * 60_000], headers=SSE))
    async with running(replay) as server:
        with pytest.raises(ProviderFailed, match="no server of the OpenAI kind"):
            await answer(server)


async def test_a_kept_connection_that_was_closed_is_tried_once_more_and_has_its_own_rows() -> None:
    """The server closes each connection when its second request comes, before a byte of an answer."""
    asked: list[int] = []

    async def talks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = b'{"object":"list","data":[{"id":"smol","owned_by":"me"}]}'
        for number in range(2):
            await reader.readuntil(b"\r\n\r\n")
            asked.append(number)
            if number == 1:
                return
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body))
            writer.write(body)
            await writer.drain()

    rows = Rows()
    async with _bare(talks, rows) as server:
        assert len(await server.models()) == 1
        assert len(await server.models()) == 1
    assert asked == [0, 1, 0]
    assert [row.kind for row in rows.entries].count(RowKind.SENT) == 3
    assert {row.purpose for row in rows.entries} == {Purpose.MODELS}


async def test_a_new_connection_that_breaks_is_not_tried_again() -> None:
    asked: list[int] = []

    async def talks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.append(1)

    async with _bare(talks) as server:
        with pytest.raises(ProviderFailed):
            await answer(server)
    assert asked == [1]
