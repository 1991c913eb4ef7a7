"""Keeps one engine for all its users: starts it, tells every user how it stands, and ends it when the last one left or
when it was idle for as long as its settings let it.

Each user (window, `aqe`, gateway) holds one control connection. The kernel closes it however that user ends, so a
model is shared, never doubled, never orphaned. A file lock, freed by the kernel too, lets one keeper live per key."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aqe_desktop.core.errors import AqeError, ProviderFailed
from aqe_desktop.locks import FileLock
from aqe_desktop.machine import sandbox, seccomp
from aqe_desktop.machine.privileges import drop_privileges
from aqe_desktop.runtimes.llamacpp import channel, starter
from aqe_desktop.runtimes.llamacpp.options import BUSY, Job
from aqe_desktop.runtimes.llamacpp.worker import beside
from aqe_desktop.runtimes.llamacpp.worker.child import Child
from aqe_desktop.runtimes.llamacpp.worker.idleness import Idleness

VERIFIED = "verified-models.json"
_SECONDS_TO_FIRST_USER = 10.0
_MOVED_MS = 5000


def run_keeper(told: dict[str, Any]) -> int:
    """Returns BUSY at once when another keeper has this engine; else does not return, but ends the process."""
    sandbox.no_core_dumps()
    job = Job.parse(told)
    if not FileLock(job.lock).try_exclusive():  # held until the kernel ends this process
        return BUSY
    refusal = "its control connection needs the loopback interface" if job.loopback else sandbox.cut_off()
    # What an engine must be able to read: the model with its files, and the programs that read it.
    programs = [Path(program) for program in (sys.executable, job.program) if program]
    drop_privileges((job.model, *beside.paths_of(job.options), *programs, Path(__file__)))
    asyncio.run(Keeper(job, refusal).run())
    os._exit(0)  # a hash that is being computed in a thread must not hold up the end


class Keeper:
    """The state of one engine and the users who follow it."""

    def __init__(self, job: Job, refusal: str) -> None:
        self._job = job
        self._refusal = refusal
        self._token = secrets.token_urlsafe(32)
        self._idle = Idleness(job.options, self._idle_too_long)
        self._state: dict[str, Any] = {}
        self._users: set[asyncio.StreamWriter] = set()
        self._met = asyncio.Event()
        self._over = asyncio.Event()
        self._child: Child | None = None
        self._put({"state": "verifying", "progress": 0.0})

    async def run(self) -> None:
        server = await channel.listen(self._job.control, self._user, loopback=self._job.loopback)
        self._watch_our_starter()
        work = asyncio.create_task(self._work())
        await self._over.wait()
        server.close()
        self._job.control.unlink(missing_ok=True)
        work.cancel()
        if self._child is not None:
            await self._child.end()
        self._job.socket.unlink(missing_ok=True)
        await self._say_goodbye()

    async def _user(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._over.is_set():
            writer.close()  # without a greeting, so that whoever came too late starts a fresh engine
            return
        self._users.add(writer)
        self._met.set()
        channel.send(writer, self._state)
        try:
            while (message := await channel.receive(reader)) is not None:
                self._hear(message, writer)
        finally:
            self._users.discard(writer)
            self._idle.forget(writer)
            writer.close()
            self._end_if_alone()

    def _hear(self, message: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        asked = message.get("ask")
        if asked == "facts":
            channel.send(writer, {"facts": self._facts()})
        elif asked == "use" and not self._over.is_set():
            self._idle.begin(writer, message["idle_s"])
            self._put_idleness()
            channel.send(writer, {"used": True})
        elif asked == "done":
            self._idle.end(writer)
            self._put_idleness()
        elif asked in ("stay", "leave"):
            self._idle.stays = asked == "stay"

    def _put_idleness(self) -> None:
        """Told when it has moved: whoever counts tokens at each word from here would else never come to an end."""
        told, now = self._state.get("until"), self._idle.until
        moved = now is not None and (told is None or abs(now - told) > _MOVED_MS)
        if self._state["state"] == "ready" and (moved or self._idle.limit != self._state["idle_s"]):
            self._put(self._state)

    def _idle_too_long(self) -> None:
        self._put({"state": "idle", "idle_s": self._idle.limit})
        self._over.set()

    def _watch_our_starter(self) -> None:
        """Whoever started us may be killed before it is connected: then our standard input ends."""
        loop = asyncio.get_running_loop()
        loop.call_later(_SECONDS_TO_FIRST_USER, self._end_if_alone)

        def ended() -> None:
            loop.remove_reader(0)
            self._end_if_alone()

        # The loop of Windows cannot watch a pipe; there the time limit has to do.
        with contextlib.suppress(NotImplementedError):
            loop.add_reader(0, ended)

    def _end_if_alone(self) -> None:
        """Unless whoever loaded the model wanted it to stay, which it does no longer than it may be idle."""
        if not self._users and not (self._idle.stays and self._idle.until):
            self._over.set()

    async def _work(self) -> None:
        try:
            await self._verify()
            self._child = await Child.start(self._job, self._token, cut_off=not self._refusal)
            async for state in self._child.states():
                if state["state"] == "ready":
                    self._idle.start()
                    state = {**state, "token": self._token}
                self._put(state)
        except Exception as error:  # noqa: BLE001 - whatever it is, users wait for a word
            self._put({"state": "failed", **_told(error).as_json()})
        await self._met.wait()  # a failure must be told to somebody, or it would be tried again and again
        self._over.set()

    async def _verify(self) -> None:
        if self._job.sha256:
            loop = asyncio.get_running_loop()
            await asyncio.to_thread(
                starter.verify,
                self._job.model,
                self._job.sha256,
                self._job.home / VERIFIED,
                lambda done: _quietly(loop, self._put, {"state": "verifying", "progress": done}),
            )

    def _put(self, state: dict[str, Any]) -> None:
        state = {**state, "keeper": os.getpid(), "job": self._job.as_json()}
        if state["state"] == "ready":
            state |= {"until": self._idle.until, "idle_s": self._idle.limit}
        if state == self._state:
            return
        self._state = state
        for writer in self._users:
            channel.send(writer, state)

    def _facts(self) -> dict[str, Any]:
        """Read anew at each question; the engine shares this process's namespace and filter by descent. `missing` says
        that it should be cut off and is not; a system without the means, or without Unix sockets, promises nothing."""
        if self._refusal:
            sentence = f"The engine can reach the network like any other program of yours: {self._refusal}."
            return {"missing": sandbox.has_means() and not self._job.loopback, "sentence": sentence}
        seen = sandbox.look_at_network()
        said = [seen.fact, *_limits_of(self._state.get("engine_pid"))]
        return {"missing": not seen.cut_off, "sentence": " ".join(said)}

    async def _say_goodbye(self) -> None:
        for writer in self._users:
            writer.close()
        await asyncio.sleep(0)


def _limits_of(engine: int | None) -> Iterator[str]:
    """What the kernel says of an engine beside its network, in comparison with this process, whose child it is."""
    if engine is None:
        return
    sealed = seccomp.filters_of(engine) > seccomp.filters_of(os.getpid())
    yield "The kernel lets it start no program." if sealed else "It could start other programs."
    if not sandbox.is_hidden(engine):
        yield "Other programs under your user account may be able to read its memory."


def _told(error: Exception) -> AqeError:
    if isinstance(error, AqeError):
        return error
    traceback.print_exception(error)  # to the log; this process never holds a prompt
    if isinstance(error, OSError):
        return ProviderFailed(f"The engine cannot be started: {error.strerror}.", "Check free memory and disk space.")
    return ProviderFailed(
        f"The engine ended by a fault in the app ({type(error).__name__}).",
        "Try again; if it happens again, save a diagnostics bundle.",
    )


def _quietly(loop: asyncio.AbstractEventLoop, function: Any, value: dict[str, Any]) -> None:
    """Hand a value from the hashing thread to the loop, unless the loop is closing because everybody left."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(function, value)
