"""A user's end of an engine: finds the running one or starts it, follows its state, and keeps it alive."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
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
    when the engine is gone, for whatever reason."""

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
        self._reader = reader
        self._writer = writer
        self._on_state = on_state
        self._facts: list[asyncio.Future[dict[str, Any]]] = []
        self._closed = False
        self._hear(greeting)
        self._following = asyncio.create_task(self._follow())

    async def facts(self) -> dict[str, Any]:
        """What the engine's keeper reads of its network now. Raises EngineCrashed when it is gone, Unreachable when it
        does not answer."""
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._facts.append(answer)
        channel.send(self._writer, {"ask": "facts"})
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
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _follow(self) -> None:
        while (message := await channel.receive(self._reader)) is not None:
            if "facts" in message:
                self._answer(message["facts"])
            else:
                self._hear(message)
        self._end()

    def _answer(self, facts: dict[str, Any]) -> None:
        """Whoever asked first may have given up."""
        answer = self._facts.pop(0)
        if not answer.done():
            answer.set_result(facts)

    def _hear(self, state: dict[str, Any]) -> None:
        if state["state"] == "ready" and not self.ready.done():
            self.ready.set_result(self._describe(state))
        elif state["state"] == "failed":
            kind = _KINDS.get(state["kind"], ProviderFailed)
            self.failure = kind(state["message"], state["hint"])
            self.lost.set()
        self._on_state(state)

    def _end(self) -> None:
        self.failure = self.failure or _ended()
        self.lost.set()
        _fail(self.ready, self.failure)
        for answer in self._facts:
            _fail(answer, self.failure)
        self._writer.close()
        if not self._closed:
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


async def find_link(job: Job) -> Link | None:
    """Connect to the engine of this job where another process runs it; None where nobody does. Starts nothing. Raises
    Unreachable when it does not answer."""
    return await _try_to_connect(job, lambda _state: None, None, _PEEK_S)


async def _try_to_connect(
    job: Job, on_state: Callable[[dict[str, Any]], None], ours: int | None, patience: float
) -> Link | None:
    """A connection counts once the keeper has greeted us: one that is just ending may accept and say nothing, or tell
    of a failure that was not ours (`ours` is the keeper that we started)."""
    try:
        async with asyncio.timeout(patience):
            reader, writer = await channel.connect(job.control, loopback=job.loopback)
    except OSError:  # TimeoutError is one: a keeper that is stopped long enough accepts no more connections
        return None
    try:
        greeting = await _greeting(reader, writer, patience)
        if greeting is not None and (greeting["state"] != "failed" or greeting["keeper"] == ours):
            return Link(job, reader, writer, greeting, on_state)
    except BaseException:
        writer.close()
        raise
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return None


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


def _fail(future: asyncio.Future[Any], failure: ProviderFailed) -> None:
    if not future.done():
        future.set_exception(failure)
        future.exception()  # nobody may be waiting, and that is no fault


def _ended() -> ProviderFailed:
    return EngineCrashed("The engine ended unexpectedly.")
