"""What an earlier version chained verifies for ever: a hash that no longer fits would call an honest ledger forged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aqe_desktop.store.ledger import LedgerStore
from tests.store.ledgers.make import ROWS

_LEDGERS = sorted((Path(__file__).parent / "ledgers").glob("*.db"))
_HEADS = {"0.1.0": "e0363884242168090a99e8555bc42a7f8d3e37ea4c95134de8f454dcbd183886"}


def test_there_is_a_ledger_of_every_release() -> None:
    assert [path.stem for path in _LEDGERS] == list(_HEADS)


@pytest.mark.parametrize("released", _LEDGERS, ids=lambda path: path.stem)
async def test_a_ledger_of_an_earlier_version_is_read_verified_and_continued(released: Path, tmp_path: Path) -> None:
    ledger = LedgerStore(Path(shutil.copy(released, tmp_path / "ledger.db")), "a machine")
    verdict = await ledger.verify()
    assert (verdict.ok, verdict.rows, verdict.head) == (True, len(ROWS), _HEADS[released.stem])
    assert [row.entry for row in reversed(await ledger.rows())] == list(ROWS)
    assert (await ledger.append(ROWS[0])).previous == verdict.head
    assert (await ledger.verify()).ok
    await ledger.aclose()
