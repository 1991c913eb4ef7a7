"""A cleared turn to a cloud model, sent through the door as the app wires it.  through_the_door.py CLIENT"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import AsyncExitStack

from aqe_desktop.app import _open_ledger
from aqe_desktop.core.chat import Message, Role
from aqe_desktop.core.models import ModelRef, Place, Proof, Zone
from aqe_desktop.core.policy import DEFAULT
from aqe_desktop.joining import open_door
from aqe_desktop.machine.door import Address
from aqe_desktop.machine.keyring import Keyring
from aqe_desktop.machine.paths import find_paths, prepare
from aqe_desktop.routing.clear import Candidate, Clearance, clear
from aqe_desktop.settings.file import SettingsFile


async def main() -> None:
    candidate = Candidate(ModelRef("test", "large"), Place(Zone.CLOUD, Proof.PROVED))
    decided = clear((Message(Role.USER, os.environ["CANARY"]),), (), (candidate,), DEFAULT)
    assert isinstance(decided, Clearance)
    paths = find_paths()
    prepare(paths)
    async with AsyncExitStack() as stack:
        ledger, _ = await _open_ledger(paths, Keyring(), stack)
        door = await open_door(SettingsFile(paths.settings), ledger, stack)
        made = door.client if sys.argv[1] == "httpx" else door.client2
        async with await made(decided.turn, Address(url="https://cloud.test")) as client:
            response = await client.post("/v1/chat/completions", content=os.environ["CANARY"])
            assert response.status_code == 200


asyncio.run(main())
