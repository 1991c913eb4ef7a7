"""A genuine Ollama for tests: its own home and models in the test's folder, on loopback, at a port nobody uses."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

from aqe_desktop.core.ledger import Purpose
from aqe_desktop.machine import sockets
from aqe_desktop.machine.door import Door
from aqe_desktop.machine.paths import find_paths
from aqe_desktop.runtimes.ollama import started
from aqe_desktop.runtimes.ollama.client import native
from aqe_desktop.runtimes.ollama.server import Options, Server
from aqe_desktop.runtimes.ollama.stock import OllamaStock
from tests.doors import local_door
from tests.parts import ollama_binary

TEMPLATE = "{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}<|im_start|>assistant\n"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(folder: Path) -> dict[str, str]:
    """A user's: with a key in it, and a home of the test's."""
    home = folder / "ollama-home"
    home.mkdir(exist_ok=True)
    return {
        "HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "OLLAMA_API_KEY": "canary-key",
        "AWS_SECRET_ACCESS_KEY": "canary",
    }


def real_server(folder: Path, door: Door | None = None, **options: Any) -> Server:
    """Over the test's profile; nothing is started."""
    chosen = {"url": f"127.0.0.1:{free_port()}", "binary": ollama_binary(), **options}
    return Server(find_paths(), door or local_door(), Options(**chosen), environment(folder))


@asynccontextmanager
async def running(folder: Path, door: Door | None = None, **options: Any) -> AsyncGenerator[Server]:
    server = real_server(folder, door, **options)
    try:
        await server.start()
        yield server
    finally:
        await server.find()
        if server.ours:
            await server.stop()
        await server.aclose()


async def with_model(server: Server, file: Path, name: str = "smol") -> None:
    async with aclosing(OllamaStock(server, local_door()).create(name, file)) as transfers:
        async for _ in transfers:
            pass


async def load(server: Server, name: str = "smol") -> None:
    """So that a runner lives."""
    async with await server.client(Purpose.LOAD, read_s=120) as client:
        await native(client).ask("POST", "/api/generate", {"model": name, "options": {"num_ctx": 512, "num_thread": 1}})


def session(server: Server) -> tuple[sockets.Process, ...]:
    """The server that we started and all that it has."""
    record = started.running(find_paths().run)
    return () if record is None else sockets.of_session(record.server)


async def until(fact: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not await asyncio.to_thread(fact):
        assert time.monotonic() < deadline, "it did not come about"
        await asyncio.sleep(0.05)
