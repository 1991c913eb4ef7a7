"""A ledger in a file, and a service over it that anchors it in a real keyring."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from aqe_desktop.machine.anchors import KeyringAnchors
from aqe_desktop.machine.files import write_private
from aqe_desktop.machine.keyring import Keyring
from aqe_desktop.services.ledger import LedgerService
from aqe_desktop.store.ledger import LedgerStore
from tests.machine.secret_service import secret_service


@pytest.fixture(scope="module")
def bus() -> Iterator[str]:
    with secret_service() as address:
        yield address


@pytest.fixture
def keyring(bus: str, monkeypatch: pytest.MonkeyPatch) -> Keyring:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    from keyring.backends import SecretService

    return Keyring(SecretService.Keyring)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[LedgerStore]:
    opened = LedgerStore(tmp_path / "ledger.db", "this machine")
    yield opened
    await opened.aclose()


@pytest.fixture
def service(store: LedgerStore, keyring: Keyring, tmp_path: Path) -> LedgerService:
    return LedgerService(store, KeyringAnchors(keyring, tmp_path), write_private)
