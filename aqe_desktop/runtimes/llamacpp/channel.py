"""The control channel between an engine and its users: lines of JSON over a socket that the kernel closes on kill -9.

A Unix socket of mode 0600 whose both ends check the other's user id; where a system has none, a loopback port whose
number and one-time token stand in a private file."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import os
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aqe_desktop.machine.processes import is_stranger

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
_LINE_LIMIT = 16 * 1024 * 1024


async def listen(path: Path, handler: Handler, *, loopback: bool) -> asyncio.AbstractServer:
    """Serve control connections at `path`; callers hold the lock, so what stands there is a leftover."""
    _clear(path)
    if loopback:
        return await _listen_on_loopback(path, handler)
    before = os.umask(0o177)
    try:
        return await asyncio.start_unix_server(_friends_only(handler), str(path), limit=_LINE_LIMIT)
    finally:
        os.umask(before)


async def connect(path: Path, *, loopback: bool) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Raises OSError when nobody listens there, or when it is somebody else's."""
    if loopback:
        return await _connect_to_loopback(path)
    reader, writer = await asyncio.open_unix_connection(str(path), limit=_LINE_LIMIT)
    if is_stranger(writer.get_extra_info("socket")):
        writer.close()
        raise PermissionError(f"{path} is served by another user")
    return reader, writer


def send(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
    if not writer.is_closing():
        writer.write(json.dumps(message).encode() + b"\n")


async def receive(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """The next message, or None at the end of the connection, however it ended."""
    with contextlib.suppress(ConnectionError, ValueError, asyncio.IncompleteReadError):
        line = await reader.readline()
        message = json.loads(line) if line.endswith(b"\n") else None
        return message if isinstance(message, dict) else None
    return None


def _friends_only(handler: Handler) -> Handler:
    async def check(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if is_stranger(writer.get_extra_info("socket")):
            writer.close()
            return
        await handler(reader, writer)

    return check


async def _listen_on_loopback(path: Path, handler: Handler) -> asyncio.AbstractServer:
    token = secrets.token_urlsafe(32)

    async def check(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told = await receive(reader)
        if told is None or not hmac.compare_digest(str(told.get("token", "")).encode(), token.encode()):
            writer.close()
            return
        await handler(reader, writer)

    server = await asyncio.start_server(check, "127.0.0.1", 0, limit=_LINE_LIMIT)
    port = server.sockets[0].getsockname()[1]
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(json.dumps({"port": port, "token": token}))
    return server


def _clear(path: Path) -> None:
    path.unlink(missing_ok=True)


def _told(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


async def _connect_to_loopback(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        told = _told(path)
    except ValueError as error:
        raise ConnectionRefusedError(f"{path} is being written") from error
    reader, writer = await asyncio.open_connection("127.0.0.1", told["port"], limit=_LINE_LIMIT)
    send(writer, {"token": told["token"]})
    return reader, writer
