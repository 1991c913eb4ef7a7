"""A user's end of an engine: finds the running one or starts it, follows its state, and keeps it alive."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aqe_desktop.core.errors import (
    EngineCrashed,
    ModelBroken,
    NotEnoughMemory,
    ProviderFailed,
    Unreachable,
)
from aqe_desktop.machine.door import Address
from aqe_desktop.machine.processes import peer_of
from aqe_desktop.runtimes.llamacpp import channel
from aqe_desktop.runtimes.llamacpp.options import Job
from aqe_desktop.runtimes.llamacpp.started import Started, start

# A keeper that dies is noticed at once; one that lives may take long where the machine is overloaded.
_PATIENCE_S = 60.0
_PAUSE_S = 0.03
# How long a keeper may take to say a word: it says it within milliseconds, unless it was stopped or the machine is
# overloaded. A mere look at what runs is not worth waiting for.
_GREETING_S, _PEEK_S, _ANSWER_S = 10.0, 3.0, 5.0
_KINDS: dict[str, type[ProviderFailed]] = {
    kind.kind: kind for kind in (EngineCrashed, ModelBroken, NotEnoughMemory, ProviderFailed)
}


@dataclass(frozen=True, slots=True)
class Ready:
    """A loaded engine as its keeper describes it; `context` is tokens of one conversation."""

    keeper_pid: int
    engine_pid: int
    address: Address
    token: str = field(repr=False)
    version: str
    context: int
    options: dict[str, Any]
    devices: tuple[str, ...]
    control_tokens: tuple[str, ...]


class Link:
    """One open control connection. `ready` is set once, with an engine or with the reason there is none; `lost` is set
    when the engine is gone, for whatever reason; `let_go` too where that was because it had been idle."""

    def __init__(
        self,
        job: Job,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        greeting: dict[str, Any],
        on_state: Callable[[dict[str, Any]], None],
    ) -> None:
        self.job = job
        self.greeting = greeting
        self.ready: asyncio.Future[Ready] = asyncio.get_running_loop().create_future()
        self.lost = asyncio.Event()
        self.failure: ProviderFailed | None = None
        self.let_go = False
        self._reader = reader
        self._writer = writer
        self._on_state = on_state
        self._facts: list[asyncio.Future[Any]] = []
        self._begun: list[asyncio.Future[Any]] = []
        self._uses = 0
        self._retired = False
        self._closed = False
        self._when_gone: Callable[[], None] | None = None
        self._hear(greeting)
        self._following = asyncio.create_task(self._follow())

    async def facts(self) -> dict[str, Any]:
        """What the engine's keeper reads of its network now. Raises EngineCrashed when it is gone, Unreachable when it
        does not answer."""
        facts: dict[str, Any] = await self._asked({"ask": "facts"}, self._facts)
        return facts

    @contextlib.asynccontextmanager
    async def in_use(self, idle_s: int | None) -> AsyncGenerator[None]:
        """The engine is not idle meanwhile; `idle_s` is how long it may be afterwards. Raises as `facts` does."""
        self._uses += 1
        try:
            await self._asked({"ask": "use", "idle_s": idle_s}, self._begun)
            yield
        finally:
            self._uses -= 1
            channel.send(self._writer, {"ask": "done"})
            if self._retired and not self._uses:
                await self.aclose()

    def stay(self) -> None:
        """The engine outlives this process, for as long as it may be idle."""
        channel.send(self._writer, {"ask": "stay"})

    def leave(self) -> None:
        """The engine outlives nobody."""
        channel.send(self._writer, {"ask": "leave"})

    async def retire(self, when_gone: Callable[[], None] | None = None) -> None:
        """Let go of the engine once nothing of this process is under way in it; then `when_gone` is called."""
        self._retired, self._when_gone = True, when_gone
        if not self._uses:
            await self.aclose()

    async def _asked(self, question: dict[str, Any], waiting: list[asyncio.Future[Any]]) -> Any:
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        waiting.append(answer)
        channel.send(self._writer, question)
        if self.lost.is_set():
            raise self.failure or _ended()
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await answer
        except TimeoutError as error:
            raise _silent(self.peer()) from error

    def peer(self) -> tuple[int, int] | None:
        """(process id, user id) of the keeper, by the kernel's word."""
        return peer_of(self._writer.get_extra_info("socket"))

    async def aclose(self) -> None:
        """Let go of the engine; the connection is closed when this returns."""
        self._closed = True
        self._following.cancel()
        if not self.ready.done():
            self.ready.cancel()
        for answer in (*self._facts, *self._begun):
            _fail(answer, _ended())
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
        when_gone, self._when_gone = self._when_gone, None
        if when_gone is not None:
            when_gone()

    async def _follow(self) -> None:
        while (message := await channel.receive(self._reader)) is not None:
            if "facts" in message:
                _answer(self._facts, message["facts"])
            elif "used" in message:
                _answer(self._begun, message["used"])
            else:
                self._hear(message)
        self._end()

    def _hear(self, state: dict[str, Any]) -> None:
        if state["state"] == "ready" and not self.ready.done():
            self.ready.set_result(self._describe(state))
        elif state["state"] == "failed":
            kind = _KINDS.get(state["kind"], ProviderFailed)
            self.failure = kind(state["message"], state["hint"])
            self.lost.set()
        elif state["state"] == "idle":
            self.let_go = True
            self.lost.set()
        if not self._retired:
            self._on_state(state)

    def _end(self) -> None:
        self.failure = self.failure or _ended()
        self.lost.set()
        _fail(self.ready, self.failure)
        for answer in (*self._facts, *self._begun):
            _fail(answer, self.failure)
        self._writer.close()
        if not (self._closed or self.let_go or self._retired):
            self._on_state({"state": "failed", **self.failure.as_json()})

    def _describe(self, state: dict[str, Any]) -> Ready:
        address = state["address"]
        return Ready(
            keeper_pid=state["keeper"],
            engine_pid=state["engine_pid"],
            address=Address(Path(address["path"]) if address["path"] else None, address["port"]),
            token=state["token"],
            version=state["version"],
            context=state["context"],
            options=state["options"],
            devices=tuple(state["devices"]),
            control_tokens=tuple(state["control_tokens"]),
        )


