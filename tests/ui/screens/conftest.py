"""Scenes on the real Qt loop over a real profile: store, engine and services are the product's own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtWidgets import QApplication

from aqe_desktop.core.history import Conversation
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.ui.application import Application
from aqe_desktop.ui.loop import Loop
from tests.ui.conftest import Look

T = TypeVar("T")
Scene = Callable[[Coroutine[Any, Any, T]], T]


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    return Application


@pytest.fixture
def play(qapp: Application, look: Look, kept_rules: None) -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
    """Run a scene to its end on the product's loop; an error that nobody caught fails the test."""
    faults: list[str] = []

    def run(scene: Coroutine[Any, Any, T]) -> T:
        with asyncio.Runner(loop_factory=lambda: Loop(qapp, lambda _why: None)) as runner:
            runner.get_loop().set_exception_handler(lambda _loop, context: faults.append(repr(context)))
            return runner.run(asyncio.wait_for(scene, 120))

    yield run
    assert not faults


async def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait for it, and fail saying that it did not come."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def opened_store(path: Path) -> AsyncIterator[ConversationStore]:
    database = await Database.open(path)
    try:
        yield await ConversationStore.open(database)
    finally:
        await database.close()


async def fill(store: ConversationStore, titles: list[str]) -> list[Conversation]:
    return [await store.create(title) for title in titles]
