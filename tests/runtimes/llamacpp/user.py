"""A user of the engine in a process of its own, to be killed: loads, says so with the engine's pid, then talks on."""

from __future__ import annotations

import asyncio
import sys
from contextlib import aclosing

from aqe_desktop.core.chat import Sampling
from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.models import ModelRef
from aqe_desktop.machine.paths import find_paths
from aqe_desktop.runtimes.llamacpp import LlamaCpp
from aqe_desktop.runtimes.llamacpp.engines import Wanted
from tests.doors import local_door
from tests.runtimes.llamacpp.conversation import SMALL, turn

_LOAD_ONLY = "load"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def main(model: str, what: str, *wanted: str) -> None:
    """`wanted`: an engine, with its program where it has one (llama-server's, then the Python)."""
    runtime = LlamaCpp(find_paths(), local_door(), SMALL, wanted=Wanted(*wanted))
    ref = ModelRef.parse(model)
    try:
        await runtime.load(ref)
        _say(str(runtime.status.value.pid))
        asked = turn(ref, "Tell a long story about a lighthouse.", sampling=Sampling(max_output=1500, seed=1))
        if what != _LOAD_ONLY:
            async with aclosing(runtime.stream(asked)) as events:
                async for _ in events:
                    pass
    except AqeError as error:
        _say(error.kind)
    await asyncio.to_thread(sys.stdin.read)


asyncio.run(main(*sys.argv[1:]))