async def open_link(job: Job, log: Path, on_state: Callable[[dict[str, Any]], None]) -> Link:
    """Connect to the engine of this job, starting it when there is none. Two callers at once get the same one: the
    second keeper finds the lock taken and leaves. Raises ProviderFailed when it dies, Unreachable when none starts in
    time, or one does not answer."""
    deadline = asyncio.get_running_loop().time() + _PATIENCE_S
    started: Started | None = None
    try:
        while asyncio.get_running_loop().time() < deadline:
            link = await _try_to_connect(job, on_state, None if started is None else started.pid, _GREETING_S)
            if link is not None:
                return link
            if started is None or started.ended:
                started = await _another(started, job, log)
            await asyncio.sleep(_PAUSE_S)
    finally:
        if started is not None:
            started.let_go()
    raise Unreachable("The engine did not start in time.", f"Look into {log} for the reason.")


async def _another(before: Started | None, job: Job, log: Path) -> Started:
    if before is not None:
        before.let_go()
        before.require_peaceful_end()
    return await start(job, log)


async def find_links(run: Path, *, loopback: bool) -> list[Link]:
    """Connect to every engine that runs in this folder. Starts nothing. Raises Unreachable when one does not answer."""
    found: list[Link] = []
    try:
        for control in sorted(await asyncio.to_thread(lambda: [*run.glob("*.ctl")])):
            link = await _found(control, loopback=loopback)
            found += [link] if link is not None else []
    except BaseException:
        for link in found:
            await link.aclose()
        raise
    return found


async def _try_to_connect(
    job: Job, on_state: Callable[[dict[str, Any]], None], ours: int | None, patience: float
) -> Link | None:
    """A connection counts once the keeper has greeted us: one that is just ending may accept and say nothing, or tell
    of a failure that was not ours (`ours` is the keeper that we started)."""
    opened = await _greeted(job.control, patience, loopback=job.loopback)
    if opened is None:
        return None
    reader, writer, greeting = opened
    if greeting["state"] != "failed" or greeting["keeper"] == ours:
        return Link(job, reader, writer, greeting, on_state)
    await _hang_up(writer)
    return None


async def _found(control: Path, *, loopback: bool) -> Link | None:
    """The engine behind this control connection, whatever its job; None where none is to be had."""
    opened = await _greeted(control, _PEEK_S, loopback=loopback)
    if opened is None:
        return None
    reader, writer, greeting = opened
    job = _job_of(greeting)
    if greeting["state"] != "failed" and job is not None:
        return Link(job, reader, writer, greeting, lambda _state: None)
    await _hang_up(writer)
    return None


def _job_of(greeting: dict[str, Any]) -> Job | None:
    """None where a keeper of another version of this app tells it otherwise."""
    try:
        return Job.parse(greeting["job"])
    except (KeyError, TypeError):
        return None


async def _greeted(
    control: Path, patience: float, *, loopback: bool
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, dict[str, Any]] | None:
    """An open connection with the keeper's first word; None where nobody is there or a last word is gone already.
    Raises Unreachable where one is silent."""
    try:
        async with asyncio.timeout(patience):
            reader, writer = await channel.connect(control, loopback=loopback)
    except OSError:  # TimeoutError is one: a keeper that is stopped long enough accepts no more connections
        return None
    try:
        greeting = await _greeting(reader, writer, patience)
    except BaseException:
        writer.close()
        raise
    if greeting is None:
        await _hang_up(writer)
        return None
    return reader, writer, greeting


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _greeting(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, patience: float
) -> dict[str, Any] | None:
    try:
        async with asyncio.timeout(patience):
            return await channel.receive(reader)
    except TimeoutError as error:
        raise _silent(peer_of(writer.get_extra_info("socket"))) from error


def _silent(peer: tuple[int, int] | None) -> Unreachable:
    if peer is None:
        return Unreachable("The engine's process does not answer.", "Try again in a moment.")
    return Unreachable(
        f"The engine's process {peer[0]} does not answer; it may have been stopped.",
        f"Try again in a moment, or end that process: kill -9 {peer[0]}",
    )


def _answer(waiting: list[asyncio.Future[Any]], told: Any) -> None:
    """Whoever asked first may have given up."""
    answer = waiting.pop(0)
    if not answer.done():
        answer.set_result(told)


def _fail(future: asyncio.Future[Any], failure: ProviderFailed) -> None:
    if not future.done():
        future.set_exception(failure)
        future.exception()  # nobody may be waiting, and that is no fault


def _ended() -> ProviderFailed:
    return EngineCrashed("The engine ended unexpectedly.")
