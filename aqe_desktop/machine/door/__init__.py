"""The one way out: whatever leaves shows a Turn or an Errand here, and its ledger row is written before it goes.

`address` says where, `passage` decides and writes the rows, `gate` does so for the requests of httpx and httpx2,
`cut` ends what is under way when the switch goes on, `rehearsal` shows what would leave and sends nothing."""

from __future__ import annotations

from aqe_desktop.machine.door.address import Address
from aqe_desktop.machine.door.door import Door, warm_up
from aqe_desktop.machine.door.rehearsal import Rehearsed
from aqe_desktop.machine.door.upload import Upload

__all__ = ["Address", "Door", "Rehearsed", "Upload", "warm_up"]
