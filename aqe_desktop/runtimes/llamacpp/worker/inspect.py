"""Reads the metadata of model files for the list of models, in a process whose memory and time are limited."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.machine import sandbox
from aqe_desktop.runtimes.llamacpp.library.header import details_of, facts_of
from aqe_desktop.runtimes.llamacpp.shape import read_shape

_MEMORY_LIMIT = 768 * 1024**2
# Of processor time, which a busy machine does not stretch: a large vocabulary takes a tenth of it.
_SECONDS_PER_FILE = 0.9


class _TooSlow(Exception):
    """A file had its share of time."""


def run_inspection(job: dict[str, Any]) -> int:
    """One line of JSON for each model of the job, which are lists of files, in order; one that is no model has only its
    `error`."""
    _limit(sum(map(len, job["models"])))
    for files in job["models"]:
        sys.stdout.write(json.dumps(_look_at([Path(file) for file in files], facts_of)) + "\n")
        sys.stdout.flush()
    return 0


def run_details(job: dict[str, Any]) -> int:
    """One line of JSON: all that the model of these files says of itself, or its `error`."""
    _limit(len(job["files"]))
    sys.stdout.write(json.dumps(_look_at([Path(file) for file in job["files"]], details_of)) + "\n")
    return 0


def run_shape(job: dict[str, Any]) -> int:
    """One line of JSON: the shape of the model that these files are, or its `error`."""
    _limit(len(job["files"]))
    told = _look_at([Path(file) for file in job["files"]], lambda files: asdict(read_shape(files)))
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


def _limit(files: int) -> None:
    sandbox.no_core_dumps()
    if os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_LIMIT, _MEMORY_LIMIT))
        seconds = 5 + 2 * files
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def _look_at(files: Sequence[Path], read: Callable[[Sequence[Path]], dict[str, Any]]) -> dict[str, Any]:
    try:
        with _limited_time(len(files)):
            return read(files)
    except ModelBroken as error:
        return {"error": error.message}
    except (MemoryError, _TooSlow):
        return {"error": f"{files[0].name} cannot be used: its header is impossibly large."}


@contextlib.contextmanager
def _limited_time(files: int = 1) -> Iterator[None]:
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, _SECONDS_PER_FILE * files)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise _TooSlow
