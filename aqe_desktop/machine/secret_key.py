"""The key under which values are remembered without being kept: in the keyring, else in a file for its owner only."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from pathlib import Path

from aqe_desktop.core.errors import KeyringUnusable, StorageFailed
from aqe_desktop.locks import FileLock
from aqe_desktop.machine.files import write_private
from aqe_desktop.machine.keyring import Keyring

_BYTES = 32
_IN_KEYRING = "keyring "  # what the file says, before the entry's name, where the key lies there
_PATIENCE = 20.0  # seconds; another process may just be making the key


class DismissalKey:
    """The key of the hashes by which a dismissed finding is known again. One per profile, whoever asks first makes it.

    The file says where it is, so that a keyring which is away today does not lead to a second key."""

    def __init__(self, home: Path, keyring: Keyring) -> None:
        self._path = home / "dismissals.key"
        self._keyring = keyring
        self._known = b""

    async def read(self) -> bytes:
        """32 bytes, the same each time. Raises KeyringUnusable where the keyring that holds it is away.

        Raises StorageFailed or DiskFull where a new one cannot be kept."""
        if not self._known:
            lock = await self._lock()
            try:
                self._known = await self._there() or await self._made()
            finally:
                lock.release()
        return self._known

    async def _lock(self) -> FileLock:
        """Waited for on the loop: threads that wait would be missing where the holder needs one."""
        try:
            lock = await asyncio.to_thread(FileLock, self._path.with_name(self._path.name + ".lock"))
        except OSError as error:
            raise StorageFailed(f"{self._path.parent} cannot be written: {error.strerror}.") from error
        try:
            async with asyncio.timeout(_PATIENCE):
                while not lock.try_exclusive():  # noqa: ASYNC110 - nobody is told when a file's lock is free
                    await asyncio.sleep(0.02)
        except BaseException as error:
            lock.release()
            if isinstance(error, TimeoutError):
                raise StorageFailed(f"{self._path} is in use by another program.", "Try again later.") from error
            raise
        return lock

    async def _there(self) -> bytes:
        """Empty where there is none of use: then a new one is made, and what was dismissed is asked again."""
        told = await asyncio.to_thread(self._told)
        if told.startswith(_IN_KEYRING):
            told = await self._keyring.get(told.removeprefix(_IN_KEYRING)) or ""
        with suppress(ValueError):
            key = bytes.fromhex(told)
            return key if len(key) == _BYTES else b""
        return b""

    async def _made(self) -> bytes:
        key = secrets.token_bytes(_BYTES)
        place = f"dismissals-{secrets.token_hex(8)}"
        try:
            await self._keyring.set(place, key.hex())
        except KeyringUnusable:
            await asyncio.to_thread(self._write, key.hex())
        else:
            await asyncio.to_thread(self._write, f"{_IN_KEYRING}{place}")
        return key

    def _told(self) -> str:
        try:
            return self._path.read_text(encoding="ascii").strip()
        except (FileNotFoundError, ValueError):
            return ""
        except OSError as error:
            raise StorageFailed(f"{self._path} cannot be read: {error.strerror}.", "Check its permissions.") from error

    def _write(self, text: str) -> None:
        write_private(self._path, f"{text}\n".encode())
