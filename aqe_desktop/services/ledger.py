"""What left this machine, told, checked and given away: by the app here, and by anybody with the export."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from aqe_desktop.core.errors import KeyringUnusable, StorageFailed
from aqe_desktop.core.ledger import Anchor, Filter, Identity, Row, Totals, Verdict
from aqe_desktop.core.ports import Anchors, Chain
from aqe_desktop.services.diagnostics import Write
from aqe_desktop.services.ledger_export import Form, written

EVERY = 300.0  # seconds between two anchors
LAST = 5.0  # seconds that the last one may take
NOT_YET = "No row was anchored in this system's keyring yet; the open app does so every few minutes, and at its end."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds: how many rows, and the last one's hash."""

    rows: int
    head: str


class LedgerService:
    """Methods raise StorageFailed or a kind of it where the ledger's file cannot be used."""

    def __init__(self, chain: Chain, anchors: Anchors, write: Write, *, every: float = EVERY) -> None:
        self._chain = chain
        self._anchors = anchors
        self._write = write
        self._every = every
        self._anchored = 0
        self._refused = False
        self._loop: asyncio.Task[None] | None = None

    async def rows(self, wanted: Filter | None = None, *, limit: int = 200, offset: int = 0) -> Sequence[Row]:
        """Newest first."""
        return await self._chain.rows(wanted, limit=limit, offset=offset)

    async def totals(self, wanted: Filter | None = None) -> Totals:
        return await self._chain.totals(wanted)

    async def identity(self) -> Identity:
        return await self._chain.identity()

    async def data_version(self) -> int:
        """A number that differs after any other process has written."""
        return await self._chain.data_version()

    async def verify(self) -> Verdict:
        """The whole chain, held against the keyring's anchor where that can be read; seconds for 100,000 rows."""
        anchor, why = await self._read_anchor()
        verdict = await self._chain.verify(anchor)
        if not (await self._chain.identity()).of_this_machine:
            verdict = replace(verdict, notes=("This ledger was begun on another machine.", *verdict.notes))
        return replace(verdict, why_unanchored=why)

    async def _read_anchor(self) -> tuple[Anchor | None, str]:
        """The anchor, or why there is none."""
        try:
            anchor = await self._anchors.read()
        except KeyringUnusable as error:
            return None, error.message
        return anchor, "" if anchor is not None else NOT_YET

    async def export(self, form: Form) -> AsyncGenerator[str]:
        """The whole ledger up to the row that is the last now, in pieces of text. A part could not be verified."""
        async with aclosing(self._pieces(form, await self._chain.head())) as pieces:
            async for piece in pieces:
                yield piece

    async def save(self, path: Path, form: Form, *, replace: bool = False) -> Exported:
        """Raises UsageError for a file that is there and must not go, DiskFull or StorageFailed for one that fails."""
        head = await self._chain.head()
        async with aclosing(self._pieces(form, head)) as pieces:
            data = b"".join([piece.encode() async for piece in pieces])
        await asyncio.to_thread(self._write, path, data, replace=replace)
        return Exported(head.seq, head.hash)

    async def _pieces(self, form: Form, head: Anchor) -> AsyncGenerator[str]:
        identity = await self._chain.identity()
        async with aclosing(self._chain.texts(upto=head.seq)) as texts:
            async for piece in written(form, identity, head, texts):
                yield piece

    async def anchor(self) -> None:
        """Put the head into the keyring. Raises KeyringUnusable.

        Raises StorageFailed where the anchor there does not fit this ledger: it is the evidence, and it stays."""
        head = await self._chain.head()
        known = await self._anchors.read() if head.seq else head
        if known is not None and known.seq and not await self._chain.holds(known):
            raise StorageFailed("The ledger does not hold the row that was anchored.", "`aqe ledger verify` says more.")
        if known != head:
            await self._anchors.write(head)
        self._anchored = head.seq

    async def start(self) -> None:
        """Begin the ledger where there is none, and anchor every few minutes from now on, until `aclose`.

        A file that cannot be used is said when something is to leave, which it then does not."""
        try:
            await self._chain.begin()
        except StorageFailed as error:
            _log.warning("the ledger cannot be begun: %s", error.message)
        self._loop = asyncio.create_task(self._anchor_for_ever())

    async def aclose(self) -> None:
        """End the loop, and anchor what this process has put there since. Never fails, never waits long."""
        if self._loop is not None:
            self._loop.cancel()
            with suppress(asyncio.CancelledError):
                await self._loop
            self._loop = None
        if self._chain.appended > self._anchored and not self._refused:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._try_to_anchor(), LAST)

    async def _anchor_for_ever(self) -> None:
        while not self._refused:
            await asyncio.sleep(self._every)
            await self._try_to_anchor()

    async def _try_to_anchor(self) -> None:
        """A ledger without an anchor is said by `verify`; it stops nothing.

        A keyring that could not be used is not asked again before the next start: it may ask its owner each time."""
        try:
            if (await self._chain.head()).seq != self._anchored:
                await self.anchor()
        except KeyringUnusable as error:
            self._refused = True
            _log.info("the ledger is not anchored in this session: %s", error.message)
        except StorageFailed as error:
            _log.warning("the ledger was not anchored: %s", error.message)
