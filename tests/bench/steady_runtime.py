"""A runtime in the engine's place: what it says was made before and comes at a steady rate, over the engine's wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

from aqe_desktop.core.chat import ChatEvent, Message, Sampling, Turn
from aqe_desktop.core.embedding import Embedded
from aqe_desktop.core.feed import Feed
from aqe_desktop.core.models import Model, ModelRef, Phase, Place, Proof, RuntimeStatus, Zone
from aqe_desktop.core.usage import Usage
from aqe_desktop.machine.door import Address, Door, warm_up
from aqe_desktop.machine.paths import Paths
from aqe_desktop.runtimes.llamacpp import talk
from aqe_desktop.wires.openai_chat import Decoder
from tests.doors import local_door

_REF = ModelRef("bench", "steady")
_PLACE = Place(Zone.DEVICE, Proof.PROVED, ("A program of this machine sends it.",))


class SteadyRuntime:
    """Implements core.ports.Runtime over the socket of token_server.py: client, parser and decoder are the app's."""

    socket: Path

    def __init__(self, _paths: Paths, _door: Door) -> None:
        self._status = Feed(RuntimeStatus(_REF.host, "Bench", Phase.STOPPED))
        self._door = local_door()

    @property
    def id(self) -> str:
        return _REF.host

    @property
    def takes(self) -> frozenset[str]:
        return frozenset()

    @property
    def status(self) -> Feed[RuntimeStatus]:
        return self._status

    async def look(self) -> RuntimeStatus:
        return self._status.value

    async def models(self, *, read: bool = True) -> list[Model]:
        return [Model(_REF, "Steady", context=32_768)]

    async def load(self, model: ModelRef) -> None:
        await asyncio.to_thread(warm_up)  # as the engine's runtime does
        ready = RuntimeStatus(_REF.host, "Bench", Phase.READY, model=model, place=_PLACE, context=32_768)
        self._status.put(ready)

    async def unload(self, model: ModelRef | None = None) -> None:
        self._status.put(RuntimeStatus(_REF.host, "Bench", Phase.STOPPED))

    async def place(self, model: ModelRef) -> Place:
        return _PLACE

    async def body(self, model: ModelRef, messages: Sequence[Message], sampling: Sampling) -> None:
        """Nothing leaves this machine."""

    async def count(self, turn: Turn) -> int:
        return sum(len(message.text) // 4 + 1 for message in turn.messages)

    async def embed(self, turn: Turn) -> Embedded:
        return Embedded((), Usage())

    async def context(self, model: ModelRef) -> int:
        return 32_768

    async def stream(self, turn: Turn) -> AsyncGenerator[ChatEvent]:
        async with (
            await self._door.client(turn, Address(path=self.socket)) as client,
            aclosing(talk.talk(client, turn, Decoder())) as events,
        ):
            async for event in events:
                yield event

    async def aclose(self) -> None:
        await self._door.aclose()
