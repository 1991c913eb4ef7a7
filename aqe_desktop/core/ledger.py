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
    HEALTH = "health"


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

    `sha256` is of that body; `of` is the `seq` of the row that an ENDED row settles; `status` an HTTP status or a kind
    of AqeError; `cost_usd` a decimal string or ""; `via` names another process that sends for us. A row of zone
    `device` counts 0 bytes out."""

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


def canonical(seq: int, previous: str, entry: Entry) -> str:
    """The text that is hashed: JSON of all fields, keys sorted, no spaces, ASCII. `verify_ledger.py` makes the same."""
    return json.dumps(as_json(seq, previous, entry), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def as_json(seq: int, previous: str, entry: Entry) -> dict[str, Any]:
    """The fields of a row as they are exported, without its hash."""
    return {"seq": seq, "previous": previous, **asdict(entry)}


def chained(seq: int, previous: str, entry: Entry) -> Row:
    """The row that follows one whose hash is `previous`."""
    digest = hashlib.sha256(canonical(seq, previous, entry).encode()).hexdigest()
    return Row(seq, previous, digest, entry)
