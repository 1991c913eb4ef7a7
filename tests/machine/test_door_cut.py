"""The offline switch ends what is under way, for both client libraries, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from aqe_desktop.core.errors import Offline
from aqe_desktop.machine.door import Address, Door, Upload, cut
from tests.doors import local_door, never_offline
from tests.machine.test_door import BODY, HERE, MakesClient, Rows, Server, both, by_httpx, listening, turn


@pytest.fixture
def server() -> Server:
    return Server()


class Switch:
    """The offline switch of a test, which another process may turn."""

    def __init__(self) -> None:
        self.on = False

    async def __call__(self) -> bool:
        return self.on


class Slow:
    """Says it is there, or answers the head and one piece, and then waits until the other side goes."""

    def __init__(self, reply: bytes) -> None:
        self.reply = reply
        self.there, self.left = asyncio.Event(), asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(self.reply)
            await writer.drain()
            self.there.set()
            with contextlib.suppress(ConnectionError):
                while await reader.read(1 << 16):  # noqa: ASYNC110 - slowly, so that an upload of some MB would last
                    await asyncio.sleep(0.02)
            self.left.set()


_BEGUN = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"


@asynccontextmanager
async def slow(reply: bytes) -> AsyncGenerator[tuple[Slow, Address]]:
    server = Slow(reply)
    async with await asyncio.start_server(server, "127.0.0.1", 0) as listener:
        yield server, Address(url=f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}")


@both
async def test_the_switch_breaks_off_a_reply_that_is_under_way(
    made: MakesClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cut, "EVERY_S", 0.02)
    rows, switch = Rows(), Switch()
    async with slow(_BEGUN) as (server, to), await made(Door(rows, switch), turn(), to) as client:
        async with client.stream("POST", "/", content=BODY) as reply:
            pieces = reply.aiter_raw()
            assert await anext(pieces) == b"ok"
            switch.on = True
            with pytest.raises(Offline, match="broken off"):
                await anext(pieces)
        await asyncio.wait_for(server.left.wait(), 20)
    assert rows.entries[1].status == "200 offline"


@both
@pytest.mark.parametrize("size", [3, 32 << 20], ids=["no-head-yet", "upload"])
async def test_the_switch_breaks_off_what_is_still_being_sent(
    made: MakesClient, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cut, "EVERY_S", 0.02)
    (tmp_path / "file").write_bytes(bytes(size))
    upload = await Upload.of(tmp_path / "file")
    rows, switch, length = Rows(), Switch(), {"Content-Length": str(upload.size)}
    async with slow(b"") as (server, to), await made(Door(rows, switch), turn(), to) as client:
        sending = asyncio.create_task(client.post("/", headers=length, extensions={"upload": upload}))
        await asyncio.wait_for(server.there.wait(), 20)
        switch.on = True
        with pytest.raises(Offline, match="broken off"):
            await asyncio.wait_for(sending, 20)
        await asyncio.wait_for(server.left.wait(), 20)
    assert rows.entries[1].status == "offline"


async def test_who_leaves_an_answer_leaves_no_look_at_the_switch_behind(server: Server) -> None:
    before = asyncio.all_tasks()
    async with listening(server) as to, await by_httpx(Door(server.rows, never_offline), turn(), to) as client:
        assert (await client.post("/", content=BODY)).text == "ok"
        assert not [task for task in asyncio.all_tasks() - before if "_look" in repr(task)]


async def test_the_switch_leaves_alone_what_stays_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut, "EVERY_S", 0.02)
    async with slow(_BEGUN) as (_, to):
        local = Address(port=urlsplit(to.url).port)
        client = await by_httpx(local_door(), turn(HERE), local)
        async with client, client.stream("POST", "/", content=BODY) as reply:
            pieces = reply.aiter_raw()
            assert await anext(pieces) == b"ok"
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(pieces), 0.3)
