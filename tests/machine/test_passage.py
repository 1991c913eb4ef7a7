from __future__ import annotations

import hashlib

import pytest

from aqe_desktop.core.chat import Attachment, Message, Role, Route, Turn
from aqe_desktop.core.errand import Errand
from aqe_desktop.core.errors import Offline, PrivacyRefused
from aqe_desktop.core.ledger import Entry, Purpose, Row, RowKind, chained
from aqe_desktop.core.models import ModelRef, Place, Proof, Zone
from aqe_desktop.machine.door import Door
from tests.doors import always_offline, never_offline

CLOUD = Place(Zone.CLOUD, Proof.PROVED)


class Rows:
    def __init__(self) -> None:
        self.entries: list[Entry] = []

    async def append(self, entry: Entry) -> Row:
        self.entries.append(entry)
        return chained(len(self.entries), "0" * 64, entry)


async def test_what_another_process_sends_for_us_has_its_rows_too() -> None:
    rows = Rows()
    door = Door(rows, never_offline)
    passage = door.passage(Errand(Purpose.PULL, "ollama/smol", CLOUD), "registry.example", "ollama")
    row = await passage.begin(0, hashlib.sha256().hexdigest())
    await passage.end(row, "200")
    sent, ended = rows.entries
    assert (sent.kind, sent.host, sent.via, sent.model) == (RowKind.SENT, "registry.example", "ollama", "ollama/smol")
    assert (ended.kind, ended.of, ended.via, ended.status) == (RowKind.ENDED, row, "ollama", "200")
    with pytest.raises(Offline):
        await Door(rows, always_offline).passage(passage.leave, "registry.example", "ollama").begin(0, "")
    assert len(rows.entries) == 2


async def test_what_has_gone_astray_is_told_with_its_files_also_while_offline() -> None:
    rows, model = Rows(), ModelRef("ollama", "smol")
    here = Place(Zone.DEVICE, Proof.PROVED)
    sent = Turn((Message(Role.USER, "", (Attachment("a.py", "x"),)),), (Route(model, here),), purpose=Purpose.EMBED)
    await Door(rows, always_offline).passage(sent, "far.example", "ollama").strayed(7, "ab")
    row, ended = rows.entries
    assert (row.zone, row.host, row.model, row.bytes, row.sha256) == (Zone.CLOUD, "far.example", str(model), 7, "ab")
    assert [file.name for file in row.files] == ["a.py"]
    assert (ended.of, ended.status, ended.zone) == (1, PrivacyRefused.kind, Zone.CLOUD)
