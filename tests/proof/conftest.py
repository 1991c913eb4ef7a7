"""A sealed network for each test, and a profile in it whose programs trust the sink's certificates."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from aqe_desktop.core.ledger import Row
from aqe_desktop.store.ledger import LedgerStore
from tests.proof.judge import judge
from tests.proof.seal import Seal, sealed
from tests.rules import keep_rules

CANARY = "canary-4711-heron-in-the-reeds"


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile inside the seal."""

    seal: Seal
    home: Path
    folder: Path

    def run(self, *command: str, timeout: float = 120) -> CompletedProcess[str]:
        """A program of the tests' Python: `aqe` for the command line, else the path of a script."""
        words = ["-m", "aqe_desktop.cli.main", *command[1:]] if command[0] == "aqe" else list(command)
        known = {key: os.environ[key] for key in ("PATH", "LANG", "XDG_RUNTIME_DIR") if key in os.environ}
        own = {"AQE_HOME": str(self.home), "HOME": str(self.folder), "CANARY": CANARY, "PYTHONPATH": "."}
        return self.seal.run([sys.executable, *words], {**known, **own}, timeout=timeout)

    def rows(self) -> Sequence[Row]:
        """The ledger of the profile."""
        return asyncio.run(self._rows())

    def complaints(self) -> list[str]:
        """What the judge says of all that happened so far."""
        return judge(self.seal.seen(), self.rows())

    async def _rows(self) -> Sequence[Row]:
        store = LedgerStore(self.home / "ledger.db", "proof")
        try:
            return await store.rows(limit=1000) if (self.home / "ledger.db").exists() else []
        finally:
            await store.aclose()


@pytest.fixture
def profile(tmp_path: Path, own_home: None) -> Iterator[Profile]:
    home, folder = tmp_path / "home", tmp_path / "user"
    for each in (home, folder):
        each.mkdir(mode=0o700)
    keep_rules(home)
    with sealed(tmp_path, sys.executable) as seal:
        (home / "settings.toml").write_text(f'[network]\nextra_ca = "{seal.authority}"\n')
        yield Profile(seal, home, folder)
