"""A runtime of prepared events, for the failures that a sound engine does not make on demand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence

from aqe_desktop.core.chat import ChatEvent, Finished, Message, Sampling, TextDelta, Turn
from aqe_desktop.core.consent import Body
from aqe_desktop.core.embedding import Embedded
from aqe_desktop.core.feed import Feed
from aqe_desktop.core.models import Model, ModelRef, Phase, Place, Proof, RuntimeStatus, Zone
from aqe_desktop.core.usage import Timing, Usage

MODEL = ModelRef("lines", "small")
OTHER = ModelRef("lines", "other")
HERE = Place(Zone.DEVICE, Proof.PROVED, ("It is a fake.",))
DONE = Finished("stop", Usage(input=3, output=2), Timing(0.1, 0.2, 10.0), {"seed": 7})

Step = ChatEvent | BaseException | Callable[[], None] | asyncio.Event


class Lines:
    """Plays `steps`: an event is yielded, an error raised, a callable called, an asyncio.Event waited for."""

    def __init__(self, *steps: Step, places: Sequence[Place] = (HERE,)) -> None:
        self.steps: Sequence[Step] = steps or (TextDelta("Hello"), TextDelta(" there."), DONE)
        self.turns: list[Turn] = []
        self.counted: list[Turn] = []
        self.loads = 0
        self.unloads = 0
        self.closed = 0
        self._places = list(places)
        self._status = Feed(RuntimeStatus("lines", "Lines", Phase.STOPPED))

    @property
    def id(self) -> str:
        return "lines"

    @property
    def takes(self) -> frozenset[str]:
        return frozenset()

    @property
    def status(self) -> Feed[RuntimeStatus]:
        return self._status

    async def models(self, *, read: bool = True) -> list[Model]:
        return [Model(MODEL, "Small"), Model(OTHER, "Other")]

    async def load(self, model: ModelRef) -> None:
        self.loads += 1
        for progress, pid in ((None, None), (0.5, None), (0.5, 7)):
            self._status.put(
                RuntimeStatus(
                    "lines", "Lines", Phase.LOADING, model=model, progress=progress, pid=pid, message="Loading"
                )
            )
            await asyncio.sleep(0.005)
        self._status.put(RuntimeStatus("lines", "Lines", Phase.READY, model=model))

    async def unload(self, model: ModelRef | None = None) -> None:
        self.unloads += 1
        self._status.put(RuntimeStatus("lines", "Lines", Phase.STOPPED))

    async def place(self, model: ModelRef) -> Place:
        return self._places.pop(0) if len(self._places) > 1 else self._places[0]

    async def body(self, model: ModelRef, messages: Sequence[Message], sampling: Sampling) -> Body | None:
        return None

    async def count(self, turn: Turn) -> int:
        self.counted.append(turn)
        return sum(len(message.text) for message in turn.messages)

    async def embed(self, turn: Turn) -> Embedded:
        self.turns.append(turn)
        return Embedded(tuple((float(len(each.text)), 1.0) for each in turn.messages), Usage(input=3))

    async def context(self, model: ModelRef) -> int:
        return 100

    async def stream(self, turn: Turn) -> AsyncGenerator[ChatEvent]:
        self.turns.append(turn)
        try:
            for step in self.steps:
                if isinstance(step, BaseException):
                    raise step
                if isinstance(step, asyncio.Event):
                    await step.wait()
                elif callable(step):
                    step()
                else:
                    yield step
        finally:
            self.closed += 1

    async def look(self) -> RuntimeStatus:
        return self.status.value

    async def aclose(self) -> None:
        await self.unload()
