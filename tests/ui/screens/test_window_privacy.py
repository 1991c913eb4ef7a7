"""Privacy in a real window, by keys alone: a secret is listed and called not private, the app goes offline."""

from __future__ import annotations

import asyncio
import time

import pytest

from aqe_desktop.core.ledger import RowKind
from aqe_desktop.machine.paths import find_paths
from aqe_desktop.settings.file import SettingsFile
from aqe_desktop.store.ledger import LedgerStore
from tests.ui.screens.test_findings import KEY
from tests.ui.screens.test_window import Window, draft, until


def kinds() -> list[RowKind]:
    """The rows of the ledger as another process reads them."""

    async def read() -> list[RowKind]:
        store = LedgerStore(find_paths().ledger, "this machine")
        try:
            return [row.entry.kind for row in await store.rows()]
        finally:
            await store.aclose()

    return asyncio.run(read())


def call_it_not_private(window: Window) -> bool:
    """Until the scanner is there the list has nothing to press, and a space only closes it. The key that opens it is on
    no act of it; Tab goes to the first."""
    window.keys("ctrl+shift+l")
    time.sleep(0.5)
    window.keys("Tab")
    window.keys("space")
    time.sleep(0.5)
    return kinds() == [RowKind.DISMISSED]


@pytest.mark.window
def test_a_secret_is_called_not_private_and_the_app_goes_offline_by_keys_alone(kept_rules: None) -> None:
    paths = find_paths()
    window = Window()
    until(lambda: paths.ledger.exists(), "the ledger")
    window.write(f"use {KEY} now")
    until(lambda: "now" in draft(paths.database, of_a_new_chat=True), "the draft")
    until(lambda: call_it_not_private(window), "the dismissal")
    window.keys("ctrl+k")
    time.sleep(0.5)
    window.write("go offline")
    window.keys("Return")
    until(lambda: SettingsFile(paths.settings).load().network.offline, "offline")
    window.keys("ctrl+3")
    time.sleep(1)
    window.close()
