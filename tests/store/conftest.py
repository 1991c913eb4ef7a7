"""A profile of its own, an open database in it, and second processes that are real ones."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from aqe_desktop.machine.paths import Paths
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.store.writers import Writer

_PROGRAMS = Path(__file__).parent / "programs"
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "backups").mkdir()
    return Paths(home, tmp_path / "run")


@pytest.fixture
async def database(paths: Paths) -> AsyncIterator[Database]:
    opened = await Database.open(paths.database, backups=paths.backups)
    yield opened
    await opened.close()


@pytest.fixture
def writer(paths: Paths) -> Iterator[Writer]:
    claimed = Writer.claim(paths.home / "writers")
    yield claimed
    claimed.release()


@pytest.fixture
async def store(database: Database, writer: Writer) -> ConversationStore:
    return await ConversationStore.open(database, writer)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts one of tests/store/programs/ as a process with pipes; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def begin(name: str, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, str(_PROGRAMS / f"{name}.py"), *map(str, arguments)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        process = subprocess.Popen(command, text=True, cwd=Path(__file__).parents[2], **pipes)  # type: ignore[call-overload]
        started.append(process)
        return process  # type: ignore[no-any-return]

    yield begin
    for process in started:
        process.kill()
        process.communicate()
