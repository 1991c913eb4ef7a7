"""A real model that answers without a pause, by our own engine as shipped: keeper, niced child, two decode threads."""

from __future__ import annotations

import asyncio
import sys
from contextlib import aclosing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from aqe_desktop.core.chat import Message, Role, Route, Sampling, Turn
from aqe_desktop.machine.paths import find_paths
from aqe_desktop.runtimes.llamacpp import LlamaCpp, LoadOptions
from tests.doors import local_door


async def main() -> None:
    runtime = LlamaCpp(find_paths(), local_door(), LoadOptions(n_threads=2))
    model = (await runtime.models())[0].ref
    await runtime.load(model)
    place = await runtime.place(model)
    sampling = Sampling(temperature=1.0, max_output=1000)
    turn = Turn((Message(Role.USER, "Tell a very long story about the sea."),), (Route(model, place),), sampling)
    sys.stdout.write(f"ready {runtime.status.value.pid}\n")
    sys.stdout.flush()
    work = asyncio.create_task(_answer(runtime, turn))
    await asyncio.to_thread(sys.stdin.read)
    work.cancel()
    await asyncio.wait({work})
    await runtime.aclose()


async def _answer(runtime: LlamaCpp, turn: Turn) -> None:
    while True:
        async with aclosing(runtime.stream(turn)) as events:
            async for _ in events:
                pass


asyncio.run(main())
