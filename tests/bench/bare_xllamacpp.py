"""The bare library in a process of its own, as the measure of our engine: answers `tokens seconds` per line asked."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import xllamacpp

sys.path.insert(0, str(Path(__file__).parents[2]))

from aqe_desktop.machine.processes import give_way


def _server(told: dict[str, Any]) -> Any:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = told["model"]
    parameters.n_ctx = told["n_ctx"] * told["n_parallel"]
    parameters.n_parallel = told["n_parallel"]
    parameters.n_batch = parameters.n_ubatch = told["n_batch"]
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = told["n_threads"]
    return xllamacpp.Server(parameters)


def _answer(server: Any, body: dict[str, Any]) -> str:
    """Tokens after the first, and the seconds they took to arrive."""
    times: list[float] = []

    def hear(chunk: Any) -> None:
        parts = chunk if isinstance(chunk, list) else [chunk]
        times.extend(
            time.monotonic() for part in parts for choice in part.get("choices", []) if choice["delta"].get("content")
        )

    server.handle_chat_completions({**body, "stream": True}, hear)
    return f"{len(times) - 1} {times[-1] - times[0]}"


def main() -> None:
    told = json.loads(sys.stdin.readline())
    give_way(told["nice"], session=os.getpid())
    server = _server(told)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(_answer(server, json.loads(line)) + "\n")
        sys.stdout.flush()


main()
