"""The ledger as a file that anybody can check: `resources/verify_ledger.py` reads both, and needs nothing of us."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncGenerator
from enum import StrEnum
from typing import Any

from aqe_desktop.core.ledger import Anchor, Entry, Identity, RowKind, as_json, told_by

COLUMNS = (*as_json(0, "", Entry(RowKind.SENT, 0)), "hash")
ABSENT = "-"  # a field that a row did not have yet when it was hashed
_FORMULA = "=+-@'\t\r\n"  # a spreadsheet would run a text that begins so


class Form(StrEnum):
    """How an export is written."""

    CSV = "csv"
    JSON = "json"


async def written(
    form: Form, identity: Identity, head: Anchor, texts: AsyncGenerator[tuple[str, str]]
) -> AsyncGenerator[str]:
    """Pieces of the export; `texts` are the rows as they were hashed, with their hashes."""
    pieces = _as_csv(texts) if form is Form.CSV else _as_json(identity, head, texts)
    async for piece in pieces:
        yield piece


async def _as_json(identity: Identity, head: Anchor, texts: AsyncGenerator[tuple[str, str]]) -> AsyncGenerator[str]:
    """One object; each row on a line of its own with exactly the fields that were hashed, and its hash."""
    top = {"ledger": identity.id, "begun": identity.begun, "count": head.seq, "head": head.hash}
    yield json.dumps(top)[:-1] + ', "rows": ['
    separator = "\n"
    async for text, digest in texts:
        yield separator + json.dumps({**_told(text), "hash": digest})
        separator = ",\n"
    yield "\n]}\n"


async def _as_csv(texts: AsyncGenerator[tuple[str, str]]) -> AsyncGenerator[str]:
    yield _line(COLUMNS)
    async for text, digest in texts:
        told = {**_told(text), "hash": digest}
        yield _line(tuple(_cell(told[name]) if name in told else ABSENT for name in COLUMNS))


def _told(text: str) -> dict[str, Any]:
    """What somebody made unreadable is given away too: it is what a check is to find."""
    told = told_by(text)
    return {"unreadable": text} if told is None else told


def _cell(value: Any) -> str:
    """Lists as JSON; nothing as nothing; a text that looks like a formula behind an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, list):
        return json.dumps(value)
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text[:1] and text[0] in _FORMULA else text


def _line(cells: tuple[str, ...]) -> str:
    """Every cell in quotes: the library leaves them out around a carriage return, which readers take for an end."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(cells)
    return out.getvalue()
