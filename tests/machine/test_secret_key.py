"""One key per profile, wherever it can be kept, and the same for every process."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest

from aqe_desktop.core.errors import KeyringUnusable, StorageFailed
from aqe_desktop.machine.keyring import Keyring
from aqe_desktop.machine.secret_key import DismissalKey
from tests.machine.secret_service import secret_service


def no_keyring() -> Keyring:
    from keyring.backends import fail

    return Keyring(fail.Keyring)


async def test_without_a_keyring_it_lies_in_a_file_for_its_owner_only(tmp_path: Path) -> None:
    key = await DismissalKey(tmp_path, no_keyring()).read()
    assert len(key) == 32
    assert await DismissalKey(tmp_path, no_keyring()).read() == key
    file = tmp_path / "dismissals.key"
    assert file.read_text().strip() == key.hex()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_with_a_keyring_the_file_says_only_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from keyring.backends import SecretService

    with secret_service() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        key = await DismissalKey(tmp_path, Keyring(SecretService.Keyring)).read()
        assert await DismissalKey(tmp_path, Keyring(SecretService.Keyring)).read() == key
    assert (tmp_path / "dismissals.key").read_text().startswith("keyring dismissals-")
    assert key.hex() not in (tmp_path / "dismissals.key").read_text()
    with pytest.raises(KeyringUnusable):
        await DismissalKey(tmp_path, no_keyring()).read()


async def test_of_many_that_ask_at_once_all_get_one_key(tmp_path: Path) -> None:
    keys = await asyncio.gather(*(DismissalKey(tmp_path, no_keyring()).read() for _ in range(8)))
    assert len(set(keys)) == 1


@pytest.mark.parametrize("content", [b"", b"short", b"ab" * 31, b"\xff\xfe", b"zz" * 32])
async def test_a_file_without_a_key_gets_a_new_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "dismissals.key").write_bytes(content)
    key = await DismissalKey(tmp_path, no_keyring()).read()
    assert await DismissalKey(tmp_path, no_keyring()).read() == key


async def test_a_folder_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "dismissals.key").mkdir()
    with pytest.raises(StorageFailed, match=r"dismissals\.key cannot be read"):
        await DismissalKey(tmp_path, no_keyring()).read()
    with pytest.raises(StorageFailed, match="cannot be written"):
        await DismissalKey(tmp_path / "nowhere", no_keyring()).read()
