"""Another process with an answer under way: says the answer's id, then `kept N` once N words are acknowledged."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from aqe_desktop.core.chat import Role, State
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.store.writers import Writer


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def main(home: Path, pause: float) -> None:
    database = await Database.open(home / "history.db", backups=home / "backups")
    store = await ConversationStore.open(database, Writer.claim(home / "writers"))
    conversation = await store.create("from aqe")
    question = await store.add(conversation.id, None, Role.USER, "Count.")
    answer = await store.add(conversation.id, question.id, Role.ASSISTANT, "", state=State.STREAMING)
    say("answer", answer.id)
    words: list[str] = []
    while True:
        words.append(str(len(words) + 1))
        await store.keep(answer.id, " ".join(words))
        say("kept", len(words))
        await asyncio.sleep(pause)


asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
