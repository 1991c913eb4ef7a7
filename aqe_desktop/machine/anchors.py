"""The ledger's head in the system's keyring: who shortens the file does not reach that entry by the way."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from aqe_desktop.core.errors import KeyringUnusable
from aqe_desktop.core.ledger import Anchor
from aqe_desktop.machine.keyring import Keyring


class KeyringAnchors:
    """One entry per data folder, so that a ledger that was exchanged for a new one is noticed too.

    A link to the folder names the same entry."""

    def __init__(self, keyring: Keyring, home: Path) -> None:
        self._keyring = keyring
        self._name = f"ledger-{hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:16]}"

    async def read(self) -> Anchor | None:
        """Raises KeyringUnusable, also for an entry that is none of ours."""
        told = await self._keyring.get(self._name)
        return None if told is None else self._from(told)

    async def write(self, anchor: Anchor) -> None:
        await self._keyring.set(self._name, json.dumps(asdict(anchor)))

    def _from(self, told: str) -> Anchor:
        try:
            entry = json.loads(told)
            return Anchor(str(entry["ledger"]), int(entry["seq"]), str(entry["hash"]))
        except (KeyError, TypeError, ValueError) as error:
            raise KeyringUnusable(
                "The ledger's entry in the keyring cannot be read.", f"Delete the entry “{self._name}” of aqe-desktop."
            ) from error
