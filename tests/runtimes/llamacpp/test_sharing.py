"""One engine for all its users, gone with the last of them, however each one went: the third spike, kept."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, aclosing
from pathlib import Path

import pytest

from aqe_desktop.core.chat import Sampling, TextDelta
from aqe_desktop.core.errors import EngineCrashed
from aqe_desktop.core.models import ModelRef, Phase, Proof
from aqe_desktop.machine.paths import Paths
from aqe_desktop.machine.processes import spawn_worker
from aqe_desktop.runtimes.llamacpp import LlamaCpp
from aqe_desktop.runtimes.llamacpp.options import BUSY, Job
from aqe_desktop.runtimes.llamacpp.starter import SHA256
from tests.doors import local_door
from tests.runtimes.llamacpp.conversation import SMALL, answer, phase, reaches, turn
from tests.runtimes.llamacpp.engines import Engines, parent_of

_ROOT = Path(__file__).parents[3]
_PARTIES = ("first user", "second user", "keeper", "engine")


class _Users:
    """Users of the engine in processes of their own."""

    def __init__(self, model: ModelRef, stack: ExitStack) -> None:
        self._model = model
        self._stack = stack

    def start(self, what: str = "talk") -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.runtimes.llamacpp.user", str(self._model), what]
        user = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT)
        self._stack.callback(_end, user)
        return user


def _end(user: subprocess.Popen[str]) -> None:
    user.kill()
    user.communicate()


def _said(user: subprocess.Popen[str]) -> str:
    assert user.stdout is not None
    return user.stdout.readline().strip()


@pytest.fixture
def users(starter: ModelRef, engines: Engines) -> Iterator[_Users]:
    with ExitStack() as stack:
        yield _Users(starter, stack)


def _parties(users: _Users, engines: Engines) -> dict[str, int]:
    first = users.start()
    engine = int(_said(first))
    second = users.start()
    assert int(_said(second)) == engine
    assert len(engines.alive()) == 2
    return dict(zip(_PARTIES, (first.pid, second.pid, parent_of(engine), engine), strict=True))


def _kill(pid: int) -> None:
    """One party may be gone already, because another's end ended it."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("order", [("first user", "second user"), ("second user", "first user")], ids=" then ".join)
def test_the_engine_outlives_one_killed_user_and_ends_with_the_last(
    users: _Users, engines: Engines, order: tuple[str, str]
) -> None:
    parties = _parties(users, engines)
    _kill(parties[order[0]])
    time.sleep(0.5)
    assert engines.engines() == [parties["engine"]]
    _kill(parties[order[1]])
    assert engines.wait_until_gone() == []


@pytest.mark.long
@pytest.mark.parametrize("order", list(itertools.permutations(_PARTIES)), ids=" then ".join)
@pytest.mark.parametrize("pause", [0.0, 0.2])
def test_sigkill_of_every_party_in_every_order_leaves_no_engine(
    users: _Users, engines: Engines, order: tuple[str, ...], pause: float
) -> None:
    parties = _parties(users, engines)
    for party in order:
        _kill(parties[party])
        time.sleep(pause)
    assert len(engines.engines()) <= 1
    assert engines.wait_until_gone() == []


@pytest.mark.long
@pytest.mark.parametrize("after", [0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8])
def test_a_user_killed_while_the_engine_starts_leaves_no_engine(users: _Users, engines: Engines, after: float) -> None:
    user = users.start("load")
    deadline = time.monotonic() + 60
    while not engines.alive() and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(after)
    user.kill()
    assert engines.wait_until_gone() == []


def test_users_that_start_at_the_same_instant_share_one_engine(users: _Users, engines: Engines) -> None:
    started = [users.start("load") for _ in range(4)]
    assert len({_said(user) for user in started}) == 1
    assert len(engines.engines()) == 1
    assert engines.wait_for_one()  # keepers that came too late may still be leaving


async def test_five_starts_in_one_instant_give_one_engine(paths: Paths, engines: Engines, starter: ModelRef) -> None:
    runtimes = [LlamaCpp(paths, local_door(), SMALL) for _ in range(5)]
    await asyncio.gather(*(runtime.load(starter) for runtime in runtimes))
    assert len({runtime.status.value.pid for runtime in runtimes}) == 1
    assert len(engines.engines()) == 1
    await asyncio.gather(*(runtime.aclose() for runtime in runtimes))


async def test_an_engine_that_another_process_runs_is_seen_without_starting_or_ending_it(
    users: _Users, engines: Engines, paths: Paths
) -> None:
    onlooker = LlamaCpp(paths, local_door(), SMALL)
    assert (await onlooker.look()).phase is Phase.STOPPED
    assert engines.alive() == []
    pid = int(await asyncio.to_thread(_said, users.start()))
    seen = await onlooker.look()
    assert (seen.phase, seen.pid) == (Phase.READY, pid)
    assert seen.place is not None
    assert seen.place.proof is Proof.PROVED
    assert engines.engines() == [pid]
    assert onlooker.status.value.phase is Phase.STOPPED


