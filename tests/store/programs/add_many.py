"""Another process that writes conversations as fast as it can, and says how many were acknowledged."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from aqe_desktop.core.chat import Role
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database


async def main(home: Path, name: str, count: int) -> None:
    database = await Database.open(home / "history.db", backups=home / "backups")
    store = await ConversationStore.open(database)
    for number in range(count):
        conversation = await store.create(f"{name} {number}")
        question = await store.add(conversation.id, None, Role.USER, f"question {number} of {name}")
        await store.add(conversation.id, question.id, Role.ASSISTANT, f"answer {number} of {name}")
    await database.close()
    sys.stdout.write(f"{count}\n")
    sys.stdout.flush()


asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
