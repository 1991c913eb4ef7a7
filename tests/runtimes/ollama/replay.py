"""A real HTTP server on loopback that answers as Ollama did when it was recorded, or as a test says."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parents[2] / "wires" / "recorded" / "ollama"


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content) if self.content else None


@dataclass
class Answer:
    """`chunks` go out one by one; `cut` ends the connection without the last one, `after` waits before the rest."""

    status: int = 200
    chunks: list[str] = field(default_factory=list)
    cut: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    after: Callable[[int], Coroutine[Any, Any, None]] | None = None


Reply = Callable[[Asked], Answer]


def of_json(value: Any, status: int = 200) -> Answer:
    return Answer(status, [json.dumps(value)])


def of_lines(*values: Any) -> Answer:
    return Answer(200, [json.dumps(value) + "\n" for value in values])


def recorded(name: str) -> Answer:
    """The answer of an exchange, such as 0.17.4/chat-stream."""
    response = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))["response"]
    chunks = [text for _, text in response.get("chunks") or []] or [response.get("body") or ""]
    return Answer(response["status"], chunks, cut=response["end"] == "closed-early")


def recordings(path: str) -> list[str]:
    """The names of all that were asked of this path, a new one among them as soon as it lies there."""
    found = sorted(RECORDED.glob("*/*.json"))
    asked = [each for each in found if json.loads(each.read_text(encoding="utf-8"))["request"]["path"] == path]
    return [f"{each.parent.name}/{each.stem}" for each in asked]


class Replay:
    """`answers` by path; what a test does not say is a small server with the local model `smol`, loaded at 4096."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.left = asyncio.Event()
        self.at_once = self.most_at_once = 0
        self.answers: dict[str, Reply] = {
            "/api/version": lambda _: of_json({"version": "0.17.4"}),
            "/api/tags": lambda _: recorded("0.17.4/tags"),
            "/api/show": lambda _: recorded("0.17.4/show"),
            "/api/ps": lambda _: recorded("0.17.4/ps"),
            "/api/chat": lambda _: recorded("0.17.4/chat-stream"),
        }

    def bodies(self, path: str) -> list[Any]:
        return [each.body for each in self.asked if each.path == path]

    def answer(self, path: str, made: Reply | Answer) -> None:
        self.answers[path] = made if callable(made) else lambda _: made

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[int]:
        async with await asyncio.start_server(self._serve, "127.0.0.1", 0) as server:
            yield server.sockets[0].getsockname()[1]

    def _note_leaving(self, _: asyncio.Future[bytes]) -> None:
        self.left.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError), contextlib.closing(writer):
            asked = await _request(reader)
            self.asked.append(asked)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            try:
                reply = self.answers.get(asked.path)
                made = Answer(404, ["404 page not found"]) if reply is None else reply(asked)
                await self._send(made, reader, writer)
            finally:
                self.at_once -= 1

    async def _send(self, made: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        headers = {"Transfer-Encoding": "chunked", "Connection": "close", **made.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 {made.status} X\r\n{head}\r\n".encode())
        gone = asyncio.ensure_future(reader.read(1))
        gone.add_done_callback(self._note_leaving)
        for number, chunk in enumerate(each for each in made.chunks if each):
            if made.after is not None:
                await made.after(number)
            data = chunk.encode()
            writer.write(b"%x\r\n%s\r\n" % (len(data), data))
            await writer.drain()
        if not made.cut:
            writer.write(b"0\r\n\r\n")
        await writer.drain()
        gone.cancel()


async def _request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:]) if name}
    content = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, path, headers, content)
