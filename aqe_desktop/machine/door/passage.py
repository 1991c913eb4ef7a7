"""May this request pass, and what does its row say: decided here for every client library alike."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from aqe_desktop.core.chat import Attachment, Turn
from aqe_desktop.core.consent import Consent
from aqe_desktop.core.errand import Errand
from aqe_desktop.core.errors import Offline, PrivacyRefused, StorageFailed
from aqe_desktop.core.ledger import Entry, RowKind, SentFile
from aqe_desktop.core.models import Place, Proof, Zone
from aqe_desktop.core.ports import Ledger

log = logging.getLogger(__name__)
Leave = Turn | Errand
AsksOffline = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Passage:
    """The check of one leave to `host`, a network name with its port. `via`: another process that sends it for us.

    `offline` is asked for each request, so that the switch works at once and everywhere."""

    leave: Leave
    host: str
    ledger: Ledger
    offline: AsksOffline
    via: str = ""

    async def begin(self, size: int, sha256: str) -> int | None:
        """Write the row of a request of that body; None where none is due. What this raises is not sent.

        Raises Offline, PrivacyRefused for a body that the consent does not name, StorageFailed where no row can be
        written."""
        if stays_here(self.leave.place):
            return None
        if await self.offline():
            raise Offline(f"{self.host} is not on this device, and the offline switch is on.")
        self._require_consent(sha256)
        told = replace(self._entry, files=await self._files(), bytes=size, sha256=sha256)
        return (await self.ledger.append(told)).seq

    async def end(self, row: int | None, status: str) -> None:
        """Say how the request ended: an HTTP status, or the name of what broke it off.

        A row that cannot be written is missed in the ledger, where its request then stands without an end; the reply,
        or what broke it off, is not lost for it."""
        if row is None:
            return
        await self._settle(row, replace(self._entry, kind=RowKind.ENDED, consent="", of=row, status=status))

    async def _settle(self, row: int, ended: Entry) -> None:
        try:
            await self.ledger.append(ended)
        except StorageFailed as error:
            log.warning("the end of request %d has no row: %s", row, error.kind)

    async def strayed(self, size: int, sha256: str) -> None:
        """Say what has reached `host` against the promise it was cleared by, whatever the switch says: it is gone."""
        told = replace(self._entry, zone=Zone.CLOUD, note="", rule="", consent="")
        try:
            row = await self.ledger.append(replace(told, files=await self._files(), bytes=size, sha256=sha256))
        except StorageFailed as error:
            log.error("what was to stay nearer has reached %s, and no row says so: %s", self.host, error.kind)
            return
        ended = replace(told, kind=RowKind.ENDED, of=row.seq, status=PrivacyRefused.kind)
        await self._settle(row.seq, ended)

    async def _files(self) -> tuple[SentFile, ...]:
        if isinstance(self.leave, Errand):
            return ()
        attached = (each for message in self.leave.messages for each in message.attachments)
        files = (*attached, *self.leave.sampling.files)
        return await asyncio.to_thread(lambda: tuple(_file(each) for each in files)) if files else ()

    @property
    def _entry(self) -> Entry:
        """Without what only the row of a request itself tells: its body and its files."""
        leave, place = self.leave, self.leave.place
        note = "" if place.proof is Proof.PROVED else str(place.proof)
        sent = Entry(RowKind.SENT, time.time_ns() // 1_000_000, zone=reckoned(place), host=self.host, note=note)
        sent = replace(sent, via=self.via)
        if isinstance(leave, Errand):
            return replace(sent, purpose=leave.purpose, model=leave.of)
        return replace(
            sent,
            project=leave.project,
            model=str(leave.model),
            purpose=leave.purpose,
            rule=leave.rule,
            consent=leave.consent,
        )

    def _require_consent(self, sha256: str) -> None:
        if not isinstance(self.leave, Turn) or not self.leave.consent:
            return
        if self.leave.consent != str(Consent(self.leave.model, self.host, sha256)):
            raise PrivacyRefused(
                "What would be sent is not what you said yes to, so nothing was sent.", "Look at it again, then decide."
            )


def stays_here(place: Place) -> bool:
    """Proved on this device: no row is due, and the offline switch does not mind."""
    return place.zone is Zone.DEVICE and place.proof is Proof.PROVED


def reckoned(place: Place) -> Zone:
    """The zone a row states: what nobody vouches for counts as `cloud`."""
    return Zone.CLOUD if place.proof is Proof.UNPROVED else place.zone


def _file(file: Attachment) -> SentFile:
    return SentFile(file.name, hashlib.sha256(file.content).hexdigest())
