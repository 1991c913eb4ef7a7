"""The one HTTP client: no proxy, no redirect, the token in a header, over a Unix socket or the loopback interface."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from aqe_desktop.machine.door import Address, local_client

_REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class _Listener:
    """Remembers the head of each request and answers it with a redirect."""

    def __init__(self) -> None:
        self.heads: list[str] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(_REDIRECT)
        await writer.drain()
        writer.close()


@pytest.mark.parametrize("proxy", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_a_local_request_ignores_the_proxy_of_the_environment(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener, sink = _Listener(), _Listener()
    server = await asyncio.start_server(listener, "127.0.0.1", 0)
    other = await asyncio.start_server(sink, "127.0.0.1", 0)
    monkeypatch.setenv(proxy, f"http://127.0.0.1:{other.sockets[0].getsockname()[1]}")
    async with server, other, local_client(Address(port=server.sockets[0].getsockname()[1]), "secret-token") as client:
        response = await client.get("/x")
    assert response.status_code == 302
    assert len(listener.heads) == 1
    assert sink.heads == []


async def test_the_token_travels_in_a_header_and_never_in_the_address(tmp_path: Path) -> None:
    listener = _Listener()
    path = tmp_path / "s"
    async with await asyncio.start_unix_server(listener, str(path)), local_client(Address(path), "t0ken") as client:
        response = await client.get("/x")
    assert "authorization: bearer t0ken" in listener.heads[0].lower()
    assert "t0ken" not in repr(response.request)
