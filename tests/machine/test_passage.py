from __future__ import annotations

import hashlib

import pytest

from aqe_desktop.core.errand import Errand
from aqe_desktop.core.errors import Offline
from aqe_desktop.core.ledger import Entry, Purpose, Row, RowKind, chained
from aqe_desktop.core.models import Place, Proof, Zone
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
