"""The Ollama server: found where the user has it, or started by this app, and then ended by this app."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aqe_desktop.core.errand import Errand
from aqe_desktop.core.errors import ProviderFailed, Unreachable, UsageError
from aqe_desktop.core.ledger import Purpose
from aqe_desktop.core.models import Place, Proof, Zone
from aqe_desktop.machine import holes, sockets
from aqe_desktop.machine.door import Door
from aqe_desktop.machine.paths import Paths, prepare
from aqe_desktop.machine.processes import spawn_worker
from aqe_desktop.runtimes.ollama import found, places, started, words
from aqe_desktop.runtimes.ollama.found import Options
from aqe_desktop.runtimes.ollama.places import ID, UNIT, Endpoint, Known
from aqe_desktop.runtimes.ollama.worker import BUSY

if TYPE_CHECKING:
    import httpx

__all__ = ["Options", "Server"]
_START_S, _STOP_S, _PAUSE_S = 60.0, 15.0, 0.05
_ANSWER_S = 10.0
_ABSENT = "Install Ollama, or say where its program is."
_SWITCH_SINCE = (0, 16, 2)


class Server:
    """Implements core.ports.Control. One server of ours per profile, whichever process started it; while there is one
    it is the one that is used."""

    def __init__(
        self, paths: Paths, door: Door, options: Options | None = None, environ: Mapping[str, str] | None = None
    ) -> None:
        self._paths = paths
        self._door = door
        self._options = options or Options()
        self._environ = os.environ if environ is None else environ
        self._configured, self._misread = found.find_endpoint(self._options, self._environ)
        self._record: started.Record | None = None
        self._keeper: subprocess.Popen[bytes] | None = None
        self._stays = False
        self._changing = asyncio.Lock()

    @property
    def endpoint(self) -> Endpoint:
        """Where it was when it was last looked for."""
        record = self._record
        return Endpoint(port=record.port) if record is not None and record.port else self._configured

    @property
    def ours(self) -> bool:
        """Whether this app started the one at `endpoint`."""
        return self._record is not None

    @property
    def pid(self) -> int | None:
        return None if self._record is None else self._record.server

    @property
    def store(self) -> Path | None:
        """The folder that should hold its models, as far as this user knows; None for a server elsewhere."""
        return found.models_folder(self._options, self._environ) if self.endpoint.on_loopback else None

    def binary(self) -> Path | None:
        """The program on this machine; blocks for a moment."""
        return found.find_binary(self._options, self._environ)

    async def find(self) -> Endpoint:
        """Look for a server of ours again, and end what a killed one left behind."""
        self._record = await asyncio.to_thread(self._look)
        return self.endpoint

    async def known(self) -> Known:
        await self.find()
        return await asyncio.to_thread(self._known)

    async def place(self, remote: str | None = None) -> Place:
        """The zone of a model of this server, read now; `remote` as in `places.place_of`."""
        known = await self.known()
        return await asyncio.to_thread(places.place_of, self.endpoint, known, remote)

    async def client(
        self, purpose: Purpose, *, read_s: float | None = _ANSWER_S, place: Place | None = None
    ) -> httpx.AsyncClient:
        """A client for one errand to it. Raises Unreachable, and asks nobody, where the kernel says that nobody
        listens: nothing is to leave for a server that is not there."""
        place = place or await self.place()
        if place.proof is Proof.UNPROVED and await self._is_silent():
            raise Unreachable(f"No Ollama server runs at {self.endpoint.url}.", "Start Ollama, or start it from here.")
        return await self._door.client(Errand(purpose, ID, place), self.endpoint.address(place), read_s=read_s)

    async def ask(self, path: str, purpose: Purpose = Purpose.MODELS) -> dict[str, Any]:
        """One JSON answer. Raises Unreachable where nothing answers, ProviderFailed where that is no Ollama."""
        from aqe_desktop.runtimes.ollama.client import native

        async with await self.client(purpose) as http:
            told: dict[str, Any] = await native(http).ask("GET", path)
            return told

    async def version(self) -> str:
        """Raises ProviderFailed where what answers is no Ollama."""
        told = (await self.ask("/api/version")).get("version")
        if not isinstance(told, str):
            raise ProviderFailed(
                f"What answers at {self.endpoint.url} is not Ollama.", "Correct the address of the runtime, or end it."
            )
        return told[:40]

    async def cloud_off(self) -> bool | None:
        """Whether it refuses to pass anything on to Ollama's cloud; None where this version does not say."""
        try:
            cloud = (await self.ask("/api/status")).get("cloud")
        except Unreachable:
            raise
        except ProviderFailed:
            return None
        return bool(cloud.get("disabled")) if isinstance(cloud, dict) else None

    async def warnings(self, version: str) -> tuple[str, ...]:
        """One sentence for each thing that a user of this server should know; `version` as it told. One that is not
        proved to be here is asked nothing."""
        told = [self._misread, holes.warning(ID, version)]
        if (await asyncio.to_thread(self._is_open_to_all)) or (self._configured.everywhere and not self.ours):
            told.append(
                "Ollama listens on every network address of this machine and asks for no password; "
                "start it with OLLAMA_HOST=127.0.0.1 to keep others out."
            )
        if self.ours and not self._options.cloud:
            told.append(await self._cloud_warning(version))
        return tuple(each for each in told if each)

    async def ensure(self) -> None:
        """Start one that ends with this process, where nobody listens and there is a program; else nothing."""
        async with self._changing:
            await self.find()
            if self.ours or not self.endpoint.on_loopback:
                return
            holders = await asyncio.to_thread(sockets.listeners, self.endpoint.port)
            if holders or (holders is None and await self._answers()):
                return
            await self._start(self.endpoint.port, stays=False)

    async def start(self) -> None:
        """Raises UsageError for a server on another machine or one that is not ours and not proved to be here,
        ProviderFailed where there is no program or it fails."""
        async with self._changing:
            await self.find()
            port = await self._port()
            if port is not None:
                await self._start(port, stays=self._options.outlives)

    async def stop(self) -> None:
        """Returns when it and all that it started are gone. Raises UsageError for one that this app did not start."""
        async with self._changing:
            await self.find()
            if self._record is None:
                await self._refuse_to_stop()
                return
            await self._end(self._record)

    async def aclose(self) -> None:
        """End what this process started, unless that was to outlive it."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            _let_go(keeper)
            if not self._stays:
                await self._gone(keeper)

    async def has_log(self) -> bool:
        """Whether this app ever started one."""
        return await asyncio.to_thread(self._log.is_file)

    def logs(self, lines: int = 500) -> AsyncGenerator[str]:
        """Of the server that this app started, or did last. Raises UsageError where it never did."""
        return words.follow(self._log, lines)

    @property
    def _log(self) -> Path:
        return self._paths.logs / started.LOG

    def _look(self) -> started.Record | None:
        record = started.running(self._paths.run)
        if record is None:
            started.sweep(self._paths.run)
        return record

    def _known(self) -> Known:
        child = None if self._record is None else (self._record.server, self._record.server_started)
        return Known(child, self.binary(), self._options.declared)

    def _is_open_to_all(self) -> bool:
        holders = sockets.listeners(self.endpoint.port) if self.endpoint.on_loopback else None
        return any(each.everywhere for each in holders or ())

    async def _cloud_warning(self, version: str) -> str:
        off = await self.cloud_off()
        if off:
            return ""
        if off is None and holes.numbers(version) < _SWITCH_SINCE:
            return "This version of Ollama has no switch for its cloud; from 0.16.2 on it has one."
        return "Ollama was told to keep its cloud off, and says that it is on."

    async def _is_silent(self) -> bool:
        return self.endpoint.on_loopback and await asyncio.to_thread(sockets.listeners, self.endpoint.port) == ()

    async def _answers(self) -> bool:
        try:
            await self.version()
        except Unreachable:
            return False
        return True

    async def _port(self) -> int | None:
        """Which port to start one on, 0 for any; None where one runs that serves. Raises UsageError where one does that
        could not be told from another machine's: it would be asked instead of ours."""
        if self.ours:
            return None
        if not self.endpoint.on_loopback:
            if await self._answers():
                return None
            raise UsageError(f"The server at {self.endpoint.url} is not on this device.", "Start it where it runs.")
        place = await self.place()
        holders = await asyncio.to_thread(sockets.listeners, self.endpoint.port)
        if place.proof is Proof.PROVED and place.zone is Zone.DEVICE:
            return None
        if holders and not found.is_chosen(self._options, self._environ):
            return 0  # somebody else has the usual port: an Ollama of another machine, it may be
        if holders or holders is None:
            if not await self._answers():
                return self.endpoint.port
            if place.proof is Proof.UNPROVED:
                raise UsageError(
                    f"A server that this app did not start answers at {self.endpoint.url}, so none was started.",
                    "End it where it was started, then start Ollama from here.",
                )
            return None
        return self.endpoint.port

    async def _start(self, port: int, *, stays: bool) -> None:
        binary = await asyncio.to_thread(self.binary)
        if binary is None:
            raise ProviderFailed("Ollama is not installed on this device.", _ABSENT)
        await asyncio.to_thread(prepare, self._paths)
        for each in dict.fromkeys((port, 0)):
            if await self._started(binary, each, stays=stays):
                return
        raise ProviderFailed(
            f"Ollama ended while it started: {await asyncio.to_thread(words.last, self._log)}",
            f"{self._log} tells more.",
        )

    async def _started(self, binary: Path, port: int, *, stays: bool) -> bool:
        """False where it ended by itself, as when its port was taken meanwhile."""
        job = started.Job(
            binary,
            await asyncio.to_thread(found.surroundings, self._options, self._environ, port),
            self._paths.run / started.RECORD,
            self._paths.run / started.LOCK,
            self._log,
            stays,
        )
        keeper = await self._spawned(job)
        ready = False
        try:
            ready = await self._ready(keeper)
        finally:
            if ready and self._record is not None and self._record.keeper == keeper.pid:
                before, self._keeper, self._stays = self._keeper, keeper, stays
            else:
                before = keeper  # it failed, or another process of this profile was first
            _dismiss(before)
        return ready

    async def _spawned(self, job: started.Job) -> subprocess.Popen[bytes]:
        starting = asyncio.ensure_future(asyncio.to_thread(spawn_worker, "ollama", [], job.as_json(), job.log))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            _let_go(await starting)
            raise
        except OSError as error:
            raise ProviderFailed(f"Ollama cannot be started: {error.strerror}.", "Check free memory.") from error

    async def _ready(self, keeper: subprocess.Popen[bytes]) -> bool:
        deadline = asyncio.get_running_loop().time() + _START_S
        while asyncio.get_running_loop().time() < deadline:
            await self.find()
            if self._record is not None and self._record.port and await self._answers():
                return True
            if keeper.returncode not in (None, BUSY):
                return False
            await asyncio.sleep(_PAUSE_S)
        raise Unreachable("Ollama did not start in time.", f"Look into {self._log} for the reason.")

    async def _end(self, record: started.Record) -> None:
        """By its keeper, who ends all of it; what a dead keeper left is swept."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            _let_go(keeper)
        told = await asyncio.to_thread(started.end, record.keeper, record.keeper_started, signal.SIGTERM)
        if not told and keeper is not None:
            keeper.terminate()
        await self._gone(keeper)
        await self._door.forget(Endpoint(port=record.port).address(Place(Zone.DEVICE, Proof.PROVED)))
        await self.find()
        if self._record is not None and self._record.server == record.server:
            raise ProviderFailed("Ollama does not end.", f"End process {record.server} yourself.")

    async def _gone(self, keeper: subprocess.Popen[bytes] | None) -> None:
        deadline = asyncio.get_running_loop().time() + _STOP_S
        while asyncio.get_running_loop().time() < deadline:
            alive = keeper is not None and keeper.returncode is None
            if not alive and not await asyncio.to_thread(started.is_starting, self._paths.run):
                return
            await asyncio.sleep(_PAUSE_S)

    async def _refuse_to_stop(self) -> None:
        holders = None
        if self.endpoint.on_loopback:
            holders = await asyncio.to_thread(sockets.listeners, self.endpoint.port)
            if holders == ():
                return
        facts = (await self.place()).facts
        hint = f"systemctl stop {UNIT}" if any(UNIT in each for each in facts) else "Stop it where it was started."
        raise UsageError(f"This app did not start that server and leaves it alone. {facts[0]}", hint)


def _let_go(keeper: subprocess.Popen[bytes]) -> None:
    """The keeper of a server that is not to stay ends it when it reads the end of this pipe."""
    if keeper.stdin is not None:
        with contextlib.suppress(OSError):
            keeper.stdin.close()


def _dismiss(keeper: subprocess.Popen[bytes] | None) -> None:
    """One that has no server to keep."""
    if keeper is not None:
        _let_go(keeper)
        with contextlib.suppress(OSError):
            keeper.terminate()
