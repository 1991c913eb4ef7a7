"""Writes the database as the present version leaves it: run once per release or schema, and the file is never changed
again. 0.1.0.db is of schema 1, which knew no files of drafts; up to schema 3 nobody kept where a file lay, and what was
dismissed, and up to schema 4 why a file's place was private.

python tests/store/releases/make.py tests/store/releases/VERSION.db"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from aqe_desktop.core.chat import Attachment, Parameters, Role, Sampling, State
from aqe_desktop.core.findings import Dismissal, Taint
from aqe_desktop.core.history import Reply
from aqe_desktop.core.models import ModelRef, Proof, Zone
from aqe_desktop.core.money import FREE
from aqe_desktop.core.usage import Timing, Usage
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.store.dismissals import DismissalStore
from aqe_desktop.store.presets import PresetStore

MODEL = ModelRef("llamacpp", "SmolLM2-135M-Instruct.Q4_1")
REPLY = Reply(
    MODEL,
    Zone.DEVICE,
    Proof.PROVED,
    Usage(input=12, cache_read=30, output=7),
    Timing(0.2, 1.1, 81.5),
    FREE,
    {"temperature": 0.2},
    "stop",
)


A_FILE = Attachment("a.py", "print(1)", "/src/app/a.py", "The policy of /src/app makes *.py private.")
TAINT = Taint("pii-email", "5e" * 32)
DISMISSAL = Dismissal("/src/app", "pii-email", "d1" * 32, 1_795_000_000_000)


async def fill(path: Path) -> None:
    database = await Database.open(path)
    store = ConversationStore(database)
    parameters = Parameters("Be brief.", Sampling(temperature=0.2, stop=("END",)))
    chat = (await store.create("Prüfungen", project="/src/app", model=MODEL, parameters=parameters)).id
    question = await store.add(chat, None, Role.USER, "Wie groß?", attachments=[A_FILE])
    await store.add(chat, question.id, Role.ASSISTANT, "Sehr groß.", reply=REPLY)
    await store.add(chat, question.id, Role.ASSISTANT, "Riesig.", reply=REPLY)
    unfinished = await store.add(chat, None, Role.ASSISTANT, "", state=State.STREAMING)
    await store.keep(unfinished.id, "half an ans", "a thought")
    await store.show(question.id)
    await store.pin(chat, True)
    gone = (await store.create("deleted")).id
    await store.delete(gone)
    await store.set_draft(chat, "half a question", [Attachment("b.py", "pass"), Attachment("new.py", "import os")])
    await store.set_draft(None, "a new one", [Attachment("new.py", "import os")])
    await PresetStore(database).save("Mine", parameters)
    await store.taint(question.id, [TAINT])
    await DismissalStore(database).add(DISMISSAL)
    await database.close()


if __name__ == "__main__":
    asyncio.run(fill(Path(sys.argv[1])))
