"""The egress ledger in a file of its own: rows are only ever put at its end, by any process, each bound to the last."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from aqe_desktop.core.errors import StorageFailed
from aqe_desktop.core.ledger import Anchor, Entry, Filter, Identity, Row, Totals, Verdict
from aqe_desktop.store.database import Database
from aqe_desktop.store.layout import LEDGER

if TYPE_CHECKING:
    import apsw

    from aqe_desktop.store.chain_file import Look
    from aqe_desktop.store.chain_reading import ChainReading
    from aqe_desktop.store.migrate import Migration

T = TypeVar("T")
MIGRATIONS = Path(__file__).with_name("ledger_migrations")
_RANDOM = 32  # digits of a name that are random
_PAGE = 1000  # rows read at once: others get their turn between two pages


class LedgerStore:
    """A Chain over one file. Opened when it is first needed, so that a file that cannot be used stops only what leaves.

    `machine` is a mark of this machine. Every method may raise StorageFailed or a kind of it."""

    def __init__(self, path: Path, machine: str) -> None:
        self.path = path
        self._machine = machine
        self._opening = asyncio.Lock()
        self._database: Database | None = None
        self._identity: Identity | None = None
        self._steps: tuple[Migration, ...] = ()
        self._look: Look | None = None
        self.appended = 0

    async def append(self, entry: Entry) -> Row:
        """On disk when it returns; also when the task that waits for it is cancelled the row is written whole."""
        from aqe_desktop.store import chain

        database = await self._open()
        row = await database.write(lambda c: chain.add(self._ours(c), entry))
        await database.outside(self._kept)
        self.appended = row.seq
        return row

    async def begin(self) -> None:
        """One that exists is opened when it is needed: that costs a start nothing."""
        if not await asyncio.to_thread(self.path.exists):
            await self._open()

    async def rows(self, wanted: Filter | None = None, *, limit: int = 200, offset: int = 0) -> Sequence[Row]:
        from aqe_desktop.store import chain

        return await self._read(lambda c: chain.listed(c, wanted or Filter(), limit, offset))

    async def texts(self, after: int | None = None, upto: int | None = None) -> AsyncGenerator[tuple[str, str]]:
        from aqe_desktop.store import chain
        from aqe_desktop.store.failures import damaged

        while page := await self._read(lambda c, start=after: chain.page(c, start, upto, _PAGE)):  # type: ignore[misc]
            for _, digest, text in page:
                yield text, digest
            if after is not None and page[-1][0] <= after:  # a damaged file could be read for ever
                raise damaged(self.path, None)
            after = page[-1][0]

    async def verify(self, anchor: Anchor | None = None) -> Verdict:
        """Page by page on the database's thread: neither the loop nor a row that is due waits for the whole."""
        from aqe_desktop.store.chain_reading import ChainReading

        reading = ChainReading(anchor, (await self.identity()).id)
        while await self._read(lambda c: _read_on(c, reading)):
            pass
        return reading.verdict()

    async def identity(self) -> Identity:
        await self._open()
        assert self._identity is not None
        return self._identity

    async def head(self) -> Anchor:
        from aqe_desktop.store import chain

        identity = await self.identity()
        return await self._read(lambda c: chain.head(c, identity.id))

    async def holds(self, anchor: Anchor) -> bool:
        from aqe_desktop.store import chain

        identity = await self.identity()
        found = await self._read(lambda c: chain.hash_of(c, anchor.seq))
        return (identity.id, found) == (anchor.ledger, anchor.hash)

    async def totals(self, wanted: Filter | None = None) -> Totals:
        from aqe_desktop.store import chain

        identity = await self.identity()
        return await self._read(lambda c: chain.summed(c, wanted or Filter(), identity.begun))

    async def data_version(self) -> int:
        return await (await self._open()).data_version()

    async def aclose(self) -> None:
        """A second call does nothing."""
        database, self._database = self._database, None
        if database is not None:
            await database.close()

    async def _read(self, work: Callable[[apsw.Connection], T]) -> T:
        return await (await self._open()).read(lambda c: work(self._ours(c)))

    def _ours(self, connection: apsw.Connection) -> apsw.Connection:
        """Looked at each time: another program may change the file while it is open."""
        from aqe_desktop.store.chain_file import refuse_exchanged, refuse_rebuilt

        self._look = refuse_exchanged(self.path, self._look)
        refuse_rebuilt(connection, self.path, self._steps)
        return connection

    def _kept(self) -> None:
        """Looked at once more, for what is acknowledged next is the row."""
        from aqe_desktop.store.chain_file import refuse_exchanged

        self._look = refuse_exchanged(self.path, self._look, written=True)

    async def _open(self) -> Database:
        async with self._opening:
            if self._database is None:
                self._database = await self._opened()
            return self._database

    async def _opened(self) -> Database:
        import apsw

        from aqe_desktop.store.chain_file import rebuilt
        from aqe_desktop.store.migrate import shipped

        self._steps = await asyncio.to_thread(shipped, MIGRATIONS)
        try:
            database = await Database.open(self.path, migrations=self._steps, application=LEDGER)
        except apsw.SQLError as error:  # its tables do not take what a migration brings
            raise rebuilt(self.path, str(error)) from error
        try:
            self._identity = await database.read(self._met) or await database.write(self._begun)
        except BaseException:
            await database.close()
            raise
        return database

    def _met(self, connection: apsw.Connection) -> Identity | None:
        """The file is known from the first look into it on."""
        from aqe_desktop.store.chain_file import look, refuse_rebuilt

        refuse_rebuilt(connection, self.path, self._steps)
        self._look = look(self.path)
        return self._recognised(connection)

    def _recognised(self, connection: apsw.Connection) -> Identity | None:
        from aqe_desktop.store.rows import select

        found = select(connection, "SELECT id, begun, machine FROM ledger")
        if found:
            (name, begun, machine), *others = found
            if others or not _fits(name, begun, machine):
                raise StorageFailed(
                    f"The ledger {self.path} was given another name, beginning or machine than it was begun with.",
                    f"Keep a copy, then move {self.path} away.",
                )
            return Identity(name, begun, machine == self._machine)
        if select(connection, "SELECT 1 FROM chain LIMIT 1"):
            raise StorageFailed(
                f"The ledger {self.path} has lost its name.", f"Keep a copy, then move {self.path} away."
            )
        return None

    def _begun(self, connection: apsw.Connection) -> Identity:
        """Asked again: another process may have been faster."""
        known = self._recognised(connection)
        if known is not None:
            return known
        begun = time.time_ns() // 1_000_000
        new = (_named(uuid.uuid4().hex, begun, self._machine), begun)
        connection.execute("INSERT INTO ledger (id, begun, machine) VALUES (?, ?, ?)", (*new, self._machine))
        return Identity(*new)


def _named(random: str, begun: int, machine: str) -> str:
    """The name that the anchor holds covers the beginning and the machine, which no row's hash does.

    Without a key: who reads this can make a fitting name, and only an anchor shows that it is another."""
    return random + hashlib.sha256(json.dumps([random, begun, machine]).encode()).hexdigest()[: len(random)]


def _fits(name: str, begun: int, machine: str) -> bool:
    return name == _named(name[:_RANDOM], begun, machine)


def _read_on(connection: apsw.Connection, reading: ChainReading) -> bool:
    """Whether there was anything left to read."""
    from aqe_desktop.store import chain

    page = chain.page(connection, reading.rows or None, None, _PAGE)
    reading.take(page)
    return bool(page) and not reading.broken
