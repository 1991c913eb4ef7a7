"""Our runtime over a replayed server."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from aqe_desktop.core.chat import ChatEvent
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import ModelRef
from aqe_desktop.machine.door import Door
from aqe_desktop.machine.paths import find_paths, prepare
from aqe_desktop.runtimes.ollama.runtime import Ollama
from aqe_desktop.runtimes.ollama.server import Options, Server
from tests.doors import never_offline
from tests.runtimes.ollama.replay import Replay
from tests.runtimes.ollama.rows import Rows, turn

LOADED = {"model": "smol", "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "load"}


class Kept:
    def __init__(self, settings: LoadSettings) -> None:
        self.settings = settings

    async def get(self, model: ModelRef) -> LoadSettings:
        return self.settings

    async def save(self, model: ModelRef, settings: LoadSettings) -> None:
        self.settings = settings


@asynccontextmanager
async def running(
    replay: Replay, rows: Rows | None = None, *, here: bool = True, settings: LoadSettings | None = None
) -> AsyncGenerator[Ollama]:
    """The replayed server is a socket of this very Python: where that is the program that counts as Ollama, it is
    proved to be on this device."""
    paths = find_paths()
    prepare(paths)
    program = Path(sys.executable).resolve() if here else Path("/nowhere/ollama")
    async with replay.listening() as port:
        door = Door(rows or Rows(), never_offline)
        server = Server(paths, door, Options(url=f"http://127.0.0.1:{port}", binary=program), {})
        yield Ollama(paths, door, server, None if settings is None else Kept(settings))
        await door.aclose()


async def answered(runtime: Ollama, **asked: object) -> list[ChatEvent]:
    async with aclosing(runtime.stream(turn(**asked))) as events:  # type: ignore[arg-type]
        return [event async for event in events]


async def gathered(runtime: Ollama, seen: list[ChatEvent]) -> None:
    """What came before an error counts."""
    async with aclosing(runtime.stream(turn())) as events:
        async for event in events:
            seen += [event]
