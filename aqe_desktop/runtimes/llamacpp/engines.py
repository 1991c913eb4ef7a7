"""Which engine loads the models: by the user's word, else the first one that can use an accelerator of this machine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from aqe_desktop.core.errors import ProviderFailed
from aqe_desktop.core.loading import SETTINGS
from aqe_desktop.machine.processes import built_environment, worker_command
from aqe_desktop.runtimes.llamacpp import notes
from aqe_desktop.runtimes.llamacpp.options import ENGINE, LLAMA_CPP_PYTHON, LLAMA_SERVER, TAKES

AUTO = "auto"
NAMES = (ENGINE, LLAMA_CPP_PYTHON, LLAMA_SERVER)
FILE = "engines.json"
_SECONDS = 60
# Drivers come and go without a change of the engine.
_GOOD_FOR_S = 86_400
_HOW = {
    ENGINE: "Install the extra “starter”, or choose another engine.",
    LLAMA_CPP_PYTHON: "Install the extra “llamacpp”, or name the Python that has it in the settings under llama.cpp.",
    LLAMA_SERVER: "Name the program in the settings under llama.cpp, or put it on the path.",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The user's settings: an engine or AUTO; llama-server's program and the Python that has llama-cpp-python, where
    they are not in their usual places."""

    engine: str = AUTO
    server: str = ""
    python: str = ""


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine as it is here: `devices` are the accelerators it can use (None: not asked), `takes` the load settings
    it knows, `problem` and `hint` why it cannot be used, `why` the reason for which it was chosen."""

    name: str
    program: str = ""
    version: str = ""
    devices: tuple[str, ...] | None = None
    takes: frozenset[str] = frozenset()
    problem: str = ""
    hint: str = ""
    why: str = ""

    @property
    def label(self) -> str:
        """Its version, with its name where that is not the built-in one."""
        return self.version if self.name == ENGINE else f"{self.version} ({self.name})".strip()

    @property
    def lacks(self) -> tuple[str, ...]:
        """Labels of the load settings that it does not know."""
        return tuple(each.label for each in SETTINGS if each.name not in self.takes)

    @property
    def sees(self) -> bool:
        """Whether it can load a companion that reads pictures for a model."""
        return self.name != LLAMA_CPP_PYTHON

    def require_usable(self) -> None:
        if self.problem:
            raise ProviderFailed(self.problem, self.hint)


class Engines:
    """The engines of this machine. What blocks says so: an engine is asked what it can use, in a short process of its
    own, and that is kept until the engine changes."""

    def __init__(self, wanted: Wanted, home: Path) -> None:
        self._wanted = wanted
        self._kept = home / FILE
        self._lock = threading.Lock()
        self._chosen: Engine | None = None

    @property
    def takes(self) -> frozenset[str]:
        """Of the chosen engine as far as is known; asks nobody."""
        if self._chosen is not None and not self._chosen.problem:
            return self._chosen.takes
        told = notes.read(self._kept).get(self.guessed().name)
        return frozenset(told["takes"]) if isinstance(told, dict) and told.get("takes") else TAKES

    def guessed(self) -> Engine:
        """The chosen one, else the one that will most likely be; asks nobody, so it does not block."""
        if self._chosen is not None:
            return self._chosen
        names = NAMES if self._wanted.engine == AUTO else (self._wanted.engine,)
        return next((each for name in names if not (each := self._find(name)).problem), self._find(names[0]))

    def chosen(self) -> Engine:
        """Blocking. Its `problem` is set where there is none, or where the one that the user chose cannot be used."""
        with self._lock:
            if self._chosen is None or self._chosen.problem:
                self._chosen = self._choose()
            return self._chosen

    def require_chosen(self) -> str:
        """The chosen one in a line, for `aqe doctor`. Blocking. Raises ProviderFailed where it cannot be used."""
        engine = self.chosen()
        engine.require_usable()
        return f"{engine.name} {engine.version}".strip() + f", {engine.why}"

    def told(self, name: str) -> str:
        """What one of them can do here, asked anew, in a line for `aqe doctor`. Blocking."""
        engine = self._asked(self._find(name), anew=True)
        if engine.problem:
            return f"{engine.problem} {engine.hint}"
        uses = ", ".join(engine.devices or ()) or "the processor alone"
        lacks = f"; it does not know: {', '.join(engine.lacks).lower()}" if engine.lacks else ""
        return f"{engine.version} uses {uses}{lacks}"

    def _choose(self) -> Engine:
        name = self._wanted.engine
        if name != AUTO:
            return replace(self._asked(self._find(name)), why="chosen in the settings")
        here = [engine for each in NAMES if not (engine := self._find(each)).problem]
        if not here:
            return self._find(ENGINE)
        if len(here) == 1:
            return replace(self._only(here[0]), why="the only engine here")
        return self._best(here)

    def _only(self, engine: Engine) -> Engine:
        """The built-in one is not asked where nothing depends on it: a first start must not wait for that."""
        return engine if engine.name == ENGINE else self._asked(engine)

    def _best(self, here: list[Engine]) -> Engine:
        asked: list[Engine] = []
        for each in here:
            asked.append(self._asked(each))
            if asked[-1].devices:
                return replace(asked[-1], why="the first engine that can use an accelerator")
        usable = next((each for each in asked if not each.problem), asked[0])
        return replace(usable, why="no engine here can use an accelerator")

    def _find(self, name: str) -> Engine:
        """Where it is, without asking it anything."""
        if name == ENGINE:
            return _built_in()
        program = self._wanted.server or shutil.which(name) if name == LLAMA_SERVER else self._wanted.python or _ours()
        if not program:
            return Engine(name, problem=f"{name} is not installed.", hint=_HOW[name])
        if not Path(program).is_file():
            return Engine(name, program, problem=f"There is no program {program}.", hint=_HOW[name])
        return Engine(name, program)

    def _asked(self, engine: Engine, *, anew: bool = False) -> Engine:
        if engine.problem:
            return engine
        kept, mark = notes.read(self._kept), _mark(engine)
        told = kept.get(engine.name)
        if anew or not isinstance(told, dict) or told.get("mark") != mark or not _fresh(told):
            told = {"mark": mark, "at": int(time.time()), **_ask(engine)}
            if not told.get("problem"):
                notes.write(self._kept, {**kept, engine.name: told})
        return _with_told(engine, told)


def _built_in() -> Engine:
    if find_spec("xllamacpp") is None:
        return Engine(ENGINE, problem="The engine is not installed.", hint=_HOW[ENGINE])
    from importlib.metadata import version  # a tenth of this package's import time, and not needed to import it

    return Engine(ENGINE, version=version("xllamacpp"), takes=TAKES)


def _ours() -> str:
    """This Python, where it has the package; a bundle's program is none."""
    return sys.executable if find_spec("llama_cpp") and not getattr(sys, "frozen", False) else ""


