"""The ledger as the window holds it: a filter, the rows read so far, and what a check has shown; Qt's core only."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.history import Project
from aqe_desktop.core.ledger import Filter, Row, Totals, Verdict
from aqe_desktop.core.models import Zone
from aqe_desktop.core.ports import Projects
from aqe_desktop.services.ledger import LedgerService
from aqe_desktop.services.ledger_export import Form
from aqe_desktop.ui.tasks import Tasks

PAGE = 200
"""Rows that are read at once."""


class LedgerViewModel(QObject):
    """`totals` None until the first reading; of `wanted` it counts what the rows are a part of, `all_time` everything.

    `changed`: filter, rows or failure are others, the list begins anew. `grew(int)`: so many rows came on top (newer
    ones), or at the end where the number is negative. `checked`: `verdict` is there, or a check has begun (None).
    `saved(path, rows)`: an export is written. `failed(AqeError)`: an act failed; what is shown is as it was."""

    changed = Signal()
    grew = Signal(int)
    checked = Signal()
    saved = Signal(str, int)
    failed = Signal(object)

    def __init__(self, ledger: LedgerService, projects: Projects, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.wanted = Filter()
        self.rows: list[Row] = []
        self.totals: Totals | None = None
        self.all_time: Totals | None = None
        self.error: AqeError | None = None
        self.verdict: Verdict | None = None
        self.checking = False
        self.recent: Sequence[Project] = ()
        self._ledger, self._projects = ledger, projects
        self._newest = 0
        self._tasks, self._reading, self._watching = Tasks(self), Tasks(self), Tasks(self)
        for tasks in (self._tasks, self._reading):
            tasks.failed.connect(self.failed)

    @property
    def filtered(self) -> bool:
        return self.wanted != Filter()

    @property
    def more(self) -> bool:
        """There are older rows than those read so far."""
        return self.totals is not None and len(self.rows) < self.totals.rows

    def load(self) -> None:
        """Read the newest rows and the sums; an older reading that is under way is given up."""
        self._reading.cancel()
        self._reading.start(self._load(), name="read the ledger")

    def read_more(self) -> None:
        """The next page; while one is on its way, nothing."""
        if self.more and not self._reading.busy:
            self._reading.start(self._read_more(), name="read older rows")

    def search(self, words: str) -> None:
        self._want(replace(self.wanted, search=words))

    def choose_project(self, project: str | None) -> None:
        """None for all, "" for what belongs to no project."""
        self._want(replace(self.wanted, project=project))

    def choose_zone(self, zone: Zone | None) -> None:
        self._want(replace(self.wanted, zone=zone))

    def clear(self) -> None:
        """Show everything again."""
        self._want(Filter())

    def verify(self) -> None:
        """Check the whole chain; pressed twice it is one check."""
        if not self.checking:
            self.checking, self.verdict = True, None
            self.checked.emit()
            self._do(self._verify(), "verify the ledger")

    def forget_verdict(self) -> None:
        self.verdict = None

    def save(self, path: Path) -> None:
        """Write all of it, in the form that the name asks for; CSV where it asks for none."""
        self._do(self._save(path), "export the ledger")

    def watch(self, every: float = 1.0) -> None:
        """Look about once a second for what was written here or by another program, until `unwatch`."""
        if not self._watching.busy:
            self._watching.start(self._watch(every), name="watch the ledger")

    def unwatch(self) -> None:
        self._watching.cancel()

    async def aclose(self) -> None:
        for tasks in (self._watching, self._reading, self._tasks):
            await tasks.aclose()

    def _want(self, wanted: Filter) -> None:
        if wanted != self.wanted:
            self.wanted = wanted
            self.load()

    async def _load(self) -> None:
        wanted = self.wanted
        try:
            self.recent = await self._projects.list()
            newest = await self._ledger.rows(limit=1)
            rows = await self._ledger.rows(wanted, limit=PAGE)
            self.all_time = await self._ledger.totals()
            self.totals = await self._ledger.totals(wanted) if self.filtered else self.all_time
        except AqeError as error:
            self.error, self.rows, self.totals = error, [], None
        else:
            self.error, self.rows, self._newest = None, list(rows), newest[0].seq if newest else 0
        self.changed.emit()

    async def _read_more(self) -> None:
        before = len(self.rows)
        rows = await self._ledger.rows(self.wanted, limit=PAGE, offset=before)
        known = {row.seq for row in self.rows[-PAGE:]}
        # Rows that came on top meanwhile have moved the places of all others.
        new = [row for row in rows if row.seq not in known]
        self.rows += new
        if new:
            self.grew.emit(-len(new))

    async def _watch(self, every: float) -> None:
        """A file that fails is looked at again: whoever locks it may let go."""
        while True:
            try:
                await self._look()
            except AqeError as error:
                if self.error is None and not self._reading.busy:
                    self._fail(error)
            await asyncio.sleep(every)

    async def _look(self) -> None:
        newest = await self._ledger.rows(limit=1)
        seq = newest[0].seq if newest else 0
        if self._reading.busy or (seq == self._newest and self.error is None):
            return
        if self.error is not None or self.totals is None or not 0 < seq - self._newest <= PAGE:
            self.load()
            return
        await self._put_on_top(seq)

    async def _put_on_top(self, seq: int) -> None:
        wanted, count = self.wanted, seq - self._newest
        rows = await self._ledger.rows(wanted, limit=count)
        all_time = await self._ledger.totals()
        totals = await self._ledger.totals(wanted) if self.filtered else all_time
        if wanted != self.wanted or self._reading.busy:
            return
        new = [row for row in rows if row.seq > self._newest]
        self.all_time, self.totals = all_time, totals
        self._newest = max([seq, *(row.seq for row in new)])
        self.rows[:0] = new
        self.grew.emit(len(new))

    def _fail(self, error: AqeError) -> None:
        self.error, self.rows, self.totals = error, [], None
        self.changed.emit()

    async def _verify(self) -> None:
        try:
            self.verdict = await self._ledger.verify()
        finally:
            self.checking = False
            self.checked.emit()

    async def _save(self, path: Path) -> None:
        form = Form.JSON if path.suffix.lower() == ".json" else Form.CSV
        # The dialog has asked before it named a file that is there.
        done = await self._ledger.save(path, form, replace=True)
        self.saved.emit(str(path), done.rows)

    def _do(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.start(work, name=name)
