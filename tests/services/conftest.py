"""A real store in a profile of its own, under services whose engine plays prepared events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from aqe_desktop.core.chat import ChatEvent, Stored, TextDelta
from aqe_desktop.core.history import StoredMessage
from aqe_desktop.machine.files import read_attachment
from aqe_desktop.services.chat import ChatService
from aqe_desktop.services.history import HistoryService
from aqe_desktop.services.models import ModelService
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.store.writers import Writer
from tests.services.engine_of_lines import Lines
from tests.services.privately import Privately, clearing_over, privately

E = TypeVar("E")


async def no_preference() -> str:
    return ""


@dataclass
class Desk:
    """Services over one store; `engine` may be exchanged between two questions by setting its steps."""

    engine: Lines
    store: ConversationStore
    chat: ChatService
    history: HistoryService

    async def all(self, events: AsyncGenerator[ChatEvent]) -> list[ChatEvent]:
        """Every event, to the end."""
        async with aclosing(events):
            return [event async for event in events]

    async def answer(self, events: AsyncGenerator[ChatEvent]) -> StoredMessage:
        """The answer's row once the exchange is over."""
        seen = await self.all(events)
        return await self.store.message(first(seen, Stored).answer)


async def collect(events: AsyncGenerator[ChatEvent], into: list[ChatEvent]) -> None:
    """Every event, also those before an error."""
    async with aclosing(events):
        async for event in events:
            into.append(event)  # noqa: PERF401 - seen one by one, while others look


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what another task brings about; fails after a minute."""
    for _ in range(6000):
        if await condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never came")


def first(events: list[ChatEvent], kind: type[E]) -> E:
    return next(event for event in events if isinstance(event, kind))


def text_of(events: list[ChatEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ConversationStore]:
    database = await Database.open(tmp_path / "history.db")
    writer = Writer.claim(tmp_path / "writers")
    yield ConversationStore(database, writer)
    writer.release()
    await database.close()


@pytest.fixture
def desk(store: ConversationStore) -> Desk:
    engine = Lines()
    models = ModelService((engine,), no_preference)
    clearing = clearing_over(models, store._database)
    chat = ChatService(store, models, clearing, read_attachment, keep_every=0.01)
    return Desk(engine, store, chat, HistoryService(store))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "history.db")
    yield opened
    await opened.close()


@pytest.fixture
async def parts(database: Database) -> AsyncIterator[Privately]:
    """Ready."""
    joined = privately(database)
    await joined.scanning.wait()
    yield joined
    await joined.privacy.aclose()
    await joined.ledger.aclose()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".aqe").mkdir(parents=True)
    return folder