def _mark(engine: Engine) -> list[Any]:
    """Changes when the engine does; a package changes with the folder it lies in."""
    return [engine.program, engine.version, *(_time(each) for each in _files(engine))]


def _files(engine: Engine) -> Iterator[Path]:
    if engine.program:
        program = Path(engine.program)
        yield program
        if engine.name == LLAMA_CPP_PYTHON:
            yield from sorted(program.parent.parent.glob("[Ll]ib/**/site-packages"))[:4]


def _time(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_mtime_ns
    return 0


def _fresh(told: dict[str, Any]) -> bool:
    at = told.get("at")
    return isinstance(at, int) and 0 <= time.time() - at < _GOOD_FOR_S


def _ask(engine: Engine) -> dict[str, Any]:
    """Version, devices and settings by the engine's own word, under the conditions it would serve in."""
    try:
        done = subprocess.run(
            worker_command("llamacpp", ["asked"]),
            input=json.dumps({"engine": engine.name, "program": engine.program}).encode() + b"\n",
            capture_output=True,
            env=built_environment(),
            timeout=_SECONDS,
            check=False,
        )
        told: dict[str, Any] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return {"problem": f"{engine.name} does not say what it can do here.", "hint": _HOW[engine.name]}
    return told


def _with_told(engine: Engine, told: dict[str, Any]) -> Engine:
    if told.get("problem"):
        return replace(engine, problem=str(told["problem"]), hint=str(told.get("hint", "")))
    return replace(
        engine,
        version=str(told.get("version") or engine.version),
        devices=tuple(map(str, told.get("devices") or ())),
        takes=frozenset(map(str, told.get("takes") or ())),
    )
