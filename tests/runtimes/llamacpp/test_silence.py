"""An engine that says nothing holds nobody up: a stopped keeper, a fault inside one, half a line, a line too long."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from aqe_desktop.core.errors import ProviderFailed, Unreachable
from aqe_desktop.core.models import ModelRef, Phase
from aqe_desktop.machine.paths import Paths, prepare
from aqe_desktop.runtimes.llamacpp import LlamaCpp, link
from aqe_desktop.runtimes.llamacpp.link import find_links
from aqe_desktop.runtimes.llamacpp.options import Job
from aqe_desktop.runtimes.llamacpp.worker.child import Child
from tests.doors import local_door
from tests.runtimes.llamacpp.conversation import SMALL, phase
from tests.runtimes.llamacpp.engines import Engines, parent_of

# A guard against waiting for ever, far above what is waited for.
_SOON_S = 90.0
_NEVER_S = 10 * _SOON_S
# A keeper with something wrong inside: its own limit for a line is below what its engine says.
_FAULTY = """
import json, sys
from aqe_desktop.runtimes.llamacpp.worker import child, keeper
from tests.doors import local_door
child._LINE_LIMIT = 64
keeper.run_keeper(json.loads(sys.argv[1]))
"""


@contextmanager
def _stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.fixture
async def keeper(runtime: LlamaCpp, starter: ModelRef, engines: Engines) -> int:
    await runtime.load(starter)
    assert len(engines.alive()) == 2
    engine = runtime.status.value.pid
    assert engine is not None
    return parent_of(engine)


@asynccontextmanager
async def _another(paths: Paths) -> AsyncIterator[LlamaCpp]:
    other = LlamaCpp(paths, local_door(), SMALL)
    yield other
    await asyncio.wait_for(other.aclose(), _SOON_S)


async def test_a_stopped_keeper_is_named_with_what_to_do(
    keeper: int, paths: Paths, starter: ModelRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "_GREETING_S", 0.2)
    async with _another(paths) as other:
        with _stopped(keeper), pytest.raises(Unreachable, match=f"process {keeper} does not answer") as caught:
            await asyncio.wait_for(other.load(starter), _SOON_S)
        monkeypatch.setattr(link, "_GREETING_S", _SOON_S)
        assert f"kill -9 {keeper}" in caught.value.hint
        assert phase(other) is Phase.FAILED
        await other.load(starter)
        assert phase(other) is Phase.READY


async def test_a_look_shows_a_stopped_keeper_as_failed(
    keeper: int, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "_PEEK_S", 1.0)
    async with _another(paths) as other:
        with _stopped(keeper):
            seen = await asyncio.wait_for(other.look(), _SOON_S)
    assert seen.phase is Phase.FAILED
    assert str(keeper) in seen.message


async def test_whoever_waits_for_a_stopped_keeper_can_leave_at_once(
    keeper: int, paths: Paths, starter: ModelRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "_GREETING_S", _NEVER_S)
    with _stopped(keeper):
        async with _another(paths) as other:
            loading = asyncio.create_task(other.load(starter))
            await asyncio.sleep(0.3)
            loading.cancel()
            await asyncio.wait({loading})


async def test_unloading_while_a_load_waits_ends_the_load_with_a_reason(
    keeper: int, paths: Paths, starter: ModelRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "_GREETING_S", _NEVER_S)
    async with _another(paths) as other:
        with _stopped(keeper):
            loading = asyncio.create_task(other.load(starter))
            await asyncio.sleep(0.3)
            await asyncio.wait_for(other.unload(), _SOON_S)
            with pytest.raises(ProviderFailed, match="unloaded before it was ready"):
                await loading
        assert phase(other) is Phase.STOPPED


async def test_facts_that_do_not_come_are_given_up_and_the_late_answer_harms_nothing(
    runtime: LlamaCpp, keeper: int, starter: ModelRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "_ANSWER_S", 0.2)
    with _stopped(keeper), pytest.raises(Unreachable):
        await asyncio.wait_for(runtime.place(starter), _SOON_S)
    monkeypatch.setattr(link, "_ANSWER_S", _SOON_S)
    assert (await runtime.place(starter)).facts


@contextmanager
def _faulty(job: Job, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", _FAULTY, json.dumps(job.as_json())]
    with log.open("wb") as errors:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=errors, start_new_session=True)
    try:
        deadline = time.monotonic() + _SOON_S
        while not job.control.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        yield process
    finally:
        process.kill()
        process.communicate()


async def test_a_fault_inside_a_keeper_is_told_and_ends_it(paths: Paths, starter_model: Path, engines: Engines) -> None:
    prepare(paths)
    job = Job(starter_model, paths.run, paths.home, SMALL)
    with _faulty(job, paths.logs / "engine.log") as process:
        (found,) = await find_links(paths.run, loopback=False)
        with pytest.raises(ProviderFailed, match="a fault in the app"):
            await asyncio.wait_for(asyncio.shield(found.ready), _SOON_S)
        await found.aclose()
        assert await asyncio.to_thread(process.wait, _SOON_S) == 0
    assert "ValueError" in (paths.logs / "engine.log").read_text()


async def test_half_a_line_of_an_engine_that_was_killed_is_its_end(paths: Paths, starter_model: Path) -> None:
    states = await _states_of('import os; os.write(1, b\'{"state": "loa\'); os.kill(os.getpid(), 9)', paths)
    assert states == "NotEnoughMemory"


async def test_a_line_too_long_in_an_engines_log_does_not_stop_the_reading(paths: Paths) -> None:
    code = "import os, sys; os.write(2, b'x' * 3_000_000 + b'\\n' + b'y' * 3_000_000 + b'\\n'); sys.exit(3)"
    assert await _states_of(code, paths) == "ModelBroken"


async def _states_of(code: str, paths: Paths) -> str:
    """The end of an engine that runs `code`, by the kind of its error; lines may have 64 KiB."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        stdin=asyncio.subprocess.DEVNULL,
    )
    child = Child(process, Job(Path("m.gguf"), paths.run, paths.home))
    with pytest.raises(ProviderFailed) as caught:
        await asyncio.wait_for(_drained(child), _SOON_S)
    return type(caught.value).__name__


async def _drained(child: Child) -> None:
    async for _ in child.states():
        pass
