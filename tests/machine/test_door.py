"""The door: what passes, what its rows say, and what it refuses; for both client libraries, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import httpx2
import pytest

from aqe_desktop.core.chat import Attachment, Message, Role, Route, Turn
from aqe_desktop.core.consent import Consent
from aqe_desktop.core.errand import Errand
from aqe_desktop.core.errors import DiskFull, Offline, PrivacyRefused, SettingsBroken, UsageError
from aqe_desktop.core.ledger import Entry, Purpose, Row, RowKind, SentFile, chained
from aqe_desktop.core.models import ModelRef, Place, Proof, Zone
from aqe_desktop.machine.door import Address, Door, Rehearsed, Upload
from aqe_desktop.machine.door.passage import Leave
from tests.doors import always_offline, local_door, never_offline

HERE = Place(Zone.DEVICE, Proof.PROVED)
CLOUD = Place(Zone.CLOUD, Proof.PROVED)
MODEL = ModelRef("own", "large")
IMAGE = Attachment("a.png", "", data=b"\x89", media="image/png")
MESSAGE = Message(Role.USER, "Look at this.", (Attachment("a.py", "x = 1\n"), IMAGE))
BODY = b'{"prompt":"Look at this."}'
SHA = hashlib.sha256(BODY).hexdigest()


class Rows:
    """A ledger in memory; `full` refuses as a full disk does."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.full = False

    async def append(self, entry: Entry) -> Row:
        if self.full:
            raise DiskFull("The disk is full.")
        self.entries.append(entry)
        return chained(len(self.entries), "0" * 64, entry)


