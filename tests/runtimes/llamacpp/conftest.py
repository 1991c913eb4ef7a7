"""What the tests of the embedded engine share: a profile of their own, and a count of its engines at the end."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from aqe_desktop.core.models import ModelRef
from aqe_desktop.machine.paths import Paths, find_paths
from aqe_desktop.runtimes.llamacpp import LlamaCpp
from tests.doors import local_door
from tests.runtimes.llamacpp.conversation import SMALL
from tests.runtimes.llamacpp.engines import Engines


@pytest.fixture
def paths(own_home: None) -> Paths:
    return find_paths()


@pytest.fixture
def engines(paths: Paths) -> Iterator[Engines]:
    """Fails the test that leaves an engine behind."""
    found = Engines(paths.home)
    yield found
    left = found.wait_until_gone()
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert left == []


@pytest.fixture
async def runtime(paths: Paths, engines: Engines) -> AsyncIterator[LlamaCpp]:
    runtime = LlamaCpp(paths, local_door(), SMALL)
    yield runtime
    await runtime.aclose()


@pytest.fixture
def starter(starter_model: Path) -> ModelRef:
    return ModelRef("llamacpp", starter_model.stem)
