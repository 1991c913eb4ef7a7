"""Another process that asks in one conversation again and again, and waits where another one is being answered."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from aqe_desktop.core.chat import Role, State
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.history import HEAD, StoredMessage
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.store.writers import Writer


async def asked(store: ConversationStore, conversation: int) -> StoredMessage:
    while True:
        try:
            return await store.add(conversation, HEAD, Role.USER, "a question")
        except UsageError:
            await asyncio.sleep(0.005)


async def main(home: Path, conversation: int, count: int) -> None:
    database = await Database.open(home / "history.db")
    writer = Writer.claim(home / "writers")
    store = ConversationStore(database, writer)
    for _ in range(count):
        question = await asked(store, conversation)
        answer = await store.add(conversation, question.id, Role.ASSISTANT, "", state=State.STREAMING)
        await store.finish(answer.id, State.COMPLETE, "an answer")
    await database.close()
    writer.release()


asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