class Server:
    """Remembers each request as it came and answers it; `reply` is raw HTTP."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.reply = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
        self.seen_rows: list[int] = []
        self.rows = Rows()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError), contextlib.closing(writer):
            head = await reader.readuntil(b"\r\n\r\n")
            self.seen_rows.append(len(self.rows.entries))
            length = re.search(rb"(?i)content-length: (\d+)", head)
            self.requests.append(head + await reader.readexactly(int(length[1]) if length else 0))
            writer.write(self.reply)
            await writer.drain()

    @property
    def bodies(self) -> list[bytes]:
        return [request.partition(b"\r\n\r\n")[2] for request in self.requests]


@pytest.fixture
def server() -> Server:
    return Server()


@asynccontextmanager
async def listening(server: Server) -> AsyncGenerator[Address]:
    async with await asyncio.start_server(server, "127.0.0.1", 0) as listener:
        yield Address(url=f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}")


def turn(place: Place = CLOUD, consent: str = "") -> Turn:
    return Turn((MESSAGE,), (Route(MODEL, place),), rule="clean", project="/p", consent=consent, farthest=place.zone)


MakesClient = Callable[[Door, Leave, Address], Awaitable[Any]]


async def by_httpx(door: Door, leave: Leave, to: Address) -> Any:
    return await door.client(leave, to, {"Authorization": "Bearer t0ken"})


async def by_httpx2(door: Door, leave: Leave, to: Address) -> Any:
    return await door.client2(leave, to, {"Authorization": "Bearer t0ken"})


both = pytest.mark.parametrize("made", [by_httpx, by_httpx2])


@both
async def test_a_request_has_its_row_before_it_is_sent_and_another_when_it_has_ended(
    made: MakesClient, server: Server
) -> None:
    async with listening(server) as to, await made(Door(server.rows, never_offline), turn(), to) as client:
        assert (await client.post("/v1/x", content=BODY)).text == "ok"
    sent, ended = server.rows.entries
    assert server.seen_rows == [1]
    assert server.bodies == [BODY]
    assert (sent.kind, sent.zone, sent.purpose) == (RowKind.SENT, Zone.CLOUD, Purpose.CHAT)
    assert (sent.host, sent.model) == (to.host, "own/large")
    assert (sent.bytes, sent.sha256, sent.rule, sent.project) == (len(BODY), SHA, "clean", "/p")
    files = (
        SentFile("a.py", hashlib.sha256(b"x = 1\n").hexdigest()),
        SentFile("a.png", hashlib.sha256(b"\x89").hexdigest()),
    )
    assert sent.files == files
    assert (ended.kind, ended.of, ended.status) == (RowKind.ENDED, 1, "200")


@both
async def test_what_is_proved_to_stay_here_needs_no_row_and_works_offline(made: MakesClient, server: Server) -> None:
    leaves: tuple[Leave, ...] = (turn(HERE), Errand(Purpose.CHAT, "own", HERE))
    async with listening(server) as to:
        local = Address(port=urlsplit(to.url).port)
        for leave in leaves:
            async with await made(local_door(), leave, local) as client:
                assert (await client.post("/", content=BODY)).status_code == 200


@both
@pytest.mark.parametrize(
    "place",
    [Place(zone, proof) for zone in Zone for proof in Proof if (zone, proof) != (Zone.DEVICE, Proof.PROVED)],
    ids=lambda place: f"{place.zone}-{place.proof}",
)
async def test_offline_closes_the_door_for_everything_else(made: MakesClient, server: Server, place: Place) -> None:
    leaves: tuple[Leave, ...] = (turn(place), Errand(Purpose.CHAT, "own", place))
    async with listening(server) as to:
        for leave in leaves:
            async with await made(Door(server.rows, always_offline), leave, to) as client:
                with pytest.raises(Offline):
                    await client.post("/", content=BODY)
    assert (server.requests, server.rows.entries) == ([], [])


@pytest.mark.parametrize(("proof", "zone"), [(Proof.UNPROVED, Zone.CLOUD), (Proof.DECLARED, Zone.DEVICE)])
async def test_what_is_not_proved_has_a_row_that_says_so(proof: Proof, zone: Zone, server: Server) -> None:
    asked = turn(Place(Zone.DEVICE, proof))
    async with listening(server) as to, await Door(server.rows, never_offline).client(asked, to) as client:
        await client.get("/")
    assert (server.rows.entries[0].zone, server.rows.entries[0].note) == (zone, str(proof))


@both
async def test_nothing_is_sent_where_its_row_cannot_be_written(made: MakesClient, server: Server) -> None:
    server.rows.full = True
    async with listening(server) as to, await made(Door(server.rows, never_offline), turn(), to) as client:
        with pytest.raises(DiskFull):
            await client.post("/", content=BODY)
    assert server.requests == []


@both
async def test_a_consent_sends_its_own_body_and_no_other(made: MakesClient, server: Server) -> None:
    other = Server()
    async with listening(server) as to, listening(other) as elsewhere:
        asked, door = turn(consent=str(Consent(MODEL, to.host, SHA))), Door(server.rows, never_offline)
        async with await made(door, asked, to) as client, await made(door, asked, elsewhere) as astray:
            with pytest.raises(PrivacyRefused):
                await client.post("/", content=BODY + b" ")
            with pytest.raises(PrivacyRefused):
                await astray.post("/", content=BODY)
            assert (await client.post("/", content=BODY)).status_code == 200
    assert (server.bodies, other.requests) == ([BODY], [])


@both
async def test_another_host_in_the_header_is_refused(made: MakesClient, server: Server) -> None:
    async with listening(server) as to, await made(Door(server.rows, never_offline), turn(), to) as client:
        with pytest.raises(PrivacyRefused):
            await client.get("/", headers={"Host": "other.test"})
    assert server.requests == []


@both
async def test_what_is_cleared_for_this_device_goes_to_no_address_beyond_it(made: MakesClient, server: Server) -> None:
    leaves: tuple[Leave, ...] = (turn(HERE), Errand(Purpose.CHAT, "own", HERE))
    async with listening(server) as to:
        for leave in leaves:
            with pytest.raises(PrivacyRefused):
                await made(Door(server.rows, never_offline), leave, to)


@both
async def test_a_client_reaches_its_one_place_only(made: MakesClient, server: Server) -> None:
    other = Server()
    async with (
        listening(server) as to,
        listening(other) as elsewhere,
        await made(Door(server.rows, never_offline), turn(), to) as client,
    ):
        with pytest.raises(PrivacyRefused):
            await client.get(elsewhere.url + "/x")
    assert other.requests == []


@both
async def test_a_redirect_is_not_followed(made: MakesClient, server: Server) -> None:
    server.reply = (
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    async with listening(server) as to, await made(Door(server.rows, never_offline), turn(), to) as client:
        assert (await client.get("/x")).status_code == 302
    assert len(server.requests) == 1


@both
@pytest.mark.parametrize("proxy", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_the_proxy_of_the_environment_is_not_asked(
    made: MakesClient, proxy: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = Server()
    async with listening(server) as to, listening(sink) as elsewhere:
        monkeypatch.setenv(proxy, elsewhere.url)
        async with await made(Door(server.rows, never_offline), turn(), to) as client:
            assert (await client.get("/x")).status_code == 200
    assert (len(server.requests), len(sink.requests)) == (1, 0)


@both
async def test_the_token_travels_in_a_header_and_never_in_the_address(
    made: MakesClient, server: Server, tmp_path: Path
) -> None:
    address = Address(tmp_path / "s")
    async with (
        await asyncio.start_unix_server(server, str(address.path)),
        await made(local_door(), turn(HERE), address) as client,
    ):
        response = await client.get("/x")
    assert b"authorization: bearer t0ken" in server.requests[0].lower()
    assert "t0ken" not in repr(response.request)


async def test_a_body_that_streams_is_measured_before_it_leaves(server: Server) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in (BODY[:5], BODY[5:]):
            yield piece

    async with listening(server) as to, await Door(server.rows, never_offline).client(turn(), to) as client:
        await client.post("/", content=pieces(), headers={"Content-Length": str(len(BODY))})
    assert server.rows.entries[0].sha256 == SHA
    assert server.bodies == [BODY]


async def test_a_file_is_hashed_first_and_refused_when_it_changes(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"a" * 3_000_000)
    upload = await Upload.of(path)
    headers = {"Content-Length": str(upload.size)}
    async with listening(server) as to, await Door(server.rows, never_offline).client(turn(), to) as client:
        await client.post("/", content=upload, headers=headers, extensions={"upload": upload})
        path.write_bytes(b"b" * 3_000_000)
        with pytest.raises(UsageError, match="changed while it was sent"):
            await client.post("/", content=upload, headers=headers, extensions={"upload": upload})
    sent, _, again, broken = server.rows.entries
    digest = hashlib.sha256(b"a" * 3_000_000).hexdigest()
    assert (sent.bytes, sent.sha256, again.sha256) == (3_000_000, digest, digest)
    assert (broken.kind, broken.status) == (RowKind.ENDED, "usage")
    assert len(server.bodies) == 1


async def test_an_upload_is_sent_whatever_content_came_with_it(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(BODY)
    upload = await Upload.of(path)
    async with listening(server) as to, await Door(server.rows, never_offline).client(turn(), to) as client:
        await client.post("/", content=b"x" * len(BODY), extensions={"upload": upload})
    assert (server.bodies, server.rows.entries[0].sha256) == ([BODY], SHA)


async def test_a_server_that_is_not_there_is_said_in_the_second_row(server: Server) -> None:
    async with listening(server) as to:
        pass
    async with await Door(server.rows, never_offline).client(turn(), to) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("/")
    assert server.rows.entries[1].status == "ConnectError"


async def test_a_reply_that_breaks_off_is_said_in_the_second_row(server: Server) -> None:
    server.reply = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhalf"
    async with listening(server) as to, await Door(server.rows, never_offline).client2(turn(), to) as client:
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.get("/")
    assert server.rows.entries[1].status == "200 RemoteProtocolError"


async def test_a_reply_that_is_left_in_the_middle_has_its_second_row_too(server: Server) -> None:
    async with (
        listening(server) as to,
        await Door(server.rows, never_offline).client(turn(), to) as client,
        client.stream("GET", "/"),
    ):
        pass
    assert [entry.kind for entry in server.rows.entries] == [RowKind.SENT, RowKind.ENDED]
    assert server.rows.entries[1].status == "200 left"


async def test_an_end_that_cannot_be_written_loses_no_reply(server: Server) -> None:
    async with (
        listening(server) as to,
        await Door(server.rows, never_offline).client(turn(), to) as client,
        client.stream("GET", "/") as response,
    ):
        server.rows.full = True
        assert await response.aread() == b"ok"
    assert [entry.kind for entry in server.rows.entries] == [RowKind.SENT]


@pytest.mark.parametrize("content", [None, "no certificate\n"], ids=["missing", "no certificate"])
async def test_a_bad_certificate_file_is_said_with_its_name(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "company.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SettingsBroken, match=r"company\.pem"):
        await Door(Rows(), never_offline, str(path)).client(turn(), Address(url="https://127.0.0.1:9"))


async def test_rows_never_hold_the_text(server: Server) -> None:
    async with listening(server) as to, await Door(server.rows, never_offline).client(turn(), to) as client:
        await client.post("/", content=BODY)
    told = json.dumps([str(entry) for entry in server.rows.entries])
    assert "Look at this" not in told
    assert "x = 1" not in told


def test_a_row_of_an_errand_names_its_purpose(server: Server) -> None:
    async def run() -> None:
        async with listening(server) as to:
            errand = Errand(Purpose.CHAT, "own", CLOUD)
            async with await Door(server.rows, never_offline).client(errand, to) as client:
                await client.get("/models")

    asyncio.run(run())
    sent = server.rows.entries[0]
    assert (sent.purpose, sent.model, sent.bytes) == (Purpose.CHAT, "own", 0)


async def test_a_rehearsed_body_is_the_one_that_is_sent_and_nothing_connects(server: Server) -> None:
    asked = {"model": "small", "messages": [{"role": "user", "content": "grüße"}]}
    async with listening(server) as to:
        door = Door(server.rows, never_offline)
        with pytest.raises(Rehearsed) as rehearsed:
            async with door.rehearsal(to) as client:
                await client.post("/api/chat", json=asked)
        assert server.requests == []
        async with await by_httpx(door, turn(), to) as client:
            await client.post("/api/chat", json=asked)
    body = rehearsed.value.body
    assert (body.host, [body.content]) == (to.host, server.bodies)
    assert body.sha256 == server.rows.entries[0].sha256
