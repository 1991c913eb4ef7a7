"""An ordinary user's process: tries to open the database and to write, and prints the error as JSON.

`limit` bytes as the third argument is the largest file it may write, as on a full disk."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from aqe_desktop.core.chat import Role
from aqe_desktop.core.errors import AqeError
from aqe_desktop.store import failures, migrate, opening  # before the rights go: an ordinary user may not see us
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database

_NOBODY = 65534


async def main(path: Path) -> None:
    try:
        database = await Database.open(path, backups=path.parent / "backups")
    except AqeError as error:
        sys.stdout.write(json.dumps({"at": "open", **error.as_json()}))
        return
    store = ConversationStore(database)
    try:
        conversation = await store.create("a chat")
        for _ in range(200):
            await store.add(conversation.id, None, Role.USER, "a word " * 5000)
        sys.stdout.write(json.dumps({"at": "end", "kind": ""}))
    except AqeError as error:
        kept = len(await store.messages(conversation.id))
        sys.stdout.write(json.dumps({"at": "write", "kept": kept, **error.as_json()}))
    await database.close()


assert failures
assert migrate
steps = migrate.shipped()
assert opening
if sys.argv[2] == "nobody" and os.getuid() == 0:
    os.setgroups([])
    os.setgid(_NOBODY)
    os.setuid(_NOBODY)
if len(sys.argv) > 3:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
asyncio.run(main(Path(sys.argv[1])))
