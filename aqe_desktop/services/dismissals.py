"""“Not private”: what the user has said of a value, known again by its keyed hash, and told in the ledger."""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import replace

from aqe_desktop.core.errors import AqeError, UsageError
from aqe_desktop.core.findings import UNREAD, Dismissal, Finding, Found, Part, PartKind, Taint
from aqe_desktop.core.ledger import Entry, RowKind
from aqe_desktop.core.ports import Dismissals, Ledger

_AGAIN = 30.0  # seconds after which a keyring that was away is asked again
_log = logging.getLogger(__name__)
_BOUND = "An earlier message of this chat was made with this in its context."


class DismissalService:
    """`key` reads the secret of the hashes; it may raise KeyringUnusable or StorageFailed.

    Without the key nothing counts as dismissed. Methods may raise StorageFailed or a kind of it."""

    def __init__(self, store: Dismissals, key: Callable[[], Awaitable[bytes]], ledger: Ledger) -> None:
        self._store = store
        self._read_key = key
        self._ledger = ledger
        self._failed = -_AGAIN

    async def dismiss(self, found: Found, project: str) -> Dismissal:
        """From now on this value is not private in this project. Raises KeyringUnusable where it cannot be remembered,
        UsageError for what is no value."""
        if found.finding.kind == UNREAD or not (found.value or found.mark):
            raise UsageError("There is no value here to call not private.", "Wait until the scanner is ready.")
        mark = found.mark or _mark(await self._read_key(), found)
        dismissal = Dismissal(project, found.finding.kind, mark, time.time_ns() // 1_000_000)
        await self._ledger.append(_row(RowKind.DISMISSED, dismissal))
        await self._store.add(dismissal)
        return dismissal

    async def recall(self, dismissal: Dismissal) -> None:
        """The value is private again. Raises UsageError where it was not dismissed."""
        if not await self._store.remove(dismissal.project, dismissal.mark):
            raise UsageError("That finding is not dismissed.", "Look at the list again; another window may be open.")
        await self._ledger.append(_row(RowKind.RECALLED, replace(dismissal, made=time.time_ns() // 1_000_000)))

    async def of(self, project: str | None = None) -> Sequence[Dismissal]:
        """Newest first; None means those of all projects."""
        return await self._store.list(project)

    async def applied(self, found: Sequence[Found], project: str) -> tuple[Found, ...]:
        """The findings, those dismissed marked as such: what else binds at the place of one then shows itself."""
        marks = await self._store.marks(project) if found else frozenset()
        key = await self._key() if marks else b""
        if not key:
            return tuple(found)
        return tuple(told for each in found for told in _told(each, key, marks))

    async def taints_of(self, found: Sequence[Found]) -> list[Taint]:
        """What is to be remembered of a request. Without the key it is remembered for good."""
        bound = [each for each in found if each.binds and each.value and each.finding.kind != UNREAD]
        key = await self._key() if bound else b""
        return [Taint(each.finding.kind, _mark(key, each) if key else "") for each in bound]

    async def tainted(self, taints: Collection[Taint], found: Sequence[Found], project: str) -> tuple[Found, ...]:
        """The taints whose cause is not among the findings any more, as findings without a place."""
        if not taints:
            return ()
        seen = {taint.mark for taint in await self.taints_of([replace(each, dismissed=False) for each in found])}
        marks = await self._store.marks(project)
        return tuple(
            Found(_NOWHERE, Finding(taint.kind, 0, 0, 1.0, True, _BOUND), "", taint.mark in marks, taint.mark)
            for taint in taints
            if not taint.mark or taint.mark not in seen
        )

    async def _key(self) -> bytes:
        """Empty where it cannot be read; a keyring that does not answer is not waited for with every key press."""
        if time.monotonic() - self._failed < _AGAIN:
            return b""
        try:
            return await self._read_key()
        except AqeError as error:
            _log.warning("dismissals cannot be looked up: %s", error.kind)
            self._failed = time.monotonic()
            return b""


_NOWHERE = Part(0, PartKind.TEXT)


def _mark(key: bytes, found: Found) -> str:
    """Of the value as what it was found to be: a password that looks like a mail address is not taken for one."""
    told = f"{found.finding.kind}\0{found.value}".encode("utf-8", "surrogatepass")
    return hmac.new(key, told, hashlib.sha256).hexdigest()


def _told(found: Found, key: bytes, marks: Collection[str]) -> Iterator[Found]:
    dismissed = found.value != "" and _mark(key, found) in marks
    yield replace(found, dismissed=dismissed)
    if dismissed and found.finding.also:
        first, *rest = found.finding.also
        yield from _told(replace(found, finding=replace(first, also=tuple(rest))), key, marks)


def _row(kind: RowKind, dismissal: Dismissal) -> Entry:
    """Which kind of finding it was, never the value."""
    return Entry(kind, dismissal.made, project=dismissal.project, note=dismissal.kind)
