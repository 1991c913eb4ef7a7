"""The command as a user runs it: a real process, a profile of its own, the real engine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aqe_desktop.machine.paths import find_paths
from tests.cli.warm import Warm, warm
from tests.runtimes.llamacpp.engines import Engines

AQE = (sys.executable, "-m", "aqe_desktop.cli.main")


@dataclass(frozen=True)
class Result:
    """How a command ended: its exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Command:
    """Runs `aqe` in this test's profile; `folder` is where, unless it says otherwise."""

    folder: Path
    warm: Warm

    def __call__(self, *words: str | Path, given: str | bytes = b"", code: int | None = 0) -> Result:
        data = given.encode() if isinstance(given, str) else given
        ended, out, err = self.warm.run([*map(str, words)], self.folder, data)
        result = Result(ended, out.decode(), err.decode())
        assert code is None or result.code == code, (result.code, result.out, result.err)
        return result

    def start(self, *words: str, **options: Any) -> subprocess.Popen[bytes]:
        """Unbuffered, so that what was read and what is left add up to all there was."""
        return subprocess.Popen([*AQE, *words], cwd=self.folder, stdout=subprocess.PIPE, bufsize=0, **options)


@pytest.fixture(scope="session")
def warmed() -> Iterator[Warm]:
    with warm() as ready:
        yield ready


@pytest.fixture
def aqe(kept_rules: None, tmp_path: Path, warmed: Warm) -> Iterator[Command]:
    """Fails the test that leaves an engine behind."""
    folder = tmp_path / "somewhere"
    folder.mkdir()
    yield Command(folder, warmed)
    assert Engines(find_paths().home).wait_until_gone() == []