async def test_a_second_keeper_of_the_same_engine_leaves_without_touching_the_first(
    runtime: LlamaCpp, starter: ModelRef, starter_model: Path, engines: Engines, paths: Paths
) -> None:
    await runtime.load(starter)
    job = Job(starter_model, paths.run, paths.home, SMALL, SHA256)
    before = job.control.stat().st_ino
    second = spawn_worker("llamacpp", [], job.as_json(), paths.logs / "engine.log")
    assert await asyncio.to_thread(second.wait) == BUSY
    assert second.stdin is not None
    second.stdin.close()
    assert job.control.stat().st_ino == before
    assert len(engines.alive()) == 2


async def test_an_engine_that_does_not_see_its_keepers_line_end_ends_with_it_all_the_same(
    runtime: LlamaCpp, starter: ModelRef, engines: Engines
) -> None:
    """While a model loads, its engine cannot read; here a copy of the line that stays open stands for that."""
    await runtime.load(starter)
    assert len(engines.alive()) == 2
    engine = runtime.status.value.pid
    assert engine is not None
    keeper = parent_of(engine)
    with _copies_of_all_lines(keeper):
        os.kill(keeper, signal.SIGKILL)
        assert engines.wait_until_gone() == []
    await reaches(runtime, Phase.FAILED)


@contextlib.contextmanager
def _copies_of_all_lines(pid: int) -> Iterator[None]:
    """Holds open what another process has open: Linux's pidfd_getfd (its number is the same on every architecture)."""
    process = os.pidfd_open(pid)
    numbers = [int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir()]
    copies = [ctypes.CDLL(None).syscall(438, process, number, 0) for number in numbers]
    assert min(copies) >= 0
    yield
    for copy in [process, *copies]:
        os.close(copy)


@pytest.mark.long
async def test_users_that_come_while_the_engine_is_ending_get_a_fresh_one(
    paths: Paths, engines: Engines, starter: ModelRef
) -> None:
    for round_ in range(12):
        leaving, coming = LlamaCpp(paths, local_door(), SMALL), LlamaCpp(paths, local_door(), SMALL)
        await leaving.load(starter)
        await asyncio.gather(leaving.unload(), _later(round_ * 0.002, coming, starter))
        text, _, _ = await answer(coming, turn(starter, "Hello"))
        assert text
        assert len(engines.engines()) == 1
        await coming.aclose()


async def _later(pause: float, runtime: LlamaCpp, model: ModelRef) -> None:
    await asyncio.sleep(pause)
    await runtime.load(model)


async def _talk_and_kill(runtime: LlamaCpp, model: ModelRef, victim: int) -> None:
    """Kills when three words of a long answer have arrived, and goes on listening."""
    words = 0
    async with aclosing(runtime.stream(turn(model, "Tell a long story.", sampling=Sampling(seed=1)))) as events:
        async for event in events:
            words += isinstance(event, TextDelta)
            if words == 3:
                _kill(victim)


@pytest.mark.parametrize("victim", ["engine", "keeper"])
async def test_an_engine_killed_in_mid_reply_is_told_and_the_next_use_starts_a_fresh_one(
    runtime: LlamaCpp, starter: ModelRef, engines: Engines, victim: str
) -> None:
    await runtime.load(starter)
    assert len(engines.alive()) == 2
    engine = runtime.status.value.pid
    assert engine is not None
    with pytest.raises(EngineCrashed) as caught:
        await _talk_and_kill(runtime, starter, engine if victim == "engine" else parent_of(engine))
    assert caught.value.hint
    assert phase(runtime) is Phase.FAILED
    assert runtime.status.value.hint
    text, _, _ = await answer(runtime, turn(starter, "Hello"))
    assert text
    assert phase(runtime) is Phase.READY
    assert runtime.status.value.pid != engine
    assert len(engines.engines()) == 1


async def test_an_idle_engine_that_is_killed_shows_at_once_and_loads_again(
    runtime: LlamaCpp, starter: ModelRef, engines: Engines
) -> None:
    await runtime.load(starter)
    assert len(engines.alive()) == 2
    pid = runtime.status.value.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await reaches(runtime, Phase.FAILED)
    await runtime.load(starter)
    assert runtime.status.value.pid != pid
    assert len(engines.engines()) == 1


async def test_two_users_of_a_killed_engine_get_one_new_engine_between_them(
    paths: Paths, engines: Engines, starter: ModelRef
) -> None:
    both = [LlamaCpp(paths, local_door(), SMALL), LlamaCpp(paths, local_door(), SMALL)]
    await asyncio.gather(*(runtime.load(starter) for runtime in both))
    assert engines.wait_for_one()
    pid = both[0].status.value.pid
    assert pid is not None
    assert both[1].status.value.pid == pid
    os.kill(pid, signal.SIGKILL)
    for runtime in both:
        await reaches(runtime, Phase.FAILED)
    await asyncio.gather(*(runtime.load(starter) for runtime in both))
    assert both[0].status.value.pid == both[1].status.value.pid != pid
    assert len(engines.engines()) == 1
    for runtime in both:
        await runtime.aclose()
