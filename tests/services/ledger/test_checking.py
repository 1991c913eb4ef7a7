"""Whatever is done to a ledger is seen by the app; what only the anchor can see is seen with one."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from aqe_desktop.core.errors import KeyringUnusable, StorageFailed
from aqe_desktop.machine.anchors import KeyringAnchors
from aqe_desktop.machine.files import write_private
from aqe_desktop.machine.keyring import Keyring
from aqe_desktop.services import ledger as ledger_module
from aqe_desktop.services.ledger import LedgerService
from aqe_desktop.services.ledger_export import Form
from aqe_desktop.store.ledger import LedgerStore
from tests.services.ledger.tampering import HOSTILE, edit, fill, forged, rewritten, script, without_keyring

TAMPERINGS = {
    "edit": (["UPDATE chain SET text = replace(text, '\"bytes\":3', '\"bytes\":0') WHERE seq = 4"], 4, "was changed"),
    "edit of the hash": (["UPDATE chain SET hash = upper(hash) WHERE seq = 4"], 4, "was changed"),
    "no text": (["UPDATE chain SET text = 'gone' WHERE seq = 4"], 4, "was changed"),
    "another form": (["UPDATE chain SET text = text || ' ' WHERE seq = 8"], 8, "was changed"),
    "a field given twice": (
        ["""UPDATE chain SET text = '{"zone":"device","bytes":0,"kind":"ended",' || substr(text, 2) WHERE seq = 4"""],
        4,
        "was changed",
    ),
    "below the first": (
        ["INSERT INTO chain (seq, hash, text) SELECT -5, hash, text FROM chain WHERE seq = 4"],
        1,
        "Row -5 stands where row 1 is due",
    ),
    "nested too deep": ([f"UPDATE chain SET text = '{'[' * 60_000}' WHERE seq = 4"], 4, "was changed"),
    "delete": (["DELETE FROM chain WHERE seq IN (3, 4)"], 3, "Rows 3 to 4 are missing"),
    "delete and close the gap": (
        ["DELETE FROM chain WHERE seq = 3", "UPDATE chain SET seq = seq - 1 WHERE seq > 3"],
        3,
        "changed places",
    ),
    "reorder": (
        [
            "UPDATE chain SET seq = -1 WHERE seq = 4",
            "UPDATE chain SET seq = 4 WHERE seq = 5",
            "UPDATE chain SET seq = 5 WHERE seq = -1",
        ],
        4,
        "changed places",
    ),
    "insert": (
        [
            "UPDATE chain SET seq = -seq WHERE seq > 4",
            "UPDATE chain SET seq = 1 - seq WHERE seq < 0",
            "INSERT INTO chain (seq, hash, text) SELECT 5, hash, text FROM chain WHERE seq = 4",
        ],
        5,
        "changed places",
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
async def test_app_and_script_see_each_tampering_without_an_anchor(
    store: LedgerStore, tmp_path: Path, name: str
) -> None:
    statements, broken, what = TAMPERINGS[name]
    await fill(store)
    await store.aclose()
    edit(store.path, *statements)
    service = without_keyring(store, tmp_path)
    verdict = await service.verify()
    assert (verdict.broken, what in verdict.what) == (broken, True)
    for form in Form:
        await service.save(tmp_path / f"export.{form}", form)
        assert script(tmp_path / f"export.{form}")[0] == int(not verdict.ok)


async def test_app_and_script_see_a_row_that_was_made_anew(store: LedgerStore, tmp_path: Path) -> None:
    await fill(store)
    await store.aclose()
    forged(store.path)
    service = without_keyring(store, tmp_path)
    verdict = await service.verify()
    assert (verdict.broken, "Row 5 does not follow row 4" in verdict.what) == (5, True)
    for form in Form:
        await service.save(tmp_path / f"export.{form}", form)
        assert script(tmp_path / f"export.{form}")[0] == 1


async def test_only_the_anchor_sees_rows_taken_off_the_end(
    store: LedgerStore, service: LedgerService, tmp_path: Path
) -> None:
    await fill(store)
    await service.anchor()
    await store.append(HOSTILE)
    assert (await service.verify()).tail == 1
    await store.aclose()
    edit(store.path, "DELETE FROM chain WHERE seq > 6")
    assert (await without_keyring(store, tmp_path).verify()).ok
    verdict = await service.verify()
    assert (verdict.ok, verdict.broken) == (False, 7)
    assert verdict.what == "Rows 7 to 8 are missing at the end: row 8 was anchored."


async def test_only_the_anchor_sees_a_chain_that_was_written_anew(
    store: LedgerStore, service: LedgerService, tmp_path: Path
) -> None:
    await fill(store)
    await service.anchor()
    await store.aclose()
    rewritten(store.path)
    assert (await without_keyring(store, tmp_path).verify()).ok
    verdict = await service.verify()
    assert (verdict.broken, verdict.what) == (8, "Row 8 is not the one that was anchored: the chain was written anew.")


async def test_the_anchor_sees_another_ledger_in_the_place(store: LedgerStore, service: LedgerService) -> None:
    await fill(store)
    await service.anchor()
    await store.aclose()
    for file in store.path.parent.glob("ledger.db*"):
        file.unlink()
    verdict = await service.verify()
    assert (verdict.broken, verdict.what) == (
        1,
        "Another ledger with 8 rows was anchored here: this one took its place.",
    )


async def test_an_anchor_that_does_not_fit_is_kept_as_evidence(store: LedgerStore, service: LedgerService) -> None:
    await fill(store)
    await service.anchor()
    await store.aclose()
    edit(store.path, "DELETE FROM chain WHERE seq > 6")
    with pytest.raises(StorageFailed, match="does not hold the row that was anchored"):
        await service.anchor()
    await service.aclose()
    assert not (await service.verify()).ok


async def test_an_anchored_ledger_says_so(store: LedgerStore, service: LedgerService) -> None:
    assert (await service.verify()).why_unanchored == ledger_module.NOT_YET
    await service.anchor()
    assert (await service.verify()).why_unanchored == ledger_module.NOT_YET
    await fill(store)
    await service.anchor()
    verdict = await service.verify()
    assert (verdict.ok, verdict.anchored, verdict.tail, verdict.why_unanchored) == (True, 8, 0, "")


async def test_without_a_keyring_it_is_unanchored_and_says_why(store: LedgerStore, tmp_path: Path) -> None:
    service = without_keyring(store, tmp_path)
    await fill(store)
    verdict = await service.verify()
    assert (verdict.ok, verdict.anchored, verdict.tail) == (True, 0, 8)
    assert "no keyring" in verdict.why_unanchored
    with pytest.raises(KeyringUnusable):
        await service.anchor()
    await service.aclose()


async def test_the_open_app_anchors_again_and_again_and_at_its_end(
    store: LedgerStore, keyring: Keyring, tmp_path: Path
) -> None:
    anchors = KeyringAnchors(keyring, tmp_path)
    service = LedgerService(store, anchors, write_private, every=0.02)
    await service.start()
    await fill(store, 3)
    while (await anchors.read()) != await store.head():  # noqa: ASYNC110 - what is waited for is another thread's
        await asyncio.sleep(0.02)
    await service.aclose()
    late = LedgerService(store, anchors, write_private)
    await late.start()
    await store.append(HOSTILE)
    await late.aclose()
    anchor = await anchors.read()
    assert anchor is not None
    assert anchor.seq == 4


async def test_a_keyring_that_hangs_does_not_hold_up_the_end(
    store: LedgerStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs = threading.Event()
    monkeypatch.setattr(ledger_module, "LAST", 0.05)
    service = LedgerService(store, KeyringAnchors(Keyring(lambda: hangs.wait(30)), tmp_path), write_private)
    await service.start()
    await fill(store, 1)
    await asyncio.wait_for(service.aclose(), 10)
    hangs.set()


async def test_who_puts_nothing_in_does_not_ask_the_keyring(store: LedgerStore, tmp_path: Path) -> None:
    asked: list[str] = []
    await fill(store)
    await store.aclose()
    reader = LedgerStore(store.path, "this machine")
    service = LedgerService(reader, KeyringAnchors(Keyring(lambda: asked.append("")), tmp_path), write_private)
    await service.start()
    assert len(await service.rows()) == 8
    await service.aclose()
    await reader.aclose()
    assert asked == []


async def test_a_keyring_that_refuses_is_asked_once_a_session(store: LedgerStore, tmp_path: Path) -> None:
    asked = asyncio.Event()
    count = 0
    loop = asyncio.get_running_loop()

    def refuse() -> None:
        nonlocal count
        count += 1
        loop.call_soon_threadsafe(asked.set)

    await fill(store)
    service = LedgerService(store, KeyringAnchors(Keyring(refuse), tmp_path), write_private, every=0.01)
    await service.start()
    await asked.wait()
    await asyncio.sleep(0.2)
    await service.aclose()
    assert count == 1


async def test_an_unchanged_ledger_does_not_trouble_the_keyring(
    store: LedgerStore, keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchors = KeyringAnchors(keyring, tmp_path)
    await fill(store)
    service = LedgerService(store, anchors, write_private, every=0.01)
    await service.anchor()
    asked: list[str] = []
    monkeypatch.setattr(keyring, "get", asked.append)
    await service.start()
    await asyncio.sleep(0.2)
    await service.aclose()
    assert asked == []


async def test_a_ledger_that_cannot_be_used_stops_no_start(tmp_path: Path) -> None:
    store = LedgerStore(tmp_path / "missing folder" / "ledger.db", "this machine")
    service = without_keyring(store, tmp_path)
    await service.start()
    await service.aclose()
    with pytest.raises(StorageFailed):
        await store.append(HOSTILE)


async def test_a_ledger_copied_from_another_machine_is_said(store: LedgerStore, keyring: Keyring) -> None:
    await fill(store)
    await store.aclose()
    copy = LedgerStore(store.path, "another machine")
    verdict = await LedgerService(copy, KeyringAnchors(keyring, store.path.parent), write_private).verify()
    await copy.aclose()
    assert (verdict.ok, verdict.notes) == (True, ("This ledger was begun on another machine.",))


async def test_a_link_to_the_data_folder_leads_to_the_same_anchor(
    store: LedgerStore, service: LedgerService, keyring: Keyring, tmp_path: Path
) -> None:
    await fill(store)
    await service.anchor()
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    assert await KeyringAnchors(keyring, link).read() == await store.head()
