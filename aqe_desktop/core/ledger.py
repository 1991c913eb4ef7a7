"""The rows of the egress ledger, and the chain of hashes that holds them together. Pure: who stores them is `store`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from aqe_desktop.core.models import Zone

GENESIS = "0" * 64


class Purpose(StrEnum):
    """Why something leaves; the one registry. Every purpose has a test that drives it (tests/proof)."""

    CHAT = "chat"
    COUNT = "count"
    EMBED = "embed"
    MODELS = "models"
    HEALTH = "health"
    LOAD = "load"
    PULL = "pull"
    MANAGE = "manage"


class RowKind(StrEnum):
    """What a row tells: a request before it is sent, how it ended, or a decision of the user about a finding."""

    SENT = "sent"
    ENDED = "ended"
    DISMISSED = "dismissed"
    RECALLED = "recalled"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of a request: its name as sent, and the SHA-256 of its content."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One row before it is chained. Times are milliseconds since the epoch (UTC), `bytes` counts the body as sent.

    `host` is a network name with its port where that is not the usual one; `model` a model reference, or the id of the
    runtime or provider that an errand is for.
    `sha256` is of that body; `of` is the `seq` of the row that an ENDED row settles; `status` an HTTP status or a kind
    of AqeError; `cost_usd` a decimal string or ""; `via` names another process that sends for us. A row of zone
    `device` is of a place that is only declared to be here."""

    kind: RowKind
    time: int
    project: str = ""
    zone: Zone | None = None
    host: str = ""
    model: str = ""
    purpose: Purpose | None = None
    bytes: int = 0
    sha256: str = ""
    files: tuple[SentFile, ...] = ()
    rule: str = ""
    redactions: tuple[str, ...] = ()
    consent: str = ""
    via: str = ""
    of: int = 0
    status: str = ""
    cost_usd: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A chained row: `hash` covers `seq`, `previous` and every field of the entry."""

    seq: int
    previous: str
    hash: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows to show. None and "" let everything through; `since` and `until` are milliseconds, ends included.

    `search` matches rows that hold every word of it in the value of a field, A and a the same, or that have it as the
    beginning of their hash; of a hash, less than eight digits are no word."""

    search: str = ""
    project: str | None = None
    zone: Zone | None = None
    purpose: Purpose | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of a ledger at one moment, kept where who edits the ledger's file does not reach: the OS keyring."""

    ledger: str
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Which ledger this is: a random id, when it was begun (milliseconds), and whether that was on this machine."""

    id: str
    begun: int
    of_this_machine: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What reading the whole chain showed.

    `broken` is the number of the first row that is not as it was written, 0 where all are, and `what` says how;
    a ledger whose end or whole was exchanged is `broken` at the first row that is missing. Rows up to `anchored` are
    held by the anchor too; `why_unanchored` says why there is none. `notes` are remarks that break nothing."""

    rows: int
    head: str
    broken: int = 0
    what: str = ""
    anchored: int = 0
    why_unanchored: str = ""
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return self.broken == 0

    @property
    def tail(self) -> int:
        """Rows at the end that no anchor holds yet: their removal would not be noticed."""
        return self.rows - self.anchored


@dataclass(frozen=True, slots=True)
class Totals:
    """All that left since the ledger was `begun` (milliseconds): bytes and requests for which a row was due."""

    rows: int
    requests: int
    bytes_out: int
    begun: int


def canonical(seq: int, previous: str, entry: Entry) -> str:
    """The text that is hashed: JSON of all fields, keys sorted, no spaces, ASCII. `verify_ledger.py` makes the same."""
    return json.dumps(as_json(seq, previous, entry), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def told_by(text: str) -> dict[str, Any] | None:
    """The fields of a row's text; None where it is not byte for byte the form that is hashed.

    Another form (a name given twice, deep nesting) is read otherwise by other readers, SQLite among them."""
    try:
        told = json.loads(text)
        again = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and again == text else None


def as_json(seq: int, previous: str, entry: Entry) -> dict[str, Any]:
    """The fields of a row as they are exported, without its hash."""
    return {"seq": seq, "previous": previous, **asdict(entry)}


def chained(seq: int, previous: str, entry: Entry) -> Row:
    """The row that follows one whose hash is `previous`."""
    digest = hashlib.sha256(canonical(seq, previous, entry).encode()).hexdigest()
    return Row(seq, previous, digest, entry)
