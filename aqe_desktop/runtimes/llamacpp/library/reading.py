"""Headers read in processes with limited memory and time, several files each; what they said is kept by a mark."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from aqe_desktop.machine.processes import built_environment, worker_command
from aqe_desktop.runtimes.llamacpp import notes
from aqe_desktop.runtimes.llamacpp.library.entries import Entry

NAME = "llamacpp"
_SECONDS = 30
# Models of one process, which takes as long to start as a few dozen headers; and processes at the same time.
_TOGETHER, _MOST_PROCESSES = 250, 4
_KEYS = frozenset(("name", "architecture", "parameters", "quantization", "context", "licence", "capabilities", "error"))
_TEXTS = ("name", "architecture", "quantization", "licence", "error")

Facts = Mapping[str, Any]


class Memory:
    """What was read of each file, and by which name its model is known, in a private file. Losing it costs time, and
    models of one file name may swap their references."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._mark: tuple[int, int] | None = None
        self._rows: dict[str, Any] = {}

    def facts(self, entry: Entry) -> Facts | None:
        """None where the files have changed since, or were never read."""
        row = self._row(entry)
        facts = row.get("facts")
        return facts if row.get("mark") == _mark(entry) and _are_facts(facts) else None

    def name(self, entry: Entry) -> str:
        name = self._row(entry).get("ref")
        return name if isinstance(name, str) else ""

    def refresh(self) -> None:
        """Another process of this profile may have read more since."""
        try:
            facts = self._file.stat()
            mark = (facts.st_mtime_ns, facts.st_size)
        except OSError:
            mark = None
        if mark is None or mark != self._mark:
            self._mark, self._rows = mark, notes.read(self._file)

    def keep(self, named: Mapping[str, Entry], facts: Mapping[str, Facts]) -> None:
        """`facts` by the name of the model. In place of all that was kept, unless that says the same."""
        rows = {
            str(entry.file): {"ref": name, "mark": _mark(entry), "facts": facts.get(name)}
            for name, entry in named.items()
        }
        if rows != self._rows:
            notes.write(self._file, rows)
            self._rows = rows

    def _row(self, entry: Entry) -> Mapping[str, Any]:
        row = self._rows.get(str(entry.file))
        return row if isinstance(row, dict) else {}


def inspect(models: Sequence[Sequence[Path]]) -> list[Facts | None]:
    """What the files of each model say, or their `error`; None for those that were not reached within the limits."""
    pieces = [models[at : at + _TOGETHER] for at in range(0, len(models), _TOGETHER)]
    if not pieces:
        return []
    with ThreadPoolExecutor(min(len(pieces), _MOST_PROCESSES, os.cpu_count() or 1)) as pool:
        return [facts for piece in pool.map(_inspect, pieces) for facts in piece]


def describe(files: Sequence[Path]) -> Facts | None:
    """All that the model of these files says of itself, or its `error`; None where that took too long."""
    told = _answers("details", {"files": [str(file) for file in files]})
    return told[0] if told else None


def _inspect(models: Sequence[Sequence[Path]]) -> list[Facts | None]:
    said = _answers("inspect", {"models": [[str(file) for file in files] for files in models]})
    told = [facts if _are_facts(facts) else None for facts in said[: len(models)]]
    return told + [None] * (len(models) - len(told))


def _answers(part: str, job: Mapping[str, Any]) -> list[Facts]:
    try:
        done = subprocess.run(
            worker_command(NAME, [part]),
            input=json.dumps(job).encode() + b"\n",
            capture_output=True,
            env=built_environment(),
            timeout=_SECONDS,
            check=False,
        )
        said = done.stdout
    except subprocess.TimeoutExpired as expired:
        said = expired.stdout or b""
    except OSError:
        said = b""
    # The last line of a process that was ended may be half a line.
    return [json.loads(line) for line in said.splitlines(keepends=True) if line.endswith(b"\n")]


def _mark(entry: Entry) -> list[list[int]]:
    return [part.mark for part in entry.parts]


def _are_facts(told: Any) -> bool:
    """A file that could not be read has its error only. What an older version kept is read again."""
    if not isinstance(told, dict) or not all(isinstance(told.get(key, ""), str) for key in _TEXTS):
        return False
    return set(told) == {"error"} or (
        set(told) == _KEYS
        and all(isinstance(told[key], int) for key in ("parameters", "context"))
        and isinstance(told["capabilities"], list)
    )
