"""The engine's process as its keeper sees it: its reports, its log, its progress, and why it ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections import deque
from collections.abc import AsyncGenerator
from typing import Any

from aqe_desktop.core.errors import EngineCrashed, ModelBroken, NotEnoughMemory, ProviderFailed
from aqe_desktop.machine import hardware
from aqe_desktop.machine.processes import built_environment, without_programs, worker_command
from aqe_desktop.runtimes.llamacpp.options import Job
from aqe_desktop.runtimes.llamacpp.worker.engine import LOAD_FAILED
from aqe_desktop.runtimes.llamacpp.worker.reported import Reported

_POLL_S = 0.1
_SECONDS_TO_END = 3.0
_LINES_KEPT = 40
# How much later than its word that it answers an engine's log may come.
_LOG_LAG_S = 1.0
_LINE_LIMIT = 16 * 1024 * 1024
# A line of llama.cpp's log: time, level letter, who, what. A native assertion has no such form.
_ERROR = re.compile(r"^\S+ E \s*\S+\s+\S+: (?P<what>.+)$")
_CAUSE = re.compile(r"error loading model[^:]*: (?P<cause>.+)$")
_NO_MEMORY = ("failed to allocate", "unable to allocate", "out of memory", "bad_alloc")
# The end of the key is shown, which nobody needs to know.
_SECRET = re.compile(r"\bapi_keys: ")
_ASSERTION = ("GGML_ASSERT", "terminate called", "what():")


class Child:
    """One started engine. `states` ends, with an error of ours, when the process does."""

    def __init__(self, process: asyncio.subprocess.Process, job: Job) -> None:
        self._process = process
        self._job = job
        self._lines: deque[str] = deque(maxlen=_LINES_KEPT)
        self._ready = False
        self._loaded = 0.0
        self._ended_by_us = False
        self._reported = Reported()
        self._told_all = asyncio.Event()
        self._log = asyncio.create_task(self._read_log())

    @classmethod
    async def start(cls, job: Job, token: str, *, cut_off: bool) -> Child:
        process = await asyncio.create_subprocess_exec(
            *worker_command("llamacpp", ["engine"]),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=_environment(job),
            limit=_LINE_LIMIT,
        )
        assert process.stdin is not None
        order = {"job": job.as_json(), "token": token, "keeper": os.getpid(), "cut_off": cut_off}
        process.stdin.write(json.dumps(order).encode() + b"\n")
        return cls(process, job)

    async def states(self) -> AsyncGenerator[dict[str, Any]]:
        """Loading with progress, then ready. Raises the reason when the process ended by itself."""
        failed: dict[str, Any] | None = None
        async for state in self._reports():
            if state["state"] == "ready":
                state = await self._with_settings(state)
                self._ready = True
            if state["state"] == "failed":
                failed = state
                break
            yield state
        code = await self._process.wait()
        await self._log
        if failed is not None:
            yield failed
        elif not self._ended_by_us:
            raise self._reason(code)

    async def _with_settings(self, state: dict[str, Any]) -> dict[str, Any]:
        """The report with what the engine's log says of its settings; the two come by different ways."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOG_LAG_S):
                await self._told_all.wait()
        told = dict(
            self._reported.settings(asked_layers=self._job.options.n_gpu_layers, devices=bool(state["devices"]))
        )
        locked = hardware.locked_memory(state["engine_pid"])
        if locked is not None:
            told["mlock"] = locked >= self._job.model.stat().st_size // 2
        return {**state, "confirmed": {**told, **state["confirmed"]}}

    async def end(self) -> None:
        """At once: an engine that nobody uses has nothing to finish."""
        self._ended_by_us = True
        if self._job.program and self._process.stdin is not None:
            await self._let_it_end(self._process.stdin)
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def _let_it_end(self, order: asyncio.StreamWriter) -> None:
        """It ends the program below it, for which not every kernel has a means of its own."""
        order.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SECONDS_TO_END):
                await self._process.wait()

    async def _reports(self) -> AsyncGenerator[dict[str, Any]]:
        """The engine's own lines, and between them the progress of loading by the memory it has filled so far."""
        assert self._process.stdout is not None
        needed, loads = 0, self._process.pid
        line = asyncio.ensure_future(self._process.stdout.readline())
        try:
            while True:
                await asyncio.wait({line}, timeout=None if self._ready or not needed else _POLL_S)
                if not line.done():
                    yield self._progress(needed, loads)
                    continue
                if not line.result().endswith(b"\n"):
                    return  # an engine that was killed may have said half a line
                state = json.loads(line.result())
                needed, loads = state.get("needed", needed), state.get("pid", loads)
                line = asyncio.ensure_future(self._process.stdout.readline())
                yield state if state["state"] != "loading" else self._progress(needed, loads)
        finally:
            line.cancel()

    def _progress(self, needed: int, loads: int) -> dict[str, Any]:
        """`loads`: the process that loads the model, which may be one below the engine's."""
        held = hardware.resident_memory(loads)
        if held is not None:
            self._loaded = max(self._loaded, round(min(0.99, held / needed), 2))
        return {"state": "loading", "progress": None if held is None else self._loaded}

    async def _read_log(self) -> None:
        """Keep what llama.cpp says of loading in our log. Once it answers, only native assertions are written: other
        lines could hold a part of a prompt."""
        assert self._process.stderr is not None
        while raw := await _line_of(self._process.stderr):
            line = raw.decode("utf-8", "replace").rstrip()[:300]
            self._lines.append(line)
            self._hear(line)
            if (not self._ready and not _SECRET.search(line)) or line.startswith(_ASSERTION):
                sys.stderr.write(line + "\n")
        sys.stderr.flush()

    def _hear(self, line: str) -> None:
        self._reported.hear(line)
        if self._reported.ended:
            self._told_all.set()

    def _reason(self, code: int) -> ProviderFailed:
        how = f"signal {-code}" if code < 0 else f"status {code}"
        if self._ready:
            return EngineCrashed(f"The engine ended unexpectedly ({how}).")
        name = self._job.model.name
        cause = _cause(list(self._lines))
        if any(word in line.lower() for line in self._lines for word in _NO_MEMORY):
            return NotEnoughMemory(f"{name} did not fit into memory: {cause}.")
        if code == -signal.SIGKILL:
            return NotEnoughMemory(
                f"The system ended the engine while it loaded {name}, most likely for want of memory."
            )
        if code == LOAD_FAILED:
            return ModelBroken(f"{name} cannot be loaded: {cause}.", "Choose another model, or download it again.")
        return ModelBroken(f"The engine ended while loading {name} ({how}).", "Try again, or choose another model.")


async def _line_of(errors: asyncio.StreamReader) -> bytes:
    """The next line, or b"" at the end; one that is longer than any log line is left out, or nobody would read on."""
    while True:
        with contextlib.suppress(ValueError):
            return await errors.readline()


def _cause(lines: list[str]) -> str:
    for line in lines:
        if found := _CAUSE.search(line):
            return found["cause"]
    for line in lines:
        if error := _ERROR.match(line):
            return error["what"]
    return "the engine gave no reason"


def _environment(job: Job) -> dict[str, str]:
    """Only an engine that is a program of its own is looked for, or looks for its interpreter."""
    built = built_environment(_threads(job))
    return built if job.program else without_programs(built)


def _threads(job: Job) -> dict[str, str]:
    """Waiting threads that spin make a busy machine ten times slower once they fill every core (measured)."""
    return {"OMP_WAIT_POLICY": "passive"} if (job.options.n_threads or 0) >= hardware.cores() else {}
