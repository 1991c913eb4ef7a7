"""Doors for tests: one that may only be used for what is proved to stay on this device."""

from __future__ import annotations

from aqe_desktop.core.ledger import Entry, Row
from aqe_desktop.machine.door import Door


class NoRows:
    """A ledger for requests of which none is due; a row fails the test."""

    async def append(self, entry: Entry) -> Row:
        raise AssertionError(f"a row was due: {entry}")


async def never_offline() -> bool:
    return False


async def always_offline() -> bool:
    return True


def local_door() -> Door:
    """Closed for everything but proved `device`."""
    return Door(NoRows(), always_offline)
