"""What the wiring decides by itself."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from aqe_desktop.core.errand import Errand
from aqe_desktop.core.errors import Offline
from aqe_desktop.core.ledger import Purpose
from aqe_desktop.core.models import Place, Proof, Zone
from aqe_desktop.joining import open_door
from aqe_desktop.machine.door import Address
from aqe_desktop.settings.file import SettingsFile
from tests.doors import NoRows

ERRAND = Errand(Purpose.CHAT, "own", Place(Zone.LAN, Proof.DECLARED))


@pytest.mark.parametrize(
    "text",
    [
        "[network]\noffline = true\n",
        "[network\n",
        "[network]\noffline = 7\n",
        "[network]\nofline = true\n",
        "offline = true\n",
        "[Network]\noffline = true\n",
        "[netwrok]\noffline = true\n",
    ],
)
async def test_the_door_is_closed_by_the_switch_and_by_settings_that_cannot_be_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    async with AsyncExitStack() as stack:
        door = await open_door(SettingsFile(path), NoRows(), stack)
        path.write_text(text)  # after the door was made: every process of the profile heeds it at once
        async with await door.client(ERRAND, Address(url="http://127.0.0.1:9")) as client:
            with pytest.raises(Offline):
                await client.get("/")


async def test_the_door_is_closed_by_settings_that_lie_where_nothing_is_mounted(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    async with AsyncExitStack() as stack:
        door = await open_door(SettingsFile(path), NoRows(), stack)
        path.symlink_to(tmp_path / "gone")
        async with await door.client(ERRAND, Address(url="http://127.0.0.1:9")) as client:
            with pytest.raises(Offline):
                await client.get("/")
