"""The system's own keyring, taken from a list of those that keep a secret, and proved before anything relies on it.

The library behind it may fall back to a file that everybody can read, or hang on a prompt that nobody sees."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

from aqe_desktop.core.errors import KeyringUnusable

T = TypeVar("T")
SERVICE = "aqe-desktop"
PATIENCE = 10.0  # seconds; a keyring may wait for its owner to unlock it
TRUSTED = {
    "keyring.backends.SecretService.Keyring": "Secret Service",
    "keyring.backends.kwallet.DBusKeyring": "KWallet",
    "keyring.backends.kwallet.DBusKeyringKWallet4": "KWallet",
    "keyring.backends.macOS.Keyring": "macOS Keychain",
    "keyring.backends.Windows.WinVaultKeyring": "Windows Credential Manager",
}
_CHAINER = "keyring.backends.chainer.ChainerBackend"


def find_backend() -> Any:
    """What the owner's settings for the library name, else the best of the trusted ones, else what it falls back to."""
    import keyring
    from keyring import backend, core

    named = core.load_env() or core.load_config()
    trusted = [each for each in backend.get_all_keyring() if _path(each) in TRUSTED]
    return named or max(trusted, key=lambda each: each.priority, default=None) or keyring.get_keyring()


class Keyring:
    """Named secrets of this user in the system's keyring. Every method raises KeyringUnusable, with the reason.

    Calls wait in threads of their own, which nothing waits for at the end: one that hangs holds up nobody."""

    def __init__(self, find: Callable[[], Any] = find_backend, *, patience: float = PATIENCE) -> None:
        self._find = find
        self._patience = patience
        self._turn = asyncio.Lock()
        self._last: Future[Any] | None = None
        self._hangs = False
        self._backend: Any = None

    async def prove(self) -> str:
        """The keyring's name, once a test entry was set, read back and deleted."""
        return _name(await self._proved())

    async def get(self, name: str) -> str | None:
        backend = await self._proved()
        found: str | None = await self._call(lambda: backend.get_password(SERVICE, name))
        return found

    async def set(self, name: str, value: str) -> None:
        """Read back before it returns."""
        backend = await self._proved()
        await self._call(lambda: _set(backend, name, value))

    async def delete(self, name: str) -> None:
        """One that is not there is deleted already."""
        backend = await self._proved()
        await self._call(lambda: _delete(backend, name))

    async def _proved(self) -> Any:
        if self._backend is None:
            self._backend = await self._call(lambda: _try(self._find()))
        return self._backend

    async def _call(self, work: Callable[[], T]) -> T:
        async with self._turn:
            await self._wait_for_the_last()
            self._last = job = Future[T]()
            Thread(target=_run, args=(job, work), name="aqe-keyring", daemon=True).start()
            try:
                return await asyncio.wait_for(asyncio.wrap_future(job), self._patience)
            except TimeoutError as error:
                self._hangs = True
                raise _silent(self._patience) from error

    async def _wait_for_the_last(self) -> None:
        """Who asked before may have gone without waiting for the answer; one that hung once is not waited for again."""
        last = self._last
        if last is not None and not last.done():
            if not self._hangs:
                answer = asyncio.wrap_future(last)
                answer.add_done_callback(lambda done: done.cancelled() or done.exception())
                await asyncio.wait({answer}, timeout=self._patience)
            if not last.done():
                self._hangs = True
                raise _silent(self._patience)
        self._hangs = False


def _run(job: Future[T], work: Callable[[], T]) -> None:
    if not job.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except Exception as error:  # noqa: BLE001 - a backend is foreign code over D-Bus and raises what it likes
        job.set_exception(_explained(error))
    else:
        job.set_result(result)


def _explained(error: Exception) -> KeyringUnusable:
    if isinstance(error, KeyringUnusable):
        return error
    unusable = KeyringUnusable(f"The keyring failed: {type(error).__name__}.")
    unusable.__cause__ = error
    return unusable


def _try(found: Any) -> Any:
    """The first trusted backend in what was found, after a test entry went in and out."""
    backend = next((each for each in _links(found) if _path(each) in TRUSTED), None)
    if backend is None:
        raise KeyringUnusable(f"This system has no keyring that keeps a secret (found: {_path(found)}).")
    probe = f"test-{secrets.token_hex(8)}"
    _set(backend, probe, secrets.token_hex(16))
    _delete(backend, probe)
    if backend.get_password(SERVICE, probe) is not None:
        raise KeyringUnusable(f"{_name(backend)} did not delete a test entry.")
    return backend


def _links(found: Any) -> list[Any]:
    """A chain would go on to a plain file where its first link fails, so its links are looked at one by one."""
    return list(found.backends) if _path(found) == _CHAINER else [found]


def _set(backend: Any, name: str, value: str) -> None:
    backend.set_password(SERVICE, name, value)
    if backend.get_password(SERVICE, name) != value:
        raise KeyringUnusable(f"{_name(backend)} did not give back what was put in.")


def _delete(backend: Any, name: str) -> None:
    if backend.get_password(SERVICE, name) is not None:
        backend.delete_password(SERVICE, name)


def _path(backend: Any) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _name(backend: Any) -> str:
    return TRUSTED[_path(backend)]


def _silent(patience: float) -> KeyringUnusable:
    return KeyringUnusable(f"The keyring did not answer within {patience:g} seconds.")
